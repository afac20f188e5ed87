import { createRandom } from '@matome/primitives/random';
import { describe, expect, it } from 'vitest';
import { fitLogistic } from './fit-logistic.js';

const weak = { mean: [0, 0], precision: [1e-3, 1e-3] };

describe('fitLogistic', () => {
  it('gives the mean of the prior without rows', () => {
    expect(fitLogistic([], [], { mean: [0, 1, -5], precision: [1, 2, 3] })).toEqual([0, 1, -5]);
  });
  it('finds the weights behind the answers', () => {
    const next = createRandom(3);
    const x: number[] = [];
    const y: number[] = [];
    for (let i = 0; i < 20_000; i++) {
      const value = 4 * next() - 2;
      x.push(1, value);
      y.push(next() < 1 / (1 + Math.exp(-(0.5 - 1.5 * value))) ? 1 : 0);
    }
    const [offset, slope] = fitLogistic(x, y, weak) as [number, number];
    expect(offset).toBeCloseTo(0.5, 1);
    expect(slope).toBeCloseTo(-1.5, 1);
  });
  it('is where the gradient vanishes', () => {
    const [x, y] = [
      [1, 0.5, 1, -1, 1, 2, 1, 0],
      [1, 0, 1, 0],
    ];
    const prior = { mean: [0.2, 1], precision: [2, 3] };
    const weights = fitLogistic(x, y, prior);
    for (const a of [0, 1]) {
      const ofRows = y.reduce((sum, hit, i) => {
        const score = weights[0]! * x[2 * i]! + weights[1]! * x[2 * i + 1]!;
        return sum + (1 / (1 + Math.exp(-score)) - hit) * x[2 * i + a]!;
      }, 0);
      expect(ofRows + prior.precision[a]! * (weights[a]! - prior.mean[a]!)).toBeCloseTo(0, 8);
    }
  });
  it('stays finite when all answers are the same or a column is empty', () => {
    for (const hit of [0, 1]) {
      const weights = fitLogistic(Array(200).fill([1, 0]).flat(), Array(100).fill(hit), weak);
      expect(weights.every(Number.isFinite)).toBe(true);
      expect(weights[1]).toBe(0);
    }
  });
});
