import { eliminate } from '../src/collection/fit-logistic.js';

/** Logistic regression by Newton's method with a small ridge; the first column should be 1. */
export function fitLogistic(x: readonly (readonly number[])[], y: readonly number[], ridge = 1): number[] {
  const p = x[0]!.length;
  const weights = new Array<number>(p).fill(0);
  for (let step = 0; step < 30; step++) {
    // The last column holds the gradient: elimination then gives the step.
    const system = Array.from({ length: p }, (_, a) => [
      ...Array.from({ length: p }, (_unused, b) => (a === b ? ridge : 0)),
      ridge * weights[a]!,
    ]);
    x.forEach((row, i) => {
      const score = row.reduce((sum, value, a) => sum + value * weights[a]!, 0);
      const probability = 1 / (1 + Math.exp(-score));
      const curvature = probability * (1 - probability);
      for (let a = 0; a < p; a++) {
        system[a]![p]! += (probability - y[i]!) * row[a]!;
        for (let b = 0; b < p; b++) system[a]![b]! += curvature * row[a]! * row[b]!;
      }
    });
    eliminate(system);
    for (let a = 0; a < p; a++) weights[a]! -= system[a]![p]!;
  }
  return weights.map((value) => Number(value.toFixed(3)));
}
