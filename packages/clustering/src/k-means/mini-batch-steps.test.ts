import { runSync } from '@matome/primitives/async';
import type { Matrix } from '@matome/primitives/linalg';
import { createRandom, normalSample } from '@matome/primitives/random';
import { describe, expect, it } from 'vitest';
import { RowProducts } from '../wasm/row-products.js';
import { assignRowSteps, assignRows } from './assign-rows.js';
import { miniBatchSteps } from './mini-batch-steps.js';

const random = createRandom(3);
const x: Matrix = { data: Float32Array.from({ length: 6000 * 4 }, () => normalSample(random)), rows: 6000, cols: 4 };
const settings = {
  ...{ nClusters: 8, nInit: 3, maxIterations: 100, batchSize: 512, maxNoImprovement: 10 },
  init: 'k-means++' as const,
};

describe('miniBatchSteps', () => {
  it('ends after the first step when it is late, with centroids that can be used', () => {
    const data = new RowProducts('test', x, 8);
    const walk = runSync(miniBatchSteps(data, { ...settings, random: createRandom(1), isLate: () => true }));
    expect([walk.steps, walk.converged]).toEqual([1, false]);
    const inertia = (centroids: Float64Array) =>
      assignRows(data, undefined, centroids, 8).squaredDistances.reduce((sum, value) => sum + value, 0);
    const patient = runSync(miniBatchSteps(data, { ...settings, random: createRandom(1) }));
    expect(inertia(walk.centroids)).toBeLessThan(inertia(patient.centroids) * 1.3);
    expect(inertia(patient.centroids)).toBeLessThan(inertia(walk.centroids));
  });

  it('takes as many starts and batches as there is time for', () => {
    let asked = 0;
    const data = new RowProducts('test', x, 8);
    runSync(miniBatchSteps(data, { ...settings, random: createRandom(1), isLate: () => ++asked > 40 }));
    // Each of the stages that end then may ask once more.
    expect(asked).toBeGreaterThan(40);
    expect(asked).toBeLessThan(45);
  });
});

describe('assignRowSteps', () => {
  it('yields between blocks', () => {
    const data = new RowProducts('test', x, 8);
    const centroids = Float64Array.from({ length: 32 }, (_, at) => at % 7);
    const completed: number[] = [];
    const found = runSync(assignRowSteps(data, undefined, centroids, 8), (progress) =>
      completed.push(progress.completed),
    );
    expect(completed).toEqual([1792, 3840, 5888]);
    expect([...found.labels]).toEqual([...assignRows(data, undefined, centroids, 8).labels]);
  });
});
