import { runSync } from '@matome/primitives/async';
import type { Matrix } from '@matome/primitives/linalg';
import { createRandom, normalSample } from '@matome/primitives/random';
import { bench, describe } from 'vitest';
import { exactNeighborsSteps } from '../neighbors/nearest-neighbors.js';
import { curveParameters } from './curve-parameters.js';
import { fuzzyGraphSteps } from './fuzzy-graph.js';
import { samplingPeriods } from './layout-memory.js';
import { createLayoutTeam } from './layout-team.js';
import { layoutSteps } from './optimize-layout.js';

const [rows, cols, nEpochs] = [2000, 16, 50];
const random = createRandom(1);
const x: Matrix = {
  data: Float32Array.from(
    { length: rows * cols },
    (_, at) => 7 * (Math.floor(at / cols) % 8 === at % cols ? 1 : 0) + normalSample(random),
  ),
  rows,
  cols,
};
const graph = runSync(fuzzyGraphSteps(runSync(exactNeighborsSteps(x, 14, 'euclidean'))));
const start = Float64Array.from({ length: 2 * rows }, () => 10 * random());
const curve = curveParameters(0.1, 1);
const options = {
  ...{ dimensions: 2, nEpochs, curve, learningRate: 1, negativeSampleRate: 5, repulsionStrength: 1 },
  seed: 1,
};

/** The published loop: an edge at a time, five random rows each. */
function naiveLayout(): Float64Array {
  const y = start.slice();
  const periods = samplingPeriods(graph.weights, nEpochs);
  const next = periods.slice();
  const { a, b } = curve;
  const clip = (value: number) => Math.max(-4, Math.min(4, value));
  for (let epoch = 0; epoch < nEpochs; epoch++) {
    const rate = 1 - epoch / nEpochs;
    for (let i = 0; i < rows; i++) {
      for (let at = graph.starts[i]!; at < graph.starts[i + 1]!; at++) {
        if (periods[at]! < 0 || next[at]! > epoch) continue;
        next[at]! += periods[at]!;
        const j = graph.targets[at]!;
        const squared = (y[2 * i]! - y[2 * j]!) ** 2 + (y[2 * i + 1]! - y[2 * j + 1]!) ** 2;
        const pull = squared > 0 ? (-2 * a * b * squared ** (b - 1)) / (1 + a * squared ** b) : 0;
        for (let t = 0; t < 2; t++) {
          const step = rate * clip(pull * (y[2 * i + t]! - y[2 * j + t]!));
          y[2 * i + t]! += step;
          y[2 * j + t]! -= step;
        }
        for (let sample = 0; sample < 5; sample++) {
          const k = Math.floor(random() * rows);
          const apart = (y[2 * i]! - y[2 * k]!) ** 2 + (y[2 * i + 1]! - y[2 * k + 1]!) ** 2;
          if (apart === 0) continue;
          const push = (2 * b) / ((0.001 + apart) * (1 + a * apart ** b));
          for (let t = 0; t < 2; t++) y[2 * i + t]! += rate * clip(push * (y[2 * i + t]! - y[2 * k + t]!));
        }
      }
    }
  }
  return y;
}

async function withTwoThreads(): Promise<void> {
  const team = await createLayoutTeam(2);
  runSync(layoutSteps(graph, start, options, team));
  await team.close();
}

describe('50 epochs of a layout of 2,000 rows', () => {
  bench('layoutSteps, one thread', () => void runSync(layoutSteps(graph, start, options)), { iterations: 5 });
  bench('layoutSteps, two threads and their start', withTwoThreads, { iterations: 3 });
  bench('naive loop over the edges', () => void naiveLayout(), { iterations: 2 });
});
