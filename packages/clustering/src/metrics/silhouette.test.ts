import { matrixFromRows } from '@matome/primitives/linalg';
import { createRandom } from '@matome/primitives/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFixture } from '../../../../test/support/read-fixture.js';
import { calinskiHarabaszIndex, daviesBouldinIndex } from './cluster-spread.js';
import { silhouette } from './silhouette.js';

interface SilhouetteCase {
  readonly data: string;
  readonly k: number;
  readonly metric: 'euclidean' | 'cosine';
  readonly labels: number[];
  readonly mean: number;
  readonly samplesFirst100: number[];
  readonly daviesBouldin?: number;
  readonly calinskiHarabasz?: number;
}
const { cases } = readFixture<{ cases: SilhouetteCase[] }>('clustering/silhouette');
const matrices = new Map(
  ['hdbscan/blobs400x5', 'hdbscan/digits600x64'].map((name) => [
    name,
    matrixFromRows(readFixture<{ x: number[][] }>(name).x),
  ]),
);

describe.each(cases)('$data, k = $k, $metric', (c) => {
  const x = matrices.get(c.data)!;
  // The reference had float64 rows; whole numbers survive float32, the others lose about 3e-8.
  const digits = c.data.includes('digits') ? 9 : 6;

  it.each([true, false])('has the silhouettes of the reference (vectors: %s)', (simd) => {
    const { mean, samples, sampled } = silhouette(x, c.labels, { metric: c.metric, simd });
    expect(mean).toBeCloseTo(c.mean, digits);
    c.samplesFirst100.forEach((value, i) => {
      expect(samples[i]).toBeCloseTo(value, digits);
    });
    expect(sampled).toBe(false);
  });
});

it.each(cases.filter((c) => c.daviesBouldin !== undefined))(
  'has the spread indices of the reference on $data, k = $k',
  (c) => {
    const x = matrices.get(c.data)!;
    expect(daviesBouldinIndex(x, c.labels)).toBeCloseTo(c.daviesBouldin!, 5);
    expect(calinskiHarabaszIndex(x, c.labels) / c.calinskiHarabasz!).toBeCloseTo(1, 6);
  },
);

describe('silhouette', () => {
  const line = (values: number[]) => matrixFromRows(values.map((v) => [v]));

  it('leaves rows without a cluster out', () => {
    const all = silhouette(line([0, 1, 10, 11]), [0, 0, 1, 1]);
    const withNoise = silhouette(line([0, 1, 500, 10, 11]), [0, 0, -1, 1, 1]);
    expect(withNoise.mean).toBe(all.mean);
    expect(withNoise.samples[2]).toBeNaN();
    expect(withNoise.rows).toBe(4);
  });

  it('is NaN for fewer than two clusters', () => {
    expect(silhouette(line([0, 1]), [0, 0]).mean).toBeNaN();
    expect(silhouette(line([0, 1]), [-1, -1]).mean).toBeNaN();
    expect(silhouette(line([]), []).mean).toBeNaN();
  });

  it('counts a cluster of one row and equal rows as 0', () => {
    expect([...silhouette(line([0, 5, 6]), [0, 1, 1]).samples][0]).toBe(0);
    expect(silhouette(line([3, 3, 3, 3]), [0, 0, 1, 1]).mean).toBe(0);
  });

  it('keeps its precision far from the origin', () => {
    const near = silhouette(line([0, 1, 10, 11]), [0, 0, 1, 1]).mean;
    expect(silhouette(line([1e6, 1e6 + 1, 1e6 + 10, 1e6 + 11]), [0, 0, 1, 1]).mean).toBeCloseTo(near, 9);
  });

  it('draws a seeded sample of large inputs and says so', () => {
    const random = createRandom(1);
    const x = line(Array.from({ length: 900 }, (_, i) => (i % 3) * 5 + random()));
    const labels = Array.from({ length: 900 }, (_, i) => i % 3);
    const full = silhouette(x, labels);
    const sample = silhouette(x, labels, { maxRows: 300 });
    expect(sample).toMatchObject({ sampled: true, rows: 300 });
    expect(sample.mean).toBe(silhouette(x, labels, { maxRows: 300 }).mean);
    expect(Math.abs(sample.mean - full.mean)).toBeLessThan(0.02);
    expect(sample.samples.filter((value) => !Number.isNaN(value))).toHaveLength(300);
  });

  it('lies in [-1, 1] and ignores the names of labels', () => {
    const labelled = fc.array(fc.tuple(fc.float({ min: -9, max: 9, noNaN: true }), fc.nat(3)), { minLength: 1 });
    fc.assert(
      fc.property(labelled, (rows) => {
        const x = line(rows.map(([value]) => value));
        const { mean } = silhouette(
          x,
          rows.map(([, label]) => label),
        );
        if (Number.isNaN(mean)) return;
        expect(Math.abs(mean)).toBeLessThanOrEqual(1);
        const renamed = rows.map(([, label]) => 10 - label);
        expect(silhouette(x, renamed).mean).toBeCloseTo(mean, 9);
      }),
    );
  });

  it('has indices that name the first row that is not finite', () => {
    const x = matrixFromRows([[0], [1], [Number.NaN], [9]]);
    for (const index of [daviesBouldinIndex, calinskiHarabaszIndex]) {
      expect(() => index(x, [0, 0, 1, 1])).toThrow('must hold finite numbers. Row 2 holds NaN in column 0.');
    }
  });

  it('refuses labels that do not fit', () => {
    expect(() => silhouette(line([0, 1]), [0])).toThrow(
      'The labels of silhouette must be as many as rows. Got 1 for 2 rows.',
    );
    expect(() => daviesBouldinIndex(line([0, 1]), [0])).toThrow(RangeError);
  });
});

describe('spread indices', () => {
  it('are NaN for fewer than two clusters', () => {
    const x = matrixFromRows([[0], [1]]);
    expect(daviesBouldinIndex(x, [0, -1])).toBeNaN();
    expect(calinskiHarabaszIndex(x, [0, 0])).toBeNaN();
  });
});
