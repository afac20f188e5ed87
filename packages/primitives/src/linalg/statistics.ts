/**
 * Arithmetic mean; NaN for no values.
 *
 * @example
 * mean([1, 2, 6]) // => 3
 */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/**
 * Standard deviation.
 *
 * @param degreesOfFreedom - subtracted from n: 0 for a population, 1 for a sample. @default 0
 * @example
 * standardDeviation([1, 3]) // => 1
 */
export function standardDeviation(values: ArrayLike<number>, degreesOfFreedom = 0): number {
  const centre = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i]! - centre) ** 2;
  return Math.sqrt(sum / (values.length - degreesOfFreedom));
}

/**
 * Quantile with linear interpolation between order statistics (type 7 of Hyndman and Fan); NaN for no values.
 *
 * @param q - in [0, 1].
 * @see Hyndman, Fan (1996), doi:10.1080/00031305.1996.10473566
 * @example
 * quantile([4, 1, 3, 2], 0.5) // => 2.5
 */
export function quantile(values: ArrayLike<number>, q: number): number {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) return Number.NaN;
  const position = (sorted.length - 1) * q;
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  // Also keeps infinities, whose difference is no number.
  if (position === below || sorted[below] === sorted[above]) return sorted[below]!;
  return sorted[below]! + (sorted[above]! - sorted[below]!) * (position - below);
}
