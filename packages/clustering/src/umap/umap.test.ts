import { runSync } from '@matome/primitives/async';
import { type Matrix, matrixFromRows, normalizeRows } from '@matome/primitives/linalg';
import { createRandom, normalSample } from '@matome/primitives/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFixture } from '../../../../test/support/read-fixture.js';
import { silhouette } from '../metrics/silhouette.js';
import { trustworthiness } from '../metrics/trustworthiness.js';
import { nearestNeighbors } from '../neighbors/nearest-neighbors.js';
import { umap, umapSteps } from './umap.js';

const digits = matrixFromRows(readFixture<{ x: number[][] }>('hdbscan/digits600x64').x);

function blobs(count: number, cols: number, seed: number): { x: Matrix; labels: number[] } {
  const random = createRandom(seed);
  const labels = Array.from({ length: count }, (_, i) => i % 3);
  const rows = labels.map((label) =>
    Array.from({ length: cols }, (_, t) => normalSample(random) + (t === label ? 9 : 0)),
  );
  return { x: matrixFromRows(rows), labels };
}

const bytes = ({ data }: Matrix) => Buffer.from(data.buffer).toString('base64');

interface QualityFixture {
  readonly nNeighbors: number;
  readonly minDist: number;
  readonly runs: readonly { readonly trustworthiness15: number; readonly trustworthiness5: number }[];
}

describe('umap against umap-learn', () => {
  it('keeps the neighbourhoods of all digits as well as its seeded runs', async () => {
    const x = matrixFromRows(readFixture<{ x: number[][] }>('umap/digits-pixels').x);
    const { nNeighbors, minDist, runs } = readFixture<QualityFixture>('umap/digits-quality');
    const embedding = await umap(x, { nNeighbors, minDist });
    const floor = (values: readonly number[]) => Math.min(...values) - 0.003;
    const trust = (k: number) => trustworthiness(x, embedding, { nNeighbors: k });
    expect(trust(15)).toBeGreaterThan(floor(runs.map((run) => run.trustworthiness15)));
    expect(trust(15)).toBeGreaterThanOrEqual(0.987);
    expect(trust(5)).toBeGreaterThan(floor(runs.map((run) => run.trustworthiness5)));
  });
});

describe('umap', () => {
  it.each(['spectral', 'pca', 'random'] as const)(
    'keeps the neighbourhoods of digits from a %s start',
    async (init) => {
      const embedding = await umap(digits, { init });
      expect(trustworthiness(digits, embedding, { nNeighbors: 15 })).toBeGreaterThan(init === 'random' ? 0.97 : 0.975);
    },
  );

  it('keeps clusters apart in five dimensions', async () => {
    const { x, labels } = blobs(240, 6, 1);
    const embedding = await umap(x, { nComponents: 5, minDist: 0 });
    expect(embedding.cols).toBe(5);
    expect(silhouette(embedding, labels).mean).toBeGreaterThan(0.6);
  });

  it('gives the same bits for the same seed, with one thread, two threads or as a task', async () => {
    const { x } = blobs(300, 4, 2);
    const run = (threads: number) => umap(x, { nEpochs: 40, threads, random: createRandom(5) });
    const expected = bytes(await run(1));
    expect(bytes(await run(2))).toBe(expected);
    expect(bytes(runSync(umapSteps(x, { nEpochs: 40, random: createRandom(5) })))).toBe(expected);
    expect(bytes(await umap(x, { nEpochs: 40, random: createRandom(6) }))).not.toBe(expected);
  });

  it('takes neighbours found before', async () => {
    const { x } = blobs(120, 4, 3);
    const knn = await nearestNeighbors(x, { k: 14 });
    expect(bytes(await umap(x, { knn, nEpochs: 30 }))).toBe(bytes(await umap(x, { nEpochs: 30 })));
  });

  it('compares angles under the cosine metric', async () => {
    const { x } = blobs(90, 5, 4);
    const scaled = { ...x, data: x.data.map((value, at) => value * (1 + (Math.floor(at / 5) % 7))) };
    const neighbours = async (m: Matrix) => (await nearestNeighbors(m, { k: 5, metric: 'cosine' })).indices;
    expect([...(await neighbours(scaled))]).toEqual([...(await neighbours(normalizeRows(x)))]);
    expect((await umap(scaled, { metric: 'cosine', nEpochs: 10 })).rows).toBe(90);
  });

  it('pulls rows of one class together when told the classes', async () => {
    const random = createRandom(8);
    const x = matrixFromRows(Array.from({ length: 150 }, () => [random(), random(), random()]));
    const target = Int32Array.from({ length: 150 }, (_, i) => i % 2);
    const blind = silhouette(await umap(x), target).mean;
    expect(silhouette(await umap(x, { target }), target).mean).toBeGreaterThan(blind + 0.3);
  });

  it('starts from given positions', async () => {
    const { x } = blobs(30, 3, 5);
    const init = { data: Float32Array.from({ length: 60 }, (_, i) => i), rows: 30, cols: 2 };
    expect([...(await umap(x, { init, nEpochs: 0 })).data]).toEqual([...init.data]);
  });

  it('answers for every number of rows and for rows that are all equal', async () => {
    for (const rows of [0, 1, 2, 3, 4, 7]) {
      const x = { data: Float32Array.from({ length: rows * 2 }, (_, i) => i), rows, cols: 2 };
      const embedding = await umap(x, { nEpochs: 10 });
      expect([embedding.rows, embedding.cols]).toEqual([rows, 2]);
      expect(embedding.data.every(Number.isFinite)).toBe(true);
    }
    const equal = { data: new Float32Array(80).fill(3), rows: 40, cols: 2 };
    expect((await umap(equal, { nEpochs: 20 })).data.every(Number.isFinite)).toBe(true);
    expect((await umap({ data: new Float32Array(30), rows: 30, cols: 1 }, { metric: 'cosine' })).rows).toBe(30);
  });

  it('bears wide rows and many duplicates', async () => {
    const random = createRandom(1);
    const wide = { data: Float32Array.from({ length: 12 * 10_000 }, () => random()), rows: 12, cols: 10_000 };
    expect((await umap(wide, { nEpochs: 5 })).rows).toBe(12);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 3, maxLength: 60 }), async (values) => {
        const embedding = await umap(matrixFromRows(values.map((value) => [value])), { nEpochs: 5 });
        expect(embedding.data.every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it.each([{}, { threads: 1, densities: { fraction: 1 } }, { threads: 2, densities: { fraction: 1 } }])(
    'stops soon after an abort, with %j',
    async (options) => {
      const { x } = blobs(3000, 4, 6);
      const controller = new AbortController();
      let aborted = 0;
      const run = umap(x, {
        ...options,
        signal: controller.signal,
        onProgress: ({ stage, completed }) => {
          if (stage !== 'umap' || completed < 3 || aborted > 0) return;
          aborted = performance.now();
          controller.abort(new Error('enough'));
        },
      });
      await expect(run).rejects.toThrow('enough');
      expect(performance.now() - aborted).toBeLessThan(1000);
    },
  );

  it('refuses neighbours that are none', async () => {
    const { x } = blobs(20, 2, 7);
    const knn = await nearestNeighbors(x, { k: 3 });
    const withKnn = (parts: Partial<typeof knn>) => umap(x, { knn: { ...knn, ...parts } });
    await expect(withKnn({ indices: knn.indices.map((index, at) => (at === 4 ? 20 : index)) })).rejects.toThrow(
      /^The knn option of umap must hold rows below 20 at finite distances\. Row 1 has row 20 at [\d.]+\.$/,
    );
    await expect(withKnn({ distances: knn.distances.map(() => Number.NaN) })).rejects.toThrow('at NaN.');
    await expect(withKnn({ indices: knn.indices.subarray(3) })).rejects.toThrow('knn.indices.length');
    await expect(withKnn({ k: 0 })).rejects.toThrow('The knn.k option of umap must be an integer in [1, ∞). Got 0.');
    await expect(withKnn({ rows: 19 })).rejects.toThrow('knn.rows');
  });

  it('names the option that is wrong', async () => {
    const { x } = blobs(20, 2, 7);
    await expect(umap(x, { nNeighbors: 1 })).rejects.toThrow(
      'The nNeighbors option of umap must be an integer in [2, ∞). Got 1.',
    );
    await expect(umap(x, { minDist: 3 })).rejects.toThrow('minDist');
    await expect(umap(x, { target: [1] })).rejects.toThrow('target.length');
    await expect(umap(x, { threads: 1.5 })).rejects.toThrow(
      'The threads option of umap must be an integer in [1, 256]. Got 1.5.',
    );
    await expect(umap(x, { learningRate: 1e300 })).rejects.toThrow('in (0, 1000000]. Got 1e+300.');
    await expect(umap(x, { init: matrixFromRows([[1, 2]]) })).rejects.toThrow('20 × 2');
    await expect(umap(matrixFromRows([[1], [Number.POSITIVE_INFINITY]]))).rejects.toThrow('Row 1');
  });
});
