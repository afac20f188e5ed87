import { eliminate } from '../src/collection/fit-logistic.js';

/** Ridge regression; the first column should be 1. */
export function fitLeastSquares(x: readonly (readonly number[])[], y: readonly number[], ridge: number): number[] {
  const p = x[0]!.length;
  const system = Array.from({ length: p }, (_, a) =>
    Array.from({ length: p + 1 }, (_unused, b) => (a === b ? ridge : 0)),
  );
  x.forEach((row, i) => {
    for (let a = 0; a < p; a++) {
      system[a]![p]! += row[a]! * y[i]!;
      for (let b = 0; b < p; b++) system[a]![b]! += row[a]! * row[b]!;
    }
  });
  eliminate(system);
  return system.map((row) => Number(row[p]!.toPrecision(4)));
}
