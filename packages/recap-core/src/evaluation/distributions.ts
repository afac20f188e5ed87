import { betaI, gammaP, gammaQ, invertIncreasing, logGamma } from './special-functions.js';

/** Cumulative distribution of the standard normal, exact in both tails. */
export function normalCdf(z: number): number {
  const tail = 0.5 * gammaQ(0.5, (z * z) / 2);
  return z < 0 ? tail : 1 - tail;
}

/** Density of the standard normal. */
export function normalDensity(z: number): number {
  return Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
}

/** The value below which a share `p` of the standard normal lies; ∓∞ at 0 and 1. */
export function normalQuantile(p: number): number {
  if (p <= 0) return Number.NEGATIVE_INFINITY;
  if (p >= 1) return Number.POSITIVE_INFINITY;
  if (p === 0.5) return 0;
  // The lower tail keeps its relative accuracy; the upper one is its mirror image.
  return p < 0.5 ? -invertIncreasing((z) => -normalCdf(-z), -p, 0, 40) : -normalQuantile(1 - p);
}

/** Probability that Student's t with `df` degrees of freedom is above `t`. */
export function studentTail(t: number, df: number): number {
  const half = 0.5 * betaI(df / 2, 0.5, df / (df + t * t));
  return t >= 0 ? half : 1 - half;
}

/** The value below which a share `p` of Student's t lies. */
export function studentQuantile(p: number, df: number): number {
  if (p === 0.5) return 0;
  if (p > 0.5) return -studentQuantile(1 - p, df);
  return -invertIncreasing((t) => -studentTail(t, df), -p, 1e-300, 1e300, true);
}

/** Probability that χ² with `df` degrees of freedom is above `x`. */
export function chiSquaredTail(x: number, df: number): number {
  return gammaQ(df / 2, x / 2);
}

/** The value below which a share `p` of χ² lies. */
export function chiSquaredQuantile(p: number, df: number): number {
  if (p > 0.5) return invertIncreasing((x) => -chiSquaredTail(x, df), -(1 - p), 1e-300, 1e300, true);
  return invertIncreasing((x) => gammaP(df / 2, x / 2), p, 1e-300, 1e300, true);
}

/** The value below which a share `p` of the beta distribution lies. */
export function betaQuantile(p: number, a: number, b: number): number {
  if (p > 0.5) return 1 - betaQuantile(1 - p, b, a);
  return invertIncreasing((x) => betaI(a, b, x), p, 1e-300, 1, true);
}

/** Probability of at most `k` successes in `n` fair tosses. */
export function fairTossesCdf(k: number, n: number): number {
  if (k < 0) return 0;
  if (k >= n) return 1;
  return betaI(n - k, k + 1, 0.5);
}

/** Probability of exactly `k` successes in `n` fair tosses. */
export function fairTossesProbability(k: number, n: number): number {
  return Math.exp(logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1) - n * Math.LN2);
}

/**
 * Probability that the noncentral t is above `t`, for t > 0: Student's t of the mixture over χ, by Simpson's rule.
 *
 * @see Johnson, Kotz, Balakrishnan (1995), Continuous Univariate Distributions, volume 2, chapter 31
 */
export function noncentralStudentTail(t: number, df: number, shift: number): number {
  // T > t iff Z > t·S − shift with S = χ/√df, whose density is integrated around its peak.
  const logFront = Math.LN2 + (df / 2) * Math.log(df / 2) - logGamma(df / 2);
  const density = (s: number) => (s <= 0 ? 0 : Math.exp(logFront + (df - 1) * Math.log(s) - (df * s * s) / 2));
  const width = 12 / Math.sqrt(2 * df);
  const low = Math.max(0, 1 - width);
  const high = 1 + width;
  const steps = 4000;
  const step = (high - low) / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const s = low + i * step;
    const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * density(s) * normalCdf(shift - t * s);
  }
  return (sum * step) / 3;
}
