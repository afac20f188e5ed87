import { normalCdf, studentTail } from './distributions.js';
import type { TestResult } from './mean-tests.js';

/** Ranks from 1, equal values sharing the mean of their ranks. */
export function averageRanks(values: ArrayLike<number>): Float64Array {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i).sort(
    (a, b) => values[a]! - values[b]! || a - b,
  );
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let at = start; at < end; at++) ranks[order[at]!] = (start + end + 1) / 2;
    start = end;
  }
  return ranks;
}

/** Σ (t³ − t) over groups of equal values. */
function tieTerm(values: ArrayLike<number>): number {
  const counts = new Map<number, number>();
  for (let i = 0; i < values.length; i++) counts.set(values[i]!, (counts.get(values[i]!) ?? 0) + 1);
  let sum = 0;
  for (const t of counts.values()) sum += t ** 3 - t;
  return sum;
}

/**
 * Wilcoxon's signed-rank test of paired values; pairs without a difference are left out.
 *
 * @returns the smaller sum of ranks; exact probability for up to 50 pairs without equal differences, else the normal
 * approximation with correction for ties and continuity.
 * @throws RangeError if the lengths differ.
 * @see Wilcoxon (1945), doi:10.2307/3001968
 * @example
 * wilcoxonTest([1, 2, 3, 4, 5], [0, 0, 0, 0, 0]).p // => 0.0625
 */
export function wilcoxonTest(a: ArrayLike<number>, b: ArrayLike<number>): TestResult {
  if (a.length !== b.length) {
    throw new RangeError(`wilcoxonTest needs two lists of one length. Got ${a.length} and ${b.length}.`);
  }
  const differences = Array.from({ length: a.length }, (_, i) => a[i]! - b[i]!).filter((d) => d !== 0);
  const n = differences.length;
  if (n === 0) return { statistic: 0, p: 1 };
  const sizes = differences.map(Math.abs);
  const ranks = averageRanks(sizes);
  let positive = 0;
  differences.forEach((d, i) => {
    if (d > 0) positive += ranks[i]!;
  });
  const statistic = Math.min(positive, (n * (n + 1)) / 2 - positive);
  const ties = tieTerm(sizes);
  if (n <= 50 && ties === 0) return { statistic, p: Math.min(1, 2 * signedRankCdf(statistic, n)) };
  const spread = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24 - ties / 48);
  const z = (Math.abs(statistic - (n * (n + 1)) / 4) - 0.5) / spread;
  return { statistic, p: Math.min(1, 2 * normalCdf(-Math.max(0, z))) };
}

/** Share of the 2ⁿ sign patterns whose positive ranks add up to at most `sum`. */
function signedRankCdf(sum: number, n: number): number {
  const highest = (n * (n + 1)) / 2;
  const ways = new Float64Array(highest + 1);
  ways[0] = 1;
  for (let rank = 1; rank <= n; rank++) for (let s = highest; s >= rank; s--) ways[s]! += ways[s - rank]!;
  let below = 0;
  for (let s = 0; s <= sum; s++) below += ways[s]!;
  return below / 2 ** n;
}

/**
 * Mann and Whitney's test of two samples.
 *
 * @returns U of the first sample; exact probability for up to 8 values a sample without equal ones, else the normal
 * approximation with correction for ties and continuity.
 * @throws RangeError if a sample is empty.
 * @see Mann, Whitney (1947), doi:10.1214/aoms/1177730491
 * @example
 * mannWhitneyTest([1, 2, 3], [4, 5, 6]).p // => 0.1
 */
export function mannWhitneyTest(a: ArrayLike<number>, b: ArrayLike<number>): TestResult {
  const [n, m] = [a.length, b.length];
  if (n === 0 || m === 0) throw new RangeError(`mannWhitneyTest needs two samples with values. Got ${n} and ${m}.`);
  const all = [...Array.from(a), ...Array.from(b)];
  const ranks = averageRanks(all);
  let rankSum = 0;
  for (let i = 0; i < n; i++) rankSum += ranks[i]!;
  const statistic = rankSum - (n * (n + 1)) / 2;
  const extreme = Math.max(statistic, n * m - statistic);
  const ties = tieTerm(all);
  if (Math.max(n, m) <= 8 && ties === 0) return { statistic, p: Math.min(1, 2 * rankSumTail(extreme, n, m)) };
  const total = n + m;
  const spread = Math.sqrt(((n * m) / 12) * (total + 1 - ties / (total * (total - 1))));
  const z = (extreme - (n * m) / 2 - 0.5) / spread;
  return { statistic, p: spread === 0 ? 1 : Math.min(1, 2 * normalCdf(-z)) };
}

/** Share of all ways to mix n and m values in which U is at least `u`. */
function rankSumTail(u: number, n: number, m: number): number {
  // ways[i][s]: choices of i of the first m + i places whose U adds up to s.
  const ways = Array.from({ length: n + 1 }, () => new Float64Array(n * m + 1));
  ways[0]![0] = 1;
  for (let value = 1; value <= m + n; value++) {
    for (let i = Math.min(n, value); i >= 1; i--) {
      const gained = value - i;
      if (gained > m) continue;
      for (let s = n * m; s >= gained; s--) ways[i]![s]! += ways[i - 1]![s - gained]!;
    }
  }
  const counts = ways[n]!;
  const all = counts.reduce((sum, count) => sum + count, 0);
  let tail = 0;
  for (let s = Math.ceil(u); s <= n * m; s++) tail += counts[s]!;
  return tail / all;
}

/**
 * Pearson's correlation and the probability of one as strong by chance.
 *
 * @throws RangeError if the lengths differ or are below 3.
 * @example
 * pearsonCorrelation([1, 2, 3, 4], [2, 4, 6, 8]).statistic // => 1
 */
export function pearsonCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): TestResult {
  const n = a.length;
  if (n !== b.length || n < 3) {
    throw new RangeError(`A correlation needs two lists of one length, from 3. Got ${n} and ${b.length}.`);
  }
  let [ma, mb] = [0, 0];
  for (let i = 0; i < n; i++) {
    ma += a[i]! / n;
    mb += b[i]! / n;
  }
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    ab += (a[i]! - ma) * (b[i]! - mb);
    aa += (a[i]! - ma) ** 2;
    bb += (b[i]! - mb) ** 2;
  }
  if (aa === 0 || bb === 0) return { statistic: Number.NaN, p: Number.NaN };
  const r = Math.min(1, Math.max(-1, ab / Math.sqrt(aa * bb)));
  const t = Math.abs(r) === 1 ? Number.POSITIVE_INFINITY : Math.abs(r) * Math.sqrt((n - 2) / (1 - r * r));
  return { statistic: r, p: t === Number.POSITIVE_INFINITY ? 0 : 2 * studentTail(t, n - 2) };
}

/**
 * Spearman's correlation of ranks.
 *
 * @throws RangeError as `pearsonCorrelation`.
 * @see Spearman (1904), doi:10.2307/1412159
 * @example
 * spearmanCorrelation([1, 2, 3, 4], [1, 10, 100, 1000]).statistic // => 1
 */
export function spearmanCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): TestResult {
  return pearsonCorrelation(averageRanks(a), averageRanks(b));
}
