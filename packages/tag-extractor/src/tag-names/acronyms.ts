import type { Candidate, Occurrence } from '../candidates/candidate.js';

/** A short form and the phrase that the text itself gives for it. */
export interface AcronymDefinition {
  /** Index of the short form among the candidates. */
  readonly short: number;
  /** Index of the phrase. */
  readonly long: number;
}

const shortForm = /[([（]\s?([\p{Lu}\p{N}][\p{L}\p{N}.&/-]{1,9})\s?[)\]）]/gu;

/**
 * Finds acronyms that a text defines in brackets behind their expansion: `support vector machine (SVM)`, `国際通貨基金（IMF）`.
 *
 * An English expansion must hold the letters of the acronym in order, the first one at the start of a word; a Japanese one
 * is the compound before the bracket.
 *
 * @returns pairs whose both sides are candidates, each short form once.
 * @remarks O(text + occurrences).
 * @see Schwartz, Hearst (2003), A simple algorithm for identifying abbreviation definitions, doi:10.1142/9789812776303_0042
 */
export function findAcronyms(
  fields: { readonly title: string; readonly body: string },
  candidates: readonly Candidate[],
): AcronymDefinition[] {
  const definitions = new Map<number, number>();
  for (const field of ['title', 'body'] as const) {
    const text = fields[field];
    if (!/[([（]/.test(text)) continue;
    const starts = new Map<number, number[]>();
    const ends = new Map<number, number[]>();
    candidates.forEach(({ occurrences }, i) => {
      for (const place of occurrences) {
        if (place.field !== field) continue;
        note(starts, place.start, i);
        note(ends, place.end, i);
      }
    });
    for (const match of text.matchAll(shortForm)) {
      const from = match.index + match[0].indexOf(match[1]!);
      const short = starts.get(from)?.find((i) => hasPlace(candidates[i]!, field, from, from + match[1]!.length));
      if (short === undefined || definitions.has(short)) continue;
      const before = text.slice(0, match.index).trimEnd().length;
      const long = (ends.get(before) ?? [])
        .filter((i) => i !== short && expands(match[1]!, placeAt(candidates[i]!, field, before), text))
        .sort((a, b) => candidates[b]!.words.length - candidates[a]!.words.length)[0];
      if (long !== undefined) definitions.set(short, long);
    }
  }
  return Array.from(definitions, ([short, long]) => ({ short, long }));
}

function note(map: Map<number, number[]>, at: number, candidate: number): void {
  const known = map.get(at);
  if (known) known.push(candidate);
  else map.set(at, [candidate]);
}

function hasPlace({ occurrences }: Candidate, field: string, start: number, end: number): boolean {
  return occurrences.some((place) => place.field === field && place.start === start && place.end === end);
}

function placeAt({ occurrences }: Candidate, field: string, end: number): Occurrence {
  return occurrences.find((place) => place.field === field && place.end === end)!;
}

const japanese = /[\u3041-\u30ff\u3400-\u9fff]/;

function expands(short: string, place: Occurrence, text: string): boolean {
  const long = text.slice(place.start, place.end);
  if (japanese.test(long)) return place.leftEdge && place.rightEdge && long.length > 2;
  if (!long.includes(' ') && !long.includes('-')) return false;
  const letters = short
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
    .replace(/(?<=..)s$/, '');
  const words = long.toLowerCase();
  if (letters[0] !== words[0]) return false;
  // Backwards: every letter of the short form stands in the long form, in order.
  let at = words.length - 1;
  for (let i = letters.length - 1; i >= 0; i--) {
    while (at >= 0 && (words[at] !== letters[i] || (i === 0 && at > 0 && /\p{L}/u.test(words[at - 1]!)))) at--;
    if (at < 0) return false;
    at--;
  }
  return at < 0;
}
