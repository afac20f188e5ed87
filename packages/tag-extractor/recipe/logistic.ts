import { fitLogistic as fitWithPrior } from '../src/collection/fit-logistic.js';

/** Logistic regression with a small ridge, three digits; the first column should be 1. */
export function fitLogistic(x: readonly (readonly number[])[], y: readonly number[], ridge = 1): number[] {
  const width = x[0]!.length;
  const prior = { mean: new Array<number>(width).fill(0), precision: new Array<number>(width).fill(ridge) };
  return fitWithPrior(x.flat(), y, prior).map((value) => Number(value.toFixed(3)));
}
