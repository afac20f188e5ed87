import { runSync } from '@matome/primitives/async';
import { type Matrix, matrixFromRows, takeRows } from '@matome/primitives/linalg';
import { createRandom, normalSample } from '@matome/primitives/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFixture } from '../../../../test/support/read-fixture.js';
import { type ClusterDensity, clusterDensitySteps, distanceBetween } from './cluster-density.js';
import { dbcv } from './dbcv.js';
import { densitySeparationSteps } from './density-separation.js';

interface DbcvCase {
  readonly data: string;
  readonly rows: number[];
  readonly labeling: string;
  readonly labels: number[];
  readonly validityIndex: number;
  readonly perCluster: number[];
  readonly felsiqDbcv: number;
}
const { cases } = readFixture<{ cases: DbcvCase[] }>('hdbscan/dbcv');

describe.each(cases)('dbcv of $labeling labels on $data', (c) => {
  const x = takeRows(matrixFromRows(readFixture<{ x: number[][] }>(c.data).x), c.rows);

  it('is the validity index of the hdbscan package', () => {
    const { score, perCluster } = dbcv(x, c.labels);
    expect(Math.abs(score - c.validityIndex)).toBeLessThan(1e-6);
    const byLabel = new Map<number, number>();
    for (const label of c.labels) if (label >= 0 && !byLabel.has(label)) byLabel.set(label, perCluster[byLabel.size]!);
    c.perCluster.forEach((value, label) => {
      expect(Math.abs(byLabel.get(label)! - value)).toBeLessThan(2e-6);
    });
  });

  it("is the value of the authors' definition", () => {
    expect(Math.abs(dbcv(x, c.labels, { definition: 'authors' }).score - c.felsiqDbcv)).toBeLessThan(1e-6);
  });
});

function blobs(seed: number, rows: number, cols: number, apart: number): { x: Matrix; labels: number[] } {
  const random = createRandom(seed);
  const labels = Array.from({ length: rows }, (_, i) => i % 3);
  const data = Float32Array.from({ length: rows * cols }, (_, at) => {
    const i = Math.floor(at / cols);
    return (at % cols === i % 3 ? apart : 0) + normalSample(random);
  });
  return { x: { data, rows, cols }, labels };
}

describe('dbcv', () => {
  it('neither overflows nor vanishes in many columns', () => {
    for (const scale of [1e-12, 1, 1e12]) {
      const { x, labels } = blobs(1, 90, 512, 60);
      const scaled = { ...x, data: x.data.map((v) => v * scale) };
      const { score, perCluster } = dbcv(scaled, labels);
      expect(score).toBeGreaterThan(0.2);
      expect(score).toBeLessThan(1);
      expect(perCluster.every((value) => value > 0)).toBe(true);
    }
  });

  it('does not depend on the scale of the data', () => {
    const { x, labels } = blobs(2, 120, 4, 12);
    const doubled = { ...x, data: x.data.map((v) => v * 4) };
    for (const definition of ['hdbscan', 'authors'] as const) {
      expect(dbcv(doubled, labels, { definition }).score).toBeCloseTo(dbcv(x, labels, { definition }).score, 9);
    }
  });

  it('falls by the share of rows in no cluster', () => {
    const { x, labels } = blobs(3, 90, 2, 30);
    const full = dbcv(x, labels).score;
    const far = {
      data: new Float32Array([...x.data, ...Array.from({ length: 20 }, (_, i) => 500 + i)]),
      rows: 100,
      cols: 2,
    };
    expect(dbcv(far, [...labels, ...new Array<number>(10).fill(-1)]).score).toBeCloseTo(full * 0.9, 12);
  });

  it('stands for clusters of one row, of two and of equal rows', () => {
    const x = matrixFromRows([[0], [10], [10.5], [20], [20], [20], [30], [31], [33]]);
    for (const definition of ['hdbscan', 'authors'] as const) {
      const { score, perCluster } = dbcv(x, [0, 1, 1, 2, 2, 2, 3, 3, 3], { definition });
      expect(score).toBeGreaterThan(-1);
      for (const value of perCluster) expect(Math.abs(value)).toBeLessThanOrEqual(1);
    }
  });

  it('is NaN for fewer than two clusters', () => {
    const x = matrixFromRows([[0], [1], [2]]);
    expect(dbcv(x, [0, 0, 0]).score).toBeNaN();
    expect(dbcv(x, [-1, -1, -1]).perCluster).toHaveLength(0);
  });

  it('refuses labels that do not fit and an unknown definition', () => {
    const x = matrixFromRows([[0], [1]]);
    expect(() => dbcv(x, [0])).toThrow('The labels of dbcv must be as many as rows. Got 1 for 2 rows.');
    expect(() => dbcv(x, [0, 1], { definition: 'felsiq' as never })).toThrow(RangeError);
  });
});

describe('densitySeparationSteps', () => {
  it('equal the least reach over all pairs of members', () => {
    const points = fc.array(fc.tuple(fc.integer({ min: -6, max: 6 }), fc.integer({ min: -6, max: 6 })), {
      minLength: 4,
      maxLength: 60,
    });
    fc.assert(
      fc.property(points, fc.integer({ min: 2, max: 4 }), fc.boolean(), (rows, k, squared) => {
        const x = matrixFromRows(rows);
        const clusters = Array.from({ length: k }, (_, c) =>
          runSync(
            clusterDensitySteps(
              x,
              Int32Array.from(rows.keys()).filter((i) => i % k === c),
              squared,
            ),
          ),
        );
        const all = ({ rows: members }: ClusterDensity) => Int32Array.from(members.keys());
        const expected = clusters.map((a) => {
          let least = Number.POSITIVE_INFINITY;
          for (const b of clusters) {
            if (a === b) continue;
            a.rows.forEach((p, i) => {
              b.rows.forEach((q, j) => {
                least = Math.min(least, Math.max(a.core[i]!, b.core[j]!, distanceBetween(x, p, q, squared)));
              });
            });
          }
          return least;
        });
        expect([...runSync(densitySeparationSteps(x, clusters, all, squared))]).toEqual(expected);
      }),
    );
  });
});
