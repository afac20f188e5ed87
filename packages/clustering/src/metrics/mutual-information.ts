import { type Contingency, contingency } from './contingency.js';

/** Mutual information of the two labellings in nats. */
export function mutualInformation({ n, rows, columns, cells }: Contingency): number {
  let sum = 0;
  for (const { row, column, count } of cells) {
    sum += (count / n) * Math.log((n * count) / (rows[row]! * columns[column]!));
  }
  return Math.max(0, sum);
}

/** Entropy of a labelling in nats. */
export function entropy(sizes: Float64Array, n: number): number {
  let sum = 0;
  for (const size of sizes) sum -= (size / n) * Math.log(size / n);
  return Math.max(0, sum);
}

/**
 * Mutual information as a share of the mean entropy of the two labellings; equal to the V-measure.
 *
 * Flatters many small clusters: report it beside `adjustedRandIndex` or `bCubed`.
 *
 * @returns in [0, 1]; 1 when both labellings have at most one group.
 * @throws RangeError if the lengths differ.
 * @remarks O(n).
 * @see Strehl, Ghosh (2002), Cluster ensembles, JMLR 3
 * @example
 * normalizedMutualInformation([0, 0, 1, 1], [1, 1, 0, 0]) // => 1
 */
export function normalizedMutualInformation(truth: ArrayLike<number>, found: ArrayLike<number>): number {
  const table = contingency('normalizedMutualInformation', truth, found);
  if (table.rows.length <= 1 && table.columns.length <= 1) return 1;
  const mean = (entropy(table.rows, table.n) + entropy(table.columns, table.n)) / 2;
  return Math.min(1, mutualInformation(table) / mean);
}

/**
 * Mutual information corrected for chance: 0 on average for random groupings, whatever their number of clusters.
 *
 * @returns at most 1; 1 when both labellings have at most one group.
 * @throws RangeError if the lengths differ.
 * @remarks O(classes · clusters · mean cluster size).
 * @see Vinh, Epps, Bailey (2010), JMLR 11, 2837-2854
 * @example
 * adjustedMutualInformation([0, 0, 1, 1], [0, 1, 0, 1]) < 0 // => true
 */
export function adjustedMutualInformation(truth: ArrayLike<number>, found: ArrayLike<number>): number {
  const table = contingency('adjustedMutualInformation', truth, found);
  const { rows, columns, n } = table;
  if (rows.length <= 1 && columns.length <= 1) return 1;
  // Two groupings into single items, or into one group, share no information beyond chance.
  if (rows.length === columns.length && rows.length === n) return 1;
  const expected = expectedMutualInformation(table);
  const mean = (entropy(rows, n) + entropy(columns, n)) / 2;
  const denominator = mean - expected;
  const guarded = denominator < 0 ? Math.min(denominator, -Number.EPSILON) : Math.max(denominator, Number.EPSILON);
  return (mutualInformation(table) - expected) / guarded;
}

/** Mean mutual information over all labellings with the same group sizes (hypergeometric model). */
function expectedMutualInformation({ n, rows, columns }: Contingency): number {
  const logFactorial = new Float64Array(n + 1);
  for (let i = 2; i <= n; i++) logFactorial[i] = logFactorial[i - 1]! + Math.log(i);
  let sum = 0;
  for (const a of rows) {
    for (const b of columns) {
      const fixed =
        logFactorial[a]! + logFactorial[b]! + logFactorial[n - a]! + logFactorial[n - b]! - logFactorial[n]!;
      for (let count = Math.max(1, a + b - n); count <= Math.min(a, b); count++) {
        const ways =
          logFactorial[count]! + logFactorial[a - count]! + logFactorial[b - count]! + logFactorial[n - a - b + count]!;
        sum += (count / n) * Math.log((n * count) / (a * b)) * Math.exp(fixed - ways);
      }
    }
  }
  return sum;
}
