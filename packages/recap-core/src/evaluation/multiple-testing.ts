import { checkOneOf } from '@matome/primitives/options';
import { chiSquaredTail } from './distributions.js';

/**
 * Probabilities of several tests, raised so that they may be compared with one level.
 *
 * @param method - `bonferroni` and `holm` bound the chance of any false finding, `benjamini-hochberg` the share of false
 * ones among the findings. @default 'holm'
 * @returns in the order of `p`.
 * @see Holm (1979), https://www.jstor.org/stable/4615733; Benjamini, Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x
 * @example
 * adjustProbabilities([0.01, 0.04], 'bonferroni') // => [0.02, 0.08]
 */
export function adjustProbabilities(
  p: readonly number[],
  method: 'bonferroni' | 'holm' | 'benjamini-hochberg' = 'holm',
): number[] {
  checkOneOf('adjustProbabilities', 'method', method, ['bonferroni', 'holm', 'benjamini-hochberg']);
  const n = p.length;
  if (method === 'bonferroni') return p.map((value) => Math.min(1, n * value));
  const order = p.map((_, i) => i).sort((a, b) => p[a]! - p[b]! || a - b);
  const adjusted = new Array<number>(n).fill(1);
  if (method === 'holm') {
    let highest = 0;
    order.forEach((i, rank) => {
      highest = Math.max(highest, Math.min(1, (n - rank) * p[i]!));
      adjusted[i] = highest;
    });
    return adjusted;
  }
  let lowest = 1;
  for (let rank = n - 1; rank >= 0; rank--) {
    lowest = Math.min(lowest, (n / (rank + 1)) * p[order[rank]!]!);
    adjusted[order[rank]!] = lowest;
  }
  return adjusted;
}

/** How strongly two labels hang together. */
export interface Association {
  readonly chiSquared: number;
  readonly p: number;
  /** Cramér's V, in [0, 1]. */
  readonly cramersV: number;
}

/**
 * χ² and Cramér's V of a table of counts.
 *
 * @param table - rows × columns of counts, each at least 2.
 * @throws RangeError if the table is smaller, ragged or empty.
 * @see Cramér (1946), Mathematical Methods of Statistics, chapter 21
 * @example
 * association([[10, 0], [0, 10]]).cramersV // => 1
 */
export function association(table: readonly (readonly number[])[]): Association {
  const columns = table[0]?.length ?? 0;
  if (table.length < 2 || columns < 2 || table.some((row) => row.length !== columns)) {
    throw new RangeError(`association needs a table of at least 2 × 2. Got ${table.length} × ${columns}.`);
  }
  const rowSums = table.map((row) => row.reduce((sum, count) => sum + count, 0));
  const columnSums = table[0]!.map((_, j) => table.reduce((sum, row) => sum + row[j]!, 0));
  const total = rowSums.reduce((sum, count) => sum + count, 0);
  if (total === 0) throw new RangeError('association needs a table with counts. All are 0.');
  let chiSquared = 0;
  table.forEach((row, i) => {
    row.forEach((count, j) => {
      const expected = (rowSums[i]! * columnSums[j]!) / total;
      if (expected > 0) chiSquared += (count - expected) ** 2 / expected;
    });
  });
  const freedom = (table.length - 1) * (columns - 1);
  const cramersV = Math.sqrt(chiSquared / (total * (Math.min(table.length, columns) - 1)));
  return { chiSquared, p: chiSquaredTail(chiSquared, freedom), cramersV };
}
