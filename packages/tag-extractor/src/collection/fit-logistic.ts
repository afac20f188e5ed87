/** What is believed of the weights before any row is seen: a normal distribution around `mean`. */
export interface WeightPrior {
  readonly mean: readonly number[];
  /** One over the variance, one a weight. */
  readonly precision: readonly number[];
}

/** Newton steps at most; some ten are enough. */
const maxSteps = 50;
/** No weight moves further in one step: where all rows are of one kind the curvature says nothing. */
const longestStep = 2;
/** A step that is halved so often without gain is nothing but rounding. */
const mostHalvings = 40;

/**
 * Logistic regression by Newton's method around a prior: without rows the weights are its mean.
 *
 * @param x - n × width, row after row; the prior gives the width.
 * @param y - n values, 0 or 1.
 * @remarks O(n width²) a step.
 */
export function fitLogistic(x: ArrayLike<number>, y: ArrayLike<number>, { mean, precision }: WeightPrior): number[] {
  const p = mean.length;
  let weights = [...mean];
  for (let step = 0; step < maxSteps; step++) {
    const curvature = new Float64Array(p * p);
    const gradient = Float64Array.from(weights, (weight, a) => precision[a]! * (weight - mean[a]!));
    for (let i = 0, at = 0; i < y.length; i++, at += p) {
      let score = 0;
      for (let a = 0; a < p; a++) score += weights[a]! * x[at + a]!;
      const probability = 1 / (1 + Math.exp(-score));
      const error = probability - y[i]!;
      const weight = probability * (1 - probability);
      for (let a = 0; a < p; a++) {
        const value = x[at + a]!;
        if (value === 0) continue;
        gradient[a]! += error * value;
        for (let b = 0; b <= a; b++) curvature[a * p + b]! += weight * value * x[at + b]!;
      }
    }
    // The last column holds the gradient: elimination then gives the step.
    const system = Array.from(weights, (_, a) => [
      ...Array.from(
        weights,
        (_unused, b) => curvature[Math.max(a, b) * p + Math.min(a, b)]! + (a === b ? precision[a]! : 0),
      ),
      gradient[a]!,
    ]);
    eliminate(system);
    const moves = system.map((line) => line[p]!);
    const longest = Math.max(...moves.map(Math.abs));
    if (longest < 1e-9) break;
    let scale = longest > longestStep ? longestStep / longest : 1;
    const moved = () => weights.map((weight, a) => weight - scale * moves[a]!);
    // Where rows are sure of the wrong thing the curvature misleads: half a step in its direction is always better in the end.
    const before = lossOf(weights, { x, y, mean, precision });
    let halvings = 0;
    while (halvings++ < mostHalvings && !(lossOf(moved(), { x, y, mean, precision }) <= before)) scale /= 2;
    if (halvings > mostHalvings) break;
    weights = moved();
  }
  return weights;
}

interface Problem extends WeightPrior {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

/** What is minimised: the surprise of the rows and the distance from the prior. */
function lossOf(weights: readonly number[], { x, y, mean, precision }: Problem): number {
  const p = weights.length;
  let loss = weights.reduce((sum, weight, a) => sum + (precision[a]! * (weight - mean[a]!) ** 2) / 2, 0);
  for (let i = 0, at = 0; i < y.length; i++, at += p) {
    let score = 0;
    for (let a = 0; a < p; a++) score += weights[a]! * x[at + a]!;
    const margin = y[i] === 1 ? score : -score;
    loss += Math.log1p(Math.exp(-Math.abs(margin))) + Math.max(0, -margin);
  }
  return loss;
}

/** Gauss-Jordan elimination in place, the last column being the right side; the matrix is positive definite. */
export function eliminate(system: number[][]): void {
  const p = system.length;
  for (let column = 0; column < p; column++) {
    const pivot = system[column]![column]!;
    for (let k = column; k <= p; k++) system[column]![k]! /= pivot;
    for (let r = 0; r < p; r++) {
      if (r === column) continue;
      const factor = system[r]![column]!;
      for (let k = column; k <= p; k++) system[r]![k]! -= factor * system[column]![k]!;
    }
  }
}
