import { runSync } from '@matome/primitives/async';
import { type Matrix, matrixFromRows } from '@matome/primitives/linalg';
import { createRandom, normalSample } from '@matome/primitives/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFixture } from '../../../../test/support/read-fixture.js';
import { silhouette } from '../metrics/silhouette.js';
import { trustworthiness } from '../metrics/trustworthiness.js';
import { densityCorrelation } from './local-radii.js';
import { umap, umapSteps } from './umap.js';
import { Umap } from './umap-model.js';

interface RadiiFixture {
  readonly runs: readonly {
    readonly densities: boolean;
    readonly correlation: number;
    readonly trustworthiness15: number;
  }[];
}

/** Three blobs, each twice as wide as the one before. */
function blobs(count: number, cols: number, seed: number): { x: Matrix; labels: number[] } {
  const random = createRandom(seed);
  const labels = Array.from({ length: count }, (_, i) => i % 3);
  const rows = labels.map((label) =>
    Array.from({ length: cols }, (_, t) => 2 ** label * normalSample(random) + (t === label ? 40 : 0)),
  );
  return { x: matrixFromRows(rows), labels };
}

const bytes = ({ data }: Matrix) => Buffer.from(data.buffer).toString('base64');
const densities = {};

describe('umap with densities against umap-learn', () => {
  it('keeps densities and neighbourhoods of all digits as well as its seeded runs', async () => {
    const x = matrixFromRows(readFixture<{ x: number[][] }>('umap/digits-pixels').x);
    const runs = readFixture<RadiiFixture>('umap/local-radii').runs.filter((run) => run.densities);
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const correlations: number[] = [];
    const trusts: number[] = [];
    for (const seed of [42, 1]) {
      const embedding = await umap(x, { densities, random: createRandom(seed) });
      correlations.push(await densityCorrelation(x, embedding));
      trusts.push(trustworthiness(x, embedding, { nNeighbors: 15 }));
    }
    expect(mean(correlations)).toBeGreaterThan(mean(runs.map((run) => run.correlation)) - 0.02);
    expect(mean(trusts)).toBeGreaterThan(mean(runs.map((run) => run.trustworthiness15)) - 0.003);
  });
});

describe('umap with densities', () => {
  it.each([1, 2, 3, 5])('keeps wide clusters wide in %i dimensions', async (nComponents) => {
    const { x } = blobs(300, 6, 1);
    const options = { nComponents, nEpochs: 200 };
    const plain = await densityCorrelation(x, await umap(x, options));
    const kept = await densityCorrelation(x, await umap(x, { ...options, densities }));
    expect(kept).toBeGreaterThan(0.6);
    expect(kept).toBeGreaterThan(plain + 0.2);
  });

  it('keeps densities of angles under the cosine metric', async () => {
    const { x } = blobs(300, 6, 2);
    const options = { nEpochs: 200, metric: 'cosine' } as const;
    const plain = await densityCorrelation(x, await umap(x, options), { metric: 'cosine' });
    const kept = await densityCorrelation(x, await umap(x, { ...options, densities }), { metric: 'cosine' });
    expect(kept).toBeGreaterThan(plain + 0.2);
  });

  it('keeps classes together when told them', async () => {
    const { x, labels } = blobs(240, 4, 3);
    const options = { nEpochs: 200, target: labels };
    const embedding = await umap(x, { ...options, densities });
    expect(silhouette(embedding, labels).mean).toBeGreaterThan(0.4);
    expect(await densityCorrelation(x, embedding)).toBeGreaterThan(
      (await densityCorrelation(x, await umap(x, options))) + 0.2,
    );
  });

  it.each([2, 3])(
    'gives the same bits with any number of threads or as a task, in %i dimensions',
    async (nComponents) => {
      const { x } = blobs(1300, 4, 4);
      const options = { nComponents, nEpochs: 40, densities };
      const run = (threads: number) => umap(x, { ...options, threads, random: createRandom(5) });
      const expected = bytes(await run(1));
      expect(bytes(await run(2))).toBe(expected);
      expect(bytes(await run(3))).toBe(expected);
      expect(bytes(runSync(umapSteps(x, { ...options, random: createRandom(5) })))).toBe(expected);
      expect(bytes(await umap(x, { ...options, random: createRandom(6) }))).not.toBe(expected);
    },
  );

  it('is umap without the term when that has no weight or no epochs', async () => {
    const { x } = blobs(90, 3, 5);
    const plain = bytes(await umap(x, { nEpochs: 30 }));
    expect(bytes(await umap(x, { nEpochs: 30, densities: { weight: 0 } }))).toBe(plain);
    expect(bytes(await umap(x, { nEpochs: 30, densities: { fraction: 0 } }))).toBe(plain);
    expect(bytes(await umap(x, { nEpochs: 30, densities }))).not.toBe(plain);
  });

  it('runs 200 epochs more', async () => {
    const { x } = blobs(60, 3, 6);
    expect(bytes(await umap(x, { densities }))).toBe(bytes(await umap(x, { densities, nEpochs: 700 })));
  });

  it('answers for every number of rows, for duplicates and for rows that are all equal', async () => {
    for (const rows of [0, 1, 2, 3, 4, 7]) {
      const x = { data: Float32Array.from({ length: rows * 2 }, (_, i) => i), rows, cols: 2 };
      const embedding = await umap(x, { nEpochs: 20, densities });
      expect([embedding.rows, embedding.cols]).toEqual([rows, 2]);
      expect(embedding.data.every(Number.isFinite)).toBe(true);
    }
    const equal = { data: new Float32Array(80).fill(3), rows: 40, cols: 2 };
    for (const varianceShift of [0, 0.1]) {
      const embedding = await umap(equal, { nEpochs: 20, densities: { varianceShift, fraction: 1 } });
      expect(embedding.data.every(Number.isFinite)).toBe(true);
    }
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 3, maxLength: 60 }), async (values) => {
        const x = matrixFromRows(values.map((value) => [value]));
        const embedding = await umap(x, { nEpochs: 10, densities: { fraction: 1, weight: 100, varianceShift: 0 } });
        expect(embedding.data.every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('places new rows without a term for their densities', async () => {
    const { x, labels } = blobs(240, 4, 7);
    const model = await Umap.fit(x, { nEpochs: 100, densities });
    expect(bytes(model.embedding)).toBe(bytes(await umap(x, { nEpochs: 100, densities })));
    const placed = await model.transform(x);
    expect(silhouette(placed, labels).mean).toBeGreaterThan(0.3);
    const restored = Umap.fromJSON(JSON.parse(JSON.stringify(model)));
    expect(bytes(await restored.transform(x))).toBe(bytes(placed));
  });

  it('names the option that is wrong', async () => {
    const { x } = blobs(20, 2, 9);
    await expect(umap(x, { densities: { weight: -1 } })).rejects.toThrow(
      'The densities.weight option of umap must be a number in [0, 1000000]. Got -1.',
    );
    await expect(umap(x, { densities: { fraction: 1.5 } })).rejects.toThrow('densities.fraction');
    await expect(Umap.fit(x, { densities: { varianceShift: Number.NaN } })).rejects.toThrow(
      'The densities.varianceShift option of Umap.fit',
    );
  });
});
