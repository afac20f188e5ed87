import { scriptShares } from '@matome/primitives/text';

/** A text with fewer different units than this share of all its units only repeats itself. */
const leastVariety = 0.1;
const mostSigns = 0.3;
const mostCapitals = 0.7;
const eastAsianShare = 0.1;
const eastAsian = /[\u3000-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f]/g;
const beyondAscii = /[^\u0000-\u007f]/;
const wordOrSpace = /[\p{L}\p{M}\p{N}\s]/gu;
const capital = /\p{Lu}/gu;

/**
 * Whether a text looks generated to fill space: repetition, mostly signs, mostly capitals.
 *
 * Text with East Asian characters (more than a tenth) is judged by runs of four characters, as it has no spaces, and may
 * hold any signs.
 *
 * @remarks O(length).
 */
export function isSuspicious(text: string): boolean {
  const length = text.length;
  const asian = beyondAscii.test(text) && (text.match(eastAsian)?.length ?? 0) > length * eastAsianShare;
  const units = asian ? characterRuns(text) : text.toLowerCase().split(/\s+/);
  if (new Set(units).size < leastVariety * units.length) return true;
  if (asian) return scriptShares(text).letters === 0;
  const { characters, signs, capitals } = countAscii(text) ?? countCharacters(text);
  return signs > mostSigns * characters || capitals > mostCapitals * characters;
}

interface CharacterCounts {
  readonly characters: number;
  /** All but letters, marks, numbers and white space. */
  readonly signs: number;
  readonly capitals: number;
}

function countCharacters(text: string): CharacterCounts {
  const characters = Array.from(text).length;
  return {
    characters,
    signs: characters - (text.match(wordOrSpace)?.length ?? 0),
    capitals: text.match(capital)?.length ?? 0,
  };
}

/** The same without a list of all characters; undefined for a text with characters beyond ASCII. */
function countAscii(text: string): CharacterCounts | undefined {
  let words = 0;
  let capitals = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c >= 0x80) return undefined;
    if (c >= 97 && c <= 122) words++;
    else if (c >= 65 && c <= 90) capitals++;
    else if (c === 32 || (c >= 48 && c <= 57) || (c >= 9 && c <= 13)) words++;
  }
  return { characters: text.length, signs: text.length - words - capitals, capitals };
}

function characterRuns(text: string): string[] {
  const runs: string[] = [];
  for (let i = 0; i + 4 <= text.length; i += 4) runs.push(text.slice(i, i + 4));
  return runs;
}
