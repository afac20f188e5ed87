import { scriptShares } from '@matome/primitives/text';

/** A text with fewer different units than this share of all its units only repeats itself. */
const leastVariety = 0.1;
const mostSigns = 0.3;
const mostCapitals = 0.7;
const eastAsianShare = 0.1;
const eastAsian = /[\u3000-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f]/g;
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
  const asian = (text.match(eastAsian)?.length ?? 0) > length * eastAsianShare;
  const units = asian ? characterRuns(text) : text.toLowerCase().split(/\s+/);
  if (new Set(units).size < leastVariety * units.length) return true;
  if (asian) return scriptShares(text).letters === 0;
  const plain = text.match(wordOrSpace)?.length ?? 0;
  const characters = Array.from(text).length;
  if (characters - plain > mostSigns * characters) return true;
  return (text.match(capital)?.length ?? 0) > mostCapitals * characters;
}

function characterRuns(text: string): string[] {
  const runs: string[] = [];
  for (let i = 0; i + 4 <= text.length; i += 4) runs.push(text.slice(i, i + 4));
  return runs;
}
