import { runSync } from '@matome/primitives/async';
import { createRandom } from '@matome/primitives/random';
import { describe, expect, it } from 'vitest';
import { readFixture } from '../../../../test/support/read-fixture.js';
import { curveParameters } from './curve-parameters.js';
import type { FuzzyGraph } from './fuzzy-graph.js';
import { samplingPeriods } from './layout-memory.js';
import { createLayoutTeam } from './layout-team.js';
import { type LayoutOptions, layoutSteps } from './optimize-layout.js';

/** Every row with its next few rows, both ways, with weights that differ. */
function ringGraph(rows: number, reach: number): FuzzyGraph {
  const starts = new Uint32Array(rows + 1);
  const targets: number[] = [];
  const weights: number[] = [];
  for (let i = 0; i < rows; i++) {
    for (let j = -reach; j <= reach; j++) {
      if (j === 0) continue;
      targets.push((i + j + rows) % rows);
      weights.push(1 / Math.abs(j));
    }
    starts[i + 1] = targets.length;
  }
  return { starts, targets: Uint32Array.from(targets), weights: Float32Array.from(weights), rows };
}

/** The 32-bit streams of the kernel, in plain JavaScript. */
function laneStates(row: number, seed: number): Uint32Array {
  return Uint32Array.from([0, 0x3c6ef372, 0x78dde6e4, -0x4ab325aa], (lane) => {
    let s = (Math.imul(row, 0x9e3779b1) + seed + lane) | 0;
    for (const factor of [0x21f0aaad, 0x735a2d97]) {
      s = Math.imul(s, factor);
      s ^= s >>> 15;
    }
    return s >>> 0;
  });
}

function stepLanes(states: Uint32Array): void {
  for (let lane = 0; lane < 4; lane++) {
    let s = states[lane]!;
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    states[lane] = s >>> 0;
  }
}

/** One epoch as the paper's formulas say, with the kernel's order of chunks and its random rows. */
function plainEpoch(
  graph: FuzzyGraph,
  before: Float32Array,
  options: LayoutOptions,
  next: Float32Array,
  epoch: number,
) {
  const { dimensions: d, curve, negativeSampleRate, repulsionStrength, nEpochs, learningRate } = options;
  const { a, b } = curve;
  const rate = learningRate * (1 - epoch / nEpochs);
  const periods = samplingPeriods(graph.weights, nEpochs);
  const after = before.slice();
  for (let i = 0; i < graph.rows; i++) {
    const own = Array.from(before.subarray(i * d, (i + 1) * d));
    const due: number[] = [];
    for (let at = graph.starts[i]!; at < graph.starts[i + 1]!; at++) {
      if (periods[at]! < 0 || next[at]! > epoch) continue;
      next[at]! += periods[at]!;
      due.push(graph.targets[at]!);
    }
    const states = laneStates(i, (options.seed + Math.imul(epoch, 0x85ebca6b)) | 0);
    const differenceTo = (j: number) => own.map((value, t) => value - before[j * d + t]!);
    for (let from = 0; from < due.length; from += 8) {
      const chunk = due.slice(from, from + 8);
      const sums = new Array<number>(d).fill(0);
      let total = 1;
      for (const j of chunk) {
        const difference = differenceTo(j);
        const square = difference.reduce((sum, value) => sum + value * value, 0);
        const force = (4 * a * b * rate * square ** (b - 1)) / (1 + a * square ** b);
        total += force;
        difference.forEach((value, t) => {
          sums[t]! += force * value;
        });
      }
      sums.forEach((sum, t) => {
        own[t]! -= sum / total;
      });
      const pushes = new Array<number>(d).fill(0);
      for (let drawn = 0; drawn < chunk.length * negativeSampleRate; drawn++) {
        if (drawn % 4 === 0) stepLanes(states);
        const j = Number((BigInt(states[drawn % 4]!) * BigInt(graph.rows)) >> 32n);
        const difference = differenceTo(j);
        const square = difference.reduce((sum, value) => sum + value * value, 0);
        const force = (2 * b * repulsionStrength) / ((0.001 + square) * (1 + a * square ** b));
        difference.forEach((value, t) => {
          pushes[t]! += Math.max(-4, Math.min(4, force * value));
        });
      }
      pushes.forEach((push, t) => {
        own[t]! += rate * push;
      });
    }
    after.set(own, i * d);
  }
  return after;
}

function randomStart(rows: number, dimensions: number): Float64Array {
  const random = createRandom(3);
  return Float64Array.from({ length: rows * dimensions }, () => Math.fround(10 * random()));
}

const base: Omit<LayoutOptions, 'dimensions'> = {
  nEpochs: 3,
  curve: curveParameters(0.1),
  learningRate: 1,
  negativeSampleRate: 5,
  repulsionStrength: 1,
  seed: -77,
};

describe('layoutSteps', () => {
  it.each([1, 2, 3, 4, 5, 9])('takes the steps of the formulas in %i dimensions', (dimensions) => {
    const graph = ringGraph(60, 10);
    const options = { ...base, dimensions };
    const start = randomStart(graph.rows, dimensions);
    let expected = Float32Array.from(start);
    const next = samplingPeriods(graph.weights, options.nEpochs);
    for (let epoch = 0; epoch < options.nEpochs; epoch++) expected = plainEpoch(graph, expected, options, next, epoch);
    const layout = runSync(layoutSteps(graph, start, options));
    expected.forEach((value, at) => {
      expect(Math.abs(layout[at]! - value)).toBeLessThan(1e-2);
    });
  });

  it.each([2, 5])('gives the same bits for any number of threads in %i dimensions', async (dimensions) => {
    const graph = ringGraph(5000, 4);
    const options = { ...base, dimensions, nEpochs: 20 };
    const start = randomStart(graph.rows, dimensions);
    const alone = runSync(layoutSteps(graph, start, options));
    for (const threads of [2, 3]) {
      const team = await createLayoutTeam(threads);
      const together = runSync(layoutSteps(graph, start, options, team));
      await team.close();
      expect(Buffer.from(together.buffer).equals(Buffer.from(alone.buffer))).toBe(true);
    }
  });

  it('leaves fixed rows where they are', () => {
    const graph = ringGraph(40, 3);
    const start = randomStart(40, 2);
    const layout = runSync(layoutSteps(graph, start, { ...base, dimensions: 2, fixedRows: 30 }));
    expect([...layout.subarray(0, 60)]).toEqual([...start.subarray(0, 60)]);
    expect([...layout.subarray(60)]).not.toEqual([...start.subarray(60)]);
  });

  it('stays finite when all rows start at one point', () => {
    const layout = runSync(
      layoutSteps(ringGraph(30, 3), new Float64Array(60), { ...base, dimensions: 2, nEpochs: 50 }),
    );
    expect(layout.every(Number.isFinite)).toBe(true);
  });

  it('returns the start when there are no epochs', () => {
    const start = randomStart(10, 3);
    const layout = runSync(layoutSteps(ringGraph(10, 2), start, { ...base, dimensions: 3, nEpochs: 0 }));
    expect([...layout]).toEqual([...start]);
  });
});

describe('samplingPeriods against umap-learn', () => {
  const { weights, epochs } = readFixture<{ weights: number[]; epochs: Record<string, number[]> }>(
    'umap/epochs-per-sample',
  );

  it.each(Object.keys(epochs))('uses edges as often in %s epochs, and those never that come up in none', (count) => {
    const periods = samplingPeriods(Float32Array.from(weights), Number(count));
    for (const [edge, period] of epochs[count]!.entries()) {
      // umap-learn drops the edges that would not come up before it asks for periods.
      const expected = period > Number(count) ? -1 : period;
      expect(Math.abs(periods[edge]! - expected)).toBeLessThan(1e-5 * Math.abs(expected));
    }
  });
});
