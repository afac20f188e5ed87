import type { TokenVectors } from '@matome/primitives/embedding';
import type { Candidate } from '../candidates/candidate.js';

/** Tokens of a candidate that a reading looks at: its first and last, and those before and after it. */
export const readPlaces = ['first', 'last', 'before', 'after'] as const;

/** A linear function of the token vectors at the places of a candidate, learnt from keys that people chose. */
export interface TokenReading {
  readonly offset: number;
  /** A row for each of `readPlaces`, each as wide as a token vector. */
  readonly weights: readonly (readonly number[])[];
}

/** Columns that the token vectors of a transformer add: one reading for each of the three ensembles. */
export const readingFeatures = ['indexerReading', 'authorReading', 'topicsReading'] as const;

/** Where candidates stand among the tokens of `${title}\n${body}`. */
export interface TokenPlaces {
  /** For every place of every candidate that the tokens reach, the tokens of `readPlaces`. */
  readonly tokens: Int32Array;
  /** Places of candidate c: from `starts[c]` to `starts[c + 1]`. */
  readonly starts: Int32Array;
}

/** Finds the tokens of candidates; places behind the last token are left out. */
export function findTokens(
  candidates: readonly Candidate[],
  titleLength: number,
  { starts, ends }: Omit<TokenVectors, 'vectors'>,
): TokenPlaces {
  const places: number[] = [];
  const from = new Int32Array(candidates.length + 1);
  const last = starts.length - 1;
  candidates.forEach(({ occurrences }, c) => {
    for (const { field, start, end } of occurrences) {
      const shift = field === 'body' ? titleLength + 1 : 0;
      const a = firstReaching(ends, start + shift);
      if (a === -1 || starts[a]! >= end + shift) continue;
      let b = a;
      while (ends[b + 1]! > 0 && starts[b + 1]! < end + shift) b++;
      places.push(a, b, Math.max(0, a - 1), Math.min(last, b + 1));
    }
    from[c + 1] = places.length / readPlaces.length;
  });
  return { tokens: Int32Array.from(places), starts: from };
}

/** The first token whose word ends behind `at`, or -1; special tokens, which end at 0, stand at either end. */
function firstReaching(ends: Int32Array, at: number): number {
  let low = 0;
  let high = ends.length - 1;
  while (high >= 0 && ends[high] === 0) high--;
  const top = high;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle]! > at) high = middle;
    else low = middle + 1;
  }
  return top >= 0 && ends[low]! > at ? low : -1;
}

/**
 * Reads every candidate: the mean over its places. A candidate that the tokens do not reach is read as the mean of the others.
 *
 * A reading is linear, so that tokens are read once and candidates add up what was read.
 *
 * @returns one value a candidate.
 * @remarks O(tokens · width).
 */
export function readCandidates(
  { weights, offset }: TokenReading,
  { vectors }: Pick<TokenVectors, 'vectors'>,
  { tokens, starts }: TokenPlaces,
): Float64Array {
  const read = weights.map((row) => products(vectors.data, vectors.cols, row));
  const n = starts.length - 1;
  const values = new Float64Array(n);
  let reached = 0;
  let total = 0;
  for (let c = 0; c < n; c++) {
    const count = starts[c + 1]! - starts[c]!;
    if (count === 0) continue;
    let sum = 0;
    for (let at = starts[c]! * weights.length; at < starts[c + 1]! * weights.length; at++) {
      sum += read[at % weights.length]![tokens[at]!]!;
    }
    values[c] = sum / count + offset;
    total += values[c]!;
    reached++;
  }
  for (let c = 0; c < n; c++) if (starts[c] === starts[c + 1]) values[c] = reached === 0 ? 0 : total / reached;
  return values;
}

function products(data: Float32Array, width: number, weights: readonly number[]): Float64Array {
  const factors = Float64Array.from(weights);
  const out = new Float64Array(data.length / width);
  for (let t = 0, at = 0; t < out.length; t++, at += width) {
    let sum = 0;
    for (let j = 0; j < width; j++) sum += data[at + j]! * factors[j]!;
    out[t] = sum;
  }
  return out;
}

/** Writes one column for each reading behind the statistical ones. */
export function writeReadings(
  rows: Float32Array,
  width: number,
  from: number,
  readings: readonly TokenReading[],
  vectors: Pick<TokenVectors, 'vectors'>,
  places: TokenPlaces,
): void {
  readings.forEach((reading, k) => {
    readCandidates(reading, vectors, places).forEach((value, c) => {
      rows[c * width + from + k] = value;
    });
  });
}
