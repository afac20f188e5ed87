import { runSync } from '@matome/primitives/async';
import { createRandom } from '@matome/primitives/random';
import { describe, expect, it } from 'vitest';
import { curveParameters } from './curve-parameters.js';
import { createDensityTerm, type DensitySettings } from './density-term.js';
import type { FuzzyGraph } from './fuzzy-graph.js';

const curve = curveParameters(0.1);
const defaults: DensitySettings = { weight: 2, fraction: 0.3, varianceShift: 0.1 };
const progress = { stage: 'umap', completed: 0, total: 1 };

/** Every row with every other, with weights that differ. */
function completeGraph(rows: number): FuzzyGraph {
  const random = createRandom(4);
  const weight = new Float32Array(rows * rows);
  for (let i = 0; i < rows; i++) for (let j = 0; j < i; j++) weight[i * rows + j] = weight[j * rows + i] = random();
  const pairs = Array.from(weight.keys()).filter((at) => Math.floor(at / rows) !== at % rows);
  return {
    starts: Uint32Array.from({ length: rows + 1 }, (_, i) => i * (rows - 1)),
    targets: Uint32Array.from(pairs, (at) => at % rows),
    weights: Float32Array.from(pairs, (at) => weight[at]!),
    rows,
  };
}

const randomValues = (count: number, seed: number) => {
  const random = createRandom(seed);
  return Float64Array.from({ length: count }, () => 3 * random());
};

/** Covariance of wanted and own radii over the shifted deviation of the own ones: what the term climbs. */
function objective({ starts, targets, rows }: FuzzyGraph, wanted: Float64Array, y: ArrayLike<number>, d: number) {
  const own = Float64Array.from({ length: rows }, (_, i) => {
    let squares = 0;
    let total = 0;
    for (let at = starts[i]!; at < starts[i + 1]!; at++) {
      let square = 0;
      for (let t = 0; t < d; t++) square += (y[i * d + t]! - y[targets[at]! * d + t]!) ** 2;
      const similarity = 1 / (1 + curve.a * square ** curve.b);
      squares += similarity * square;
      total += similarity;
    }
    return Math.log(1e-8 + squares / total);
  });
  const mean = own.reduce((sum, value) => sum + value, 0) / rows;
  const wantedMean = wanted.reduce((sum, value) => sum + value, 0) / rows;
  const variance = own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows;
  const covariance = own.reduce((sum, value, i) => sum + (value - mean) * (wanted[i]! - wantedMean), 0) / rows;
  return covariance / Math.sqrt(variance + defaults.varianceShift);
}

function moved(
  graph: FuzzyGraph,
  y: Float32Array,
  dimensions: number,
  logRadii: Float64Array,
  settings = {},
  rate = 1,
) {
  const layout = { dimensions, stride: dimensions, nEpochs: 1000, curve };
  const term = createDensityTerm(graph, { ...defaults, ...settings, logRadii }, layout);
  const after = y.slice();
  runSync(term.moveSteps(y, after, rate, progress));
  return after;
}

describe('createDensityTerm', () => {
  it.each([1, 2, 3])('moves rows along the gradient of the correlation in %i dimensions', (dimensions) => {
    const graph = completeGraph(40);
    const y = Float32Array.from(randomValues(40 * dimensions, 1));
    const wanted = randomValues(40, 2);
    const after = moved(graph, y, dimensions, wanted, {}, 1e-4);
    let product = 0;
    let moves = 0;
    let slopes = 0;
    for (let at = 0; at < y.length; at++) {
      const at1 = Float64Array.from(y);
      at1[at]! += 1e-5;
      const at0 = Float64Array.from(y);
      at0[at]! -= 1e-5;
      const slope = objective(graph, wanted, at1, dimensions) - objective(graph, wanted, at0, dimensions);
      product += slope * (after[at]! - y[at]!);
      moves += (after[at]! - y[at]!) ** 2;
      slopes += slope ** 2;
    }
    expect(product / Math.sqrt(moves * slopes)).toBeGreaterThan(0.99);
  });

  it('raises the correlation step by step', () => {
    const graph = completeGraph(40);
    const wanted = randomValues(40, 3);
    let y = Float32Array.from(randomValues(80, 4));
    const before = objective(graph, wanted, y, 2);
    for (let step = 0; step < 50; step++) y = moved(graph, y, 2, wanted, {}, 1e-2);
    expect(objective(graph, wanted, y, 2)).toBeGreaterThan(before + 0.2);
  });

  it('moves no row further than its neighbours are, however strong it is', () => {
    const y = Float32Array.from(randomValues(80, 5));
    const after = moved(completeGraph(40), y, 2, randomValues(40, 6), { weight: 1e6 });
    after.forEach((value, at) => {
      expect(Math.abs(value - y[at]!)).toBeLessThanOrEqual(3);
    });
  });

  it('acts in the last share of the epochs, and never with a weight of 0', () => {
    const layout = { dimensions: 2, stride: 2, nEpochs: 10, curve };
    const active = (settings: Partial<DensitySettings>) => {
      const target = { ...defaults, ...settings, logRadii: new Float64Array(5) };
      const term = createDensityTerm(completeGraph(5), target, layout);
      return Array.from({ length: 10 }, (_, epoch) => term.isActive(epoch)).filter(Boolean).length;
    };
    expect(active({ fraction: 0.25 })).toBe(3);
    expect(active({ fraction: 1 })).toBe(10);
    expect(active({ fraction: 0 })).toBe(0);
    expect(active({ weight: 0, fraction: 1 })).toBe(0);
  });

  it('moves nothing when the wanted radii are equal or all rows stand at one point', () => {
    const graph = completeGraph(12);
    const y = Float32Array.from(randomValues(24, 7));
    expect([...moved(graph, y, 2, new Float64Array(12).fill(-3.3))]).toEqual([...y]);
    const point = new Float32Array(24).fill(2);
    for (const varianceShift of [0, 0.1]) {
      expect([...moved(graph, point, 2, randomValues(12, 8), { varianceShift })]).toEqual([...point]);
    }
  });

  it('leaves rows without edges where they are', () => {
    const { starts, targets, weights } = completeGraph(10);
    const lonely = { starts: Uint32Array.from([...starts, starts[10]!]), targets, weights, rows: 11 };
    const y = Float32Array.from(randomValues(22, 9));
    const after = moved(lonely, y, 2, randomValues(11, 10));
    expect([...after.subarray(20)]).toEqual([...y.subarray(20)]);
    expect(after.every(Number.isFinite)).toBe(true);
  });
});
