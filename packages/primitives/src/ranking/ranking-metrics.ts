import { checkInteger } from '../options/index.js';

function hits(ranked: ArrayLike<number>, relevant: ReadonlySet<number>, k: number): number {
  let found = 0;
  for (let i = 0; i < Math.min(k, ranked.length); i++) if (relevant.has(ranked[i]!)) found++;
  return found;
}

/**
 * Share of the relevant items that stand among the first `k`; 0 when nothing is relevant.
 *
 * @param ranked - item numbers, best first, each at most once.
 * @throws RangeError if `k` is below 1.
 * @example
 * recallAtK([3, 1, 2], new Set([1, 9]), 2) // => 0.5
 */
export function recallAtK(ranked: ArrayLike<number>, relevant: ReadonlySet<number>, k: number): number {
  checkInteger('recallAtK', 'k', k, { min: 1 });
  return relevant.size === 0 ? 0 : hits(ranked, relevant, k) / relevant.size;
}

/**
 * Share of the first `k` places that hold a relevant item; missing places count as misses.
 *
 * @param ranked - item numbers, best first, each at most once.
 * @throws RangeError if `k` is below 1.
 * @example
 * precisionAtK([3, 1, 2], new Set([1, 9]), 2) // => 0.5
 */
export function precisionAtK(ranked: ArrayLike<number>, relevant: ReadonlySet<number>, k: number): number {
  checkInteger('precisionAtK', 'k', k, { min: 1 });
  return hits(ranked, relevant, k) / k;
}

/**
 * 1 when a relevant item stands among the first `k`, else 0.
 *
 * @param ranked - item numbers, best first.
 * @throws RangeError if `k` is below 1.
 * @example
 * hitAtK([3, 1, 2], new Set([2]), 2) // => 0
 */
export function hitAtK(ranked: ArrayLike<number>, relevant: ReadonlySet<number>, k: number): number {
  checkInteger('hitAtK', 'k', k, { min: 1 });
  return hits(ranked, relevant, k) > 0 ? 1 : 0;
}

/**
 * 1 divided by the place of the first relevant item; 0 when there is none.
 *
 * @param ranked - item numbers, best first.
 * @example
 * reciprocalRank([3, 1, 2], new Set([1])) // => 0.5
 */
export function reciprocalRank(ranked: ArrayLike<number>, relevant: ReadonlySet<number>): number {
  for (let i = 0; i < ranked.length; i++) if (relevant.has(ranked[i]!)) return 1 / (i + 1);
  return 0;
}

/**
 * Mean of the precisions at the places of the relevant items; relevant items that are missing count 0.
 *
 * @param ranked - item numbers, best first, each at most once.
 * @example
 * averagePrecision([3, 1, 2], new Set([3, 2])).toFixed(3) // => '0.833'
 */
export function averagePrecision(ranked: ArrayLike<number>, relevant: ReadonlySet<number>): number {
  if (relevant.size === 0) return 0;
  let found = 0;
  let sum = 0;
  for (let i = 0; i < ranked.length; i++) if (relevant.has(ranked[i]!)) sum += ++found / (i + 1);
  return sum / relevant.size;
}

/**
 * Normalised discounted cumulative gain of the first `k` places, with linear gains; 0 when nothing is relevant.
 *
 * @param ranked - item numbers, best first, each at most once.
 * @param gains - how relevant an item is, at least 0; missing items are not relevant. A set gives each member 1.
 * @throws RangeError if `k` is below 1.
 * @see Järvelin, Kekäläinen (2002), doi:10.1145/582415.582418
 * @example
 * ndcgAtK([3, 1, 2], new Set([1]), 3).toFixed(4) // => '0.6309'
 */
export function ndcgAtK(
  ranked: ArrayLike<number>,
  gains: ReadonlySet<number> | ReadonlyMap<number, number>,
  k: number,
): number {
  checkInteger('ndcgAtK', 'k', k, { min: 1 });
  const gainOf = gains instanceof Map ? (item: number) => gains.get(item) ?? 0 : (item: number) => +gains.has(item);
  let gained = 0;
  for (let i = 0; i < Math.min(k, ranked.length); i++) gained += gainOf(ranked[i]!) / Math.log2(i + 2);
  const ideal = Array.from(gains.keys(), gainOf).sort((a, b) => b - a);
  let possible = 0;
  for (let i = 0; i < Math.min(k, ideal.length); i++) possible += ideal[i]! / Math.log2(i + 2);
  return possible === 0 ? 0 : gained / possible;
}
