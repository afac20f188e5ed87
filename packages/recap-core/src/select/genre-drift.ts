import { checkInteger, checkNumber } from '@matome/primitives/options';
import type { Genre } from '../genre/genre-types.js';

/** Options of `inspectGenreDrift`. */
export interface DriftOptions {
  /** Genres of earlier runs: how many articles each had. */
  readonly reference?: Readonly<Record<Genre, number>>;
  /** Least entropy of the genres, as a share of the highest possible. @default 0.35 */
  readonly minEvenness?: number;
  /** Largest share of one genre. @default 0.6 */
  readonly maxShare?: number;
  /** Largest distance from the reference (Jensen and Shannon's, in [0, 1]). @default 0.4 */
  readonly maxDistance?: number;
  /** Largest share of articles that no genre claimed. @default 0.5 */
  readonly maxUnclaimed?: number;
  /** Fewer articles are not judged. @default 30 */
  readonly minArticles?: number;
  /** Genres there are, to know the highest possible entropy. @default those that occur here or in the reference */
  readonly genres?: number;
}

/** One measure that is out of bounds. */
export interface DriftAlarm {
  readonly measure: 'evenness' | 'largest-share' | 'distance' | 'unclaimed';
  readonly value: number;
  readonly limit: number;
}

/** How the genres of a run are spread, and whether that looks wrong. */
export interface DriftReport {
  readonly status: 'normal' | 'suspicious' | 'too-few';
  /** Entropy over the highest possible, in [0, 1]. */
  readonly evenness: number;
  readonly largest: { readonly genre: Genre; readonly share: number };
  /** Distance from the reference; 0 without one. */
  readonly distance: number;
  readonly unclaimedShare: number;
  readonly alarms: readonly DriftAlarm[];
}

/**
 * Looks at the genres of a run as a whole: a model that has gone wrong gives nearly all articles the same few genres while
 * each single answer looks sure.
 *
 * @param assignments - genre of every article.
 * @throws RangeError for options out of range.
 * @remarks O(n).
 * @see Lin (1991), Divergence measures based on the Shannon entropy, doi:10.1109/18.61115
 * @example
 * const same = Array.from({ length: 40 }, () => ({ genre: 'sports', belowThreshold: false }));
 * inspectGenreDrift(same, { genres: 30 }).status // => 'suspicious'
 */
export function inspectGenreDrift(
  assignments: readonly { readonly genre: Genre; readonly belowThreshold: boolean }[],
  options: DriftOptions = {},
): DriftReport {
  const { reference = {}, minEvenness = 0.35, maxShare = 0.6, maxDistance = 0.4, maxUnclaimed = 0.5 } = options;
  const { minArticles = 30 } = options;
  const caller = 'inspectGenreDrift';
  for (const [name, value] of Object.entries({ minEvenness, maxShare, maxDistance, maxUnclaimed })) {
    checkNumber(caller, name, value, { min: 0, max: 1 });
  }
  checkInteger(caller, 'minArticles', minArticles, { min: 1 });
  const n = assignments.length;
  const counts = new Map<Genre, number>();
  for (const { genre } of assignments) counts.set(genre, (counts.get(genre) ?? 0) + 1);
  const names = [...new Set([...counts.keys(), ...Object.keys(reference)])].sort((a, b) => (a < b ? -1 : 1));
  const shares = names.map((name) => (n === 0 ? 0 : (counts.get(name) ?? 0) / n));
  const earlier = shareOf(names.map((name) => reference[name] ?? 0));
  const possible = options.genres ?? names.length;
  const evenness = possible < 2 ? 0 : Math.min(1, entropy(shares) / Math.log2(Math.min(possible, Math.max(2, n))));
  const top = shares.indexOf(Math.max(...shares));
  const largest = { genre: names[top] ?? '', share: shares[top] ?? 0 };
  const distance = earlier === undefined ? 0 : jensenShannonDistance(shares, earlier);
  const unclaimedShare = n === 0 ? 0 : assignments.filter(({ belowThreshold }) => belowThreshold).length / n;
  const alarms: DriftAlarm[] = [];
  if (evenness < minEvenness) alarms.push({ measure: 'evenness', value: evenness, limit: minEvenness });
  if (largest.share > maxShare) alarms.push({ measure: 'largest-share', value: largest.share, limit: maxShare });
  if (distance > maxDistance) alarms.push({ measure: 'distance', value: distance, limit: maxDistance });
  if (unclaimedShare > maxUnclaimed) alarms.push({ measure: 'unclaimed', value: unclaimedShare, limit: maxUnclaimed });
  const status = n < minArticles ? 'too-few' : alarms.length > 0 ? 'suspicious' : 'normal';
  return { status, evenness, largest, distance, unclaimedShare, alarms: n < minArticles ? [] : alarms };
}

function shareOf(counts: readonly number[]): readonly number[] | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return total === 0 ? undefined : counts.map((count) => count / total);
}

function entropy(shares: readonly number[]): number {
  return shares.reduce((sum, share) => (share > 0 ? sum - share * Math.log2(share) : sum), 0);
}

/** Square root of the divergence in bits: a metric in [0, 1]. */
function jensenShannonDistance(p: readonly number[], q: readonly number[]): number {
  const middle = p.map((share, i) => (share + q[i]!) / 2);
  return Math.sqrt(Math.max(0, entropy(middle) - (entropy(p) + entropy(q)) / 2));
}
