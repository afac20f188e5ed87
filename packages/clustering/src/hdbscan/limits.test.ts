import { runAsync } from '@matome/primitives/async';
import type { Matrix } from '@matome/primitives/linalg';
import { createRandom, normalSample } from '@matome/primitives/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adjustedRandIndex } from '../metrics/adjusted-rand-index.js';
import { hdbscan, hdbscanSteps } from './hdbscan.js';
import { approximatePredict } from './hdbscan-predictor.js';
import { affordableRows, affordableShare, attemptWithin, estimatedBytes } from './work-budget.js';

/** Three blobs, a share of the rows anywhere. */
function blobs(rows: number, cols: number, noise: number, seed = 1): { x: Matrix; truth: Int32Array } {
  const random = createRandom(seed);
  const truth = Int32Array.from({ length: rows }, (_, i) => (random() < noise ? -1 : i % 3));
  const data = Float32Array.from({ length: rows * cols }, (_, at) => {
    const label = truth[Math.floor(at / cols)]!;
    return label === -1 ? random() * 40 - 10 : label * 10 + normalSample(random);
  });
  return { x: { data, rows, cols }, truth };
}

const share = (labels: Int32Array) => labels.filter((label) => label === -1).length / labels.length;

describe('maxOutlierShare', () => {
  const { x, truth } = blobs(600, 2, 0.2);
  const options = { minClusterSize: 15, minSamples: 10 };
  const free = hdbscan(x, options);

  it('changes nothing where the settings asked for are enough', () => {
    const limited = hdbscan(x, { ...options, maxOutlierShare: 0.9 });
    expect(limited.labels).toEqual(free.labels);
    expect(limited.adjustments.outliers).toEqual({
      maxOutlierShare: 0.9,
      shareBefore: free.outlierShare,
      method: 'none',
      clusterSelectionEpsilon: 0,
      minClusterSize: 15,
      attachedRows: 0,
    });
  });

  it.each([0.3, 0.1, 0.05, 0])('leaves at most a share of %f and says how', (maxOutlierShare) => {
    const limited = hdbscan(x, { ...options, maxOutlierShare });
    expect(share(limited.labels)).toBeLessThanOrEqual(maxOutlierShare);
    expect(limited.outlierShare).toBe(share(limited.labels));
    expect(limited.adjustments.outliers?.shareBefore).toBe(free.outlierShare);
    expect(limited.nClusters).toBeGreaterThanOrEqual(2);
  });

  it('keeps every row that had a cluster there when outliers join', () => {
    const limited = hdbscan(x, { ...options, maxOutlierShare: 0 });
    expect(limited.adjustments.outliers).toMatchObject({ method: 'attached' });
    expect(limited.adjustments.outliers!.attachedRows).toBe(Math.round(free.outlierShare * 600));
    free.labels.forEach((label, i) => {
      if (label >= 0) expect(limited.labels[i]).toBe(label);
    });
    limited.probabilities.forEach((probability) => {
      expect(probability).toBeGreaterThan(0);
      expect(probability).toBeLessThanOrEqual(1);
    });
    const inBlobs = Array.from(truth.keys()).filter((i) => truth[i] !== -1);
    expect(
      adjustedRandIndex(
        inBlobs.map((i) => truth[i]!),
        inBlobs.map((i) => limited.labels[i]!),
      ),
    ).toBeGreaterThan(0.97);
  });

  it('lets the nearest outliers join first', () => {
    const some = hdbscan(x, { ...options, maxOutlierShare: free.outlierShare / 2 });
    const all = hdbscan(x, { ...options, maxOutlierShare: 0 });
    if (some.adjustments.outliers?.method !== 'attached') throw new Error('meant to attach');
    const joined = some.attachedLambda!.filter((lambda) => lambda > 0);
    const later = all.attachedLambda!.filter((lambda, i) => lambda > 0 && some.attachedLambda![i] === 0);
    expect(Math.min(...joined)).toBeGreaterThanOrEqual(Math.max(...later));
  });

  it('takes a larger epsilon where that leaves enough clusters', () => {
    // Two clumps of two tight knots each, in a halo: merged, the knots take their halo in.
    const random = createRandom(3);
    const data = Float32Array.from({ length: 800 }, (_, at) => {
      const i = Math.floor(at / 2);
      const clump = (i % 2) * 100;
      if (i % 5 === 0) return clump + 3 * normalSample(random);
      return clump + (at % 2 === 0 && i % 4 < 2 ? 4 : 0) + 0.3 * normalSample(random);
    });
    const clumps = { data, rows: 400, cols: 2 };
    const before = hdbscan(clumps, { minClusterSize: 20, minSamples: 5, clusterSelectionMethod: 'leaf' });
    const after = hdbscan(clumps, {
      minClusterSize: 20,
      minSamples: 5,
      clusterSelectionMethod: 'leaf',
      maxOutlierShare: 0.1,
    });
    expect(before.nClusters).toBe(4);
    expect(before.outlierShare).toBeGreaterThan(0.1);
    expect(after.adjustments.outliers).toMatchObject({ method: 'epsilon', attachedRows: 0 });
    expect(after.settings.clusterSelectionEpsilon).toBe(after.adjustments.outliers!.clusterSelectionEpsilon);
    expect(after.nClusters).toBeGreaterThanOrEqual(2);
    expect(after.nClusters).toBeLessThan(4);
    expect(after.outlierShare).toBeLessThanOrEqual(0.1);
  });

  it('finds some cluster first where there is none', () => {
    const tiny = blobs(24, 2, 0, 5).x;
    const limited = hdbscan(tiny, { minClusterSize: 20, minSamples: 2, maxOutlierShare: 0.1 });
    expect(limited.adjustments.outliers!.minClusterSize).toBeLessThan(20);
    expect(share(limited.labels)).toBeLessThanOrEqual(0.1);
    const one = hdbscan({ data: new Float32Array([4]), rows: 1, cols: 1 }, { maxOutlierShare: 0 });
    expect(one.adjustments.outliers).toMatchObject({ method: 'impossible' });
  });

  it('gives the rows their own labels again when they are predicted', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.constantFrom(0, 0.05, 0.15), (seed, maxOutlierShare) => {
        const { x: rows } = blobs(160, 2, 0.2, seed);
        const found = hdbscan(rows, { minClusterSize: 8, minSamples: 5, maxOutlierShare });
        expect([...approximatePredict(rows, found, rows).labels]).toEqual([...found.labels]);
      }),
      { numRuns: 25 },
    );
  });
});

describe('memoryBudgetBytes', () => {
  const { x, truth } = blobs(4000, 3, 0.05);

  it('is met by all rows when it is large enough', () => {
    const found = hdbscan(x, { minClusterSize: 20, memoryBudgetBytes: 1e9 });
    expect(found.adjustments).toEqual({});
    expect(found.sampledRows).toBeUndefined();
  });

  it('makes a sample stand for all rows otherwise, and says so', () => {
    const memoryBudgetBytes = 2_000_000;
    const found = hdbscan(x, { minClusterSize: 60, minSamples: 10, memoryBudgetBytes });
    const { sample } = found.adjustments;
    expect(sample).toMatchObject({ reason: 'memory', estimatedBytes: estimatedBytes(4000, 3, 10) });
    expect(sample!.sampledRows).toBeLessThan(4000);
    expect(estimatedBytes(sample!.sampledRows, 3, 10)).toBeLessThanOrEqual(memoryBudgetBytes);
    expect(sample!.minClusterSize).toBeLessThan(60);
    expect(found.sampledRows).toHaveLength(sample!.sampledRows);
    expect(found.condensedTree.pointCluster).toHaveLength(sample!.sampledRows);
    for (const values of [found.labels, found.probabilities, found.outlierScores]) expect(values).toHaveLength(4000);
    expect(adjustedRandIndex(truth, found.labels)).toBeGreaterThan(0.9);
    expect(found.labels).toEqual(hdbscan(x, { minClusterSize: 60, minSamples: 10, memoryBudgetBytes }).labels);
    const seen = [...new Set(found.labels)].filter((label) => label >= 0);
    expect(seen).toEqual(seen.map((_, i) => i));
  });

  it('places further rows by the sample', () => {
    const found = hdbscan(x, { minClusterSize: 60, minSamples: 10, memoryBudgetBytes: 2_000_000 });
    const { labels } = approximatePredict(x, found, x);
    expect(adjustedRandIndex(found.labels, labels)).toBe(1);
    expect([...labels]).toEqual([...found.labels]);
  });

  it('keeps the outlier share together with a sample', () => {
    const found = hdbscan(x, {
      minClusterSize: 60,
      minSamples: 10,
      memoryBudgetBytes: 2_000_000,
      maxOutlierShare: 0.01,
    });
    expect(share(found.labels)).toBeLessThanOrEqual(0.01);
    expect(found.adjustments).toHaveProperty('outliers');
    expect(found.adjustments).toHaveProperty('sample');
  });

  it('keeps no distances of pairs that it has no room for', () => {
    const few = blobs(600, 3, 0.05).x;
    const memoryBudgetBytes = estimatedBytes(600, 3, 20);
    const stages = (options: object) =>
      new Set(
        Array.from(hdbscanSteps(few, { minClusterSize: 20, algorithm: 'dense', ...options }), ({ stage }) => stage),
      );
    expect(stages({})).toContain('pair-distances');
    expect(stages({ memoryBudgetBytes })).not.toContain('pair-distances');
    expect(hdbscan(few, { minClusterSize: 20, memoryBudgetBytes }).labels).toEqual(
      hdbscan(few, { minClusterSize: 20 }).labels,
    );
  });

  it('says what is needed when not even a sample fits', () => {
    expect(() => hdbscan(x, { minClusterSize: 20, memoryBudgetBytes: 1000 })).toThrow(
      /The memoryBudgetBytes option of hdbscan must be at least \d+ for 3 columns. Got 1000./,
    );
  });

  it('estimates more for more rows, columns and samples', () => {
    expect(estimatedBytes(2000, 3, 5)).toBeGreaterThan(estimatedBytes(1000, 3, 5));
    expect(estimatedBytes(1000, 9, 5)).toBeGreaterThan(estimatedBytes(1000, 3, 5));
    expect(affordableRows(estimatedBytes(1000, 3, 5), 3, 5)).toBe(1000);
    expect(affordableRows(10, 3, 5)).toBe(0);
  });
});

describe('deadlineMs', () => {
  const { x, truth } = blobs(3000, 40, 0.05);

  /** A clock that moves on by `step` milliseconds whenever it is read. */
  const clock = (step: number) => {
    let time = 0;
    return () => {
      time += step;
      return time;
    };
  };

  it('is met by all rows when there is time', () => {
    const found = hdbscan(x, { minClusterSize: 20, deadlineMs: 1e6, now: clock(1) });
    expect(found.adjustments).toEqual({});
    expect(found.labels).toEqual(hdbscan(x, { minClusterSize: 20 }).labels);
  });

  it('makes a sample stand for all rows otherwise, and says so', () => {
    const found = hdbscan(x, { minClusterSize: 60, minSamples: 10, deadlineMs: 40, now: clock(3) });
    const { sample } = found.adjustments;
    expect(sample).toMatchObject({ reason: 'deadline' });
    expect(sample!.projectedMs).toBeGreaterThan(40);
    expect(sample!.sampledRows).toBeLessThan(3000);
    expect(adjustedRandIndex(truth, found.labels)).toBeGreaterThan(0.85);
  });

  it('can be aborted while the sample is placed', async () => {
    const controller = new AbortController();
    const run = runAsync(hdbscanSteps(x, { minClusterSize: 60, deadlineMs: 40, now: clock(3) }), {
      signal: controller.signal,
      onProgress: ({ stage }) => {
        if (stage === 'predict') controller.abort(new Error('enough'));
      },
    });
    await expect(run).rejects.toThrow('enough');
  });

  it('refuses limits out of range', () => {
    expect(() => hdbscan(x, { deadlineMs: 0 })).toThrow(RangeError);
    expect(() => hdbscan(x, { maxOutlierShare: 1.5 })).toThrow(
      new RangeError('The maxOutlierShare option of hdbscan must be a number in [0, 1]. Got 1.5.'),
    );
    expect(() => hdbscan(x, { memoryBudgetBytes: -1 })).toThrow(RangeError);
  });
});

describe('attemptWithin', () => {
  const drain = (stage: string, steps: number, limitMs: number) => {
    let time = 0;
    let closed = false;
    function* task() {
      try {
        for (let i = 1; i <= steps; i++) {
          time += 10;
          yield { stage, completed: i, total: steps };
        }
        return 'all';
      } finally {
        closed = true;
      }
    }
    const attempt = attemptWithin(task(), limitMs, () => time);
    for (;;) {
      const step = attempt.next();
      if (step.done) return { ...step.value, closed };
    }
  };

  it('gives up as soon as the first stage projects beyond the limit', () => {
    expect(drain('core-distances', 100, 100)).toEqual({
      status: 'abandoned',
      elapsedMs: 10,
      projectedMs: 2500,
      closed: true,
    });
  });

  it('gives up later stages once most of the time is gone', () => {
    expect(drain('spanning-tree', 100, 100)).toMatchObject({ status: 'abandoned', elapsedMs: 70 });
  });

  it('hands the value on when there is time', () => {
    expect(drain('core-distances', 3, 1000)).toMatchObject({ status: 'done', value: 'all' });
  });
});

describe('affordableShare', () => {
  it('grows with the time left and stays in [0, 1]', () => {
    expect(affordableShare(1000, 0)).toBe(0);
    expect(affordableShare(1000, -5)).toBe(0);
    expect(affordableShare(1000, 1e9)).toBe(1);
    expect(affordableShare(1000, 200)).toBeLessThan(affordableShare(1000, 400));
    const r = affordableShare(1000, 400);
    expect(1000 * (r * r + r)).toBeCloseTo(200, 6);
  });
});
