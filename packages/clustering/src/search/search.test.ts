import { DeadlineExceededError } from '@matome/primitives/async';
import { type Matrix, matrixFromRows, normalizeRows } from '@matome/primitives/linalg';
import { createRandom, normalSample } from '@matome/primitives/random';
import { describe, expect, it } from 'vitest';
import { clusterOther } from '../cluster-embeddings/cluster-other.js';
import { adjustedRandIndex } from '../metrics/adjusted-rand-index.js';
import { ParzenSampler, type SearchSpace } from './parzen-sampler.js';
import { searchClusters } from './search-clusters.js';

function topics(count: number, groups: number, seed: number): { x: Matrix; truth: Int32Array } {
  const random = createRandom(seed);
  const centers = Array.from({ length: groups }, () => Array.from({ length: 16 }, () => normalSample(random)));
  const truth = Int32Array.from({ length: count }, (_, i) => i % groups);
  const rows = [...truth].map((g) => centers[g]!.map((value) => value + 0.3 * normalSample(random)));
  return { x: normalizeRows(matrixFromRows(rows)), truth };
}

describe('ParzenSampler', () => {
  const space: SearchSpace = {
    size: { kind: 'integer', min: 3, max: 60 },
    samples: { kind: 'integer', min: 1, max: ({ size }) => size! },
    kind: { kind: 'choice', values: [10, 20, 30] },
  };
  const goal = ({ size, samples, kind }: Record<string, number>) =>
    -((size! - 41) ** 2) - (samples! - 7) ** 2 - (kind === 20 ? 0 : 200);

  function search(seed: number, trials: number, startupTrials: number): number {
    const sampler = new ParzenSampler(space, { random: createRandom(seed), startupTrials });
    for (let i = 0; i < trials; i++) {
      const values = sampler.suggest();
      expect(values.size! >= 3 && values.size! <= 60 && values.samples! >= 1).toBe(true);
      expect(values.samples!).toBeLessThanOrEqual(values.size!);
      expect([10, 20, 30]).toContain(values.kind);
      sampler.observe(values, goal(values));
    }
    return sampler.best().score;
  }

  it('comes closer than random search on average', () => {
    let guided = 0;
    let blind = 0;
    for (let seed = 0; seed < 20; seed++) {
      guided += search(seed, 60, 10);
      blind += search(seed, 60, 60);
    }
    expect(guided).toBeGreaterThan(blind);
  });

  it('proposes the same for the same seed', () => {
    expect(search(5, 40, 10)).toBe(search(5, 40, 10));
  });

  it('survives scores that are not numbers and ranges of one value', () => {
    const sampler = new ParzenSampler({ only: { kind: 'integer', min: 4, max: 4 } });
    for (let i = 0; i < 20; i++) {
      expect(sampler.suggest()).toEqual({ only: 4 });
      sampler.observe({ only: 4 }, Number.NaN);
    }
    expect(sampler.best().score).toBe(Number.NEGATIVE_INFINITY);
  });

  it('refuses ranges that hold no whole number', () => {
    const sampler = (min: number, max: number) => () => new ParzenSampler({ a: { kind: 'integer', min, max } });
    expect(sampler(5, 1)).toThrow('The a.max option of ParzenSampler must be an integer in [5, ∞). Got 1.');
    expect(sampler(0.5, 3)).toThrow('The a.min option of ParzenSampler must be an integer. Got 0.5.');
    const other = { a: { kind: 'number', min: 0, max: 1 } } as unknown as SearchSpace;
    expect(() => new ParzenSampler(other)).toThrow(
      "The a.kind option of ParzenSampler must be one of 'integer', 'choice'.",
    );
  });

  it('names what is wrong', () => {
    expect(() => new ParzenSampler({ a: { kind: 'choice', values: [] } })).toThrow('a.values.length');
    expect(() => new ParzenSampler({}).best()).toThrow('observations');
  });
});

describe('searchClusters', () => {
  const { x, truth } = topics(150, 4, 1);

  it.each(['tpe', 'grid'] as const)('finds settings that recover the topics by %s', async (method) => {
    const result = await searchClusters(x, { method, trials: 12 });
    expect(adjustedRandIndex(truth, result.clusters.labels)).toBeGreaterThan(0.9);
    expect(result.best.score).toBe(Math.max(...result.trials.map(({ score }) => score)));
    expect(result.best.score).toBeCloseTo(0.6 * result.best.silhouette! + 0.4 * result.best.dbcv!, 10);
    expect(result.stoppedEarly).toBe(false);
  });

  it('tries every combination of a grid, minSamples never above minClusterSize', async () => {
    const lists = { minClusterSize: [4, 8], minSamples: [2, 6], nNeighbors: [8], nComponents: [2, 3] };
    const { trials } = await searchClusters(x, { method: 'grid', ...lists });
    expect(trials.length).toBe(6);
    expect(trials.every(({ minClusterSize, minSamples }) => minSamples <= minClusterSize)).toBe(true);
  });

  it('gives the same trials for the same seed', async () => {
    const run = async () => (await searchClusters(x, { trials: 5, random: createRandom(3) })).trials;
    expect(await run()).toEqual(await run());
  });

  it('returns the best so far at the deadline, and throws when there is none', async () => {
    let time = 0;
    const now = () => time;
    const onProgress = ({ completed }: { completed: number }) => {
      if (completed === 2) time = 1000;
    };
    const result = await searchClusters(x, { trials: 50, deadlineMs: 500, now, onProgress });
    expect(result.stoppedEarly).toBe(true);
    expect(result.trials.length).toBe(2);
    await expect(searchClusters(x, { deadlineMs: 0, now: () => time++ })).rejects.toThrow(DeadlineExceededError);
  });

  it('stops with the reason of an abort', async () => {
    const controller = new AbortController();
    const onProgress = () => controller.abort(new Error('enough'));
    await expect(searchClusters(x, { signal: controller.signal, onProgress })).rejects.toThrow('enough');
  });

  it('fits its ranges to few rows', async () => {
    for (const rows of [3, 5, 9, 20]) {
      const result = await searchClusters(topics(rows, 2, 2).x, { method: 'grid' });
      expect(result.clusters.labels.length).toBe(rows);
    }
    await expect(searchClusters(topics(2, 2, 2).x)).rejects.toThrow('rows');
    await expect(searchClusters(x, { minClusterSize: [] })).rejects.toThrow('minClusterSize.length');
  });
});

describe('clusterOther', () => {
  it('groups a mixed bag and reports the settings it chose', async () => {
    const { x, truth } = topics(90, 5, 4);
    const { labels, nClusters, diagnostics } = await clusterOther(x);
    expect(nClusters).toBeGreaterThanOrEqual(5);
    const inside = [...labels.keys()].filter((i) => labels[i]! >= 0);
    expect(inside.length).toBeGreaterThan(45);
    for (const i of inside) for (const j of inside) if (labels[i] === labels[j]) expect(truth[i]).toBe(truth[j]);
    expect([3, 4, 5]).toContain(diagnostics.minClusterSize);
    expect([1, 2]).toContain(diagnostics.minSamples);
  });

  it('splits heavy groups', async () => {
    const { x } = topics(60, 2, 5);
    const weights = new Float64Array(60).fill(200);
    const whole = await clusterOther(x);
    const { diagnostics, nClusters } = await clusterOther(x, { weights, clusterWeightBounds: [400, 1000] });
    expect(diagnostics.splits).toBeGreaterThan(0);
    expect(nClusters).toBe(whole.nClusters + diagnostics.splits);
  });

  it('names the option that is wrong', async () => {
    const { x } = topics(20, 2, 1);
    await expect(clusterOther(x, { deadlineMs: Number.NaN })).rejects.toThrow(
      'The deadlineMs option of clusterOther must be a number in [0, ∞). Got NaN.',
    );
    await expect(clusterOther(x, { weights: [1, 2] })).rejects.toThrow('weights.length');
    await expect(clusterOther(x, { clusterWeightBounds: [-1, 1] })).rejects.toThrow('clusterWeightBounds[0]');
    await expect(searchClusters(x, { deadlineMs: -1 })).rejects.toThrow('deadlineMs option of searchClusters');
  });

  it('puts one or two rows in no cluster', async () => {
    expect([...(await clusterOther(topics(2, 2, 1).x)).labels]).toEqual([-1, -1]);
  });
});
