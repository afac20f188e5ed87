import { displayWidth } from '@matome/primitives/text';

/** Columns below which a sentence says too little: about four English words or ten Japanese characters. */
const minWidth = 20;
const maxWidth = 600;
const codeShare = 0.12;

/**
 * Whether a sentence can stand for its article: long enough, not a wall of text, not code, not an address.
 *
 * @example
 * isUsableSentence('The river rose by two metres overnight.') // => true
 */
export function isUsableSentence(text: string): boolean {
  const width = displayWidth(text);
  if (width < minWidth || width > maxWidth) return false;
  const signs = text.match(/[{}[\]();=<>|\\/_*#]/g)?.length ?? 0;
  if (signs / text.length > codeShare) return false;
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  return letters / text.length > 0.5;
}
