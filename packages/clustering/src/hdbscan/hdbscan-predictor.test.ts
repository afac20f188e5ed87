import { type Matrix, matrixFromRows, takeRows } from '@matome/primitives/linalg';
import { createRandom, normalSample } from '@matome/primitives/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFixture } from '../../../../test/support/read-fixture.js';
import { hdbscan } from './hdbscan.js';
import { approximatePredict, HdbscanPredictor } from './hdbscan-predictor.js';

interface Fixture {
  readonly queries: number[][];
  readonly labels: number[];
  readonly probabilities: number[];
  readonly trainLabels: number[];
  readonly membershipFirst50: number[][];
}
const fixture = readFixture<Fixture>('hdbscan/predict-moons');
const moons = readFixture<{ x: number[][]; minClusterSize: number; minSamples: number }>('hdbscan/moons500x2');
const x = matrixFromRows(moons.x);
const clustering = hdbscan(x, { minClusterSize: moons.minClusterSize, minSamples: moons.minSamples });
const predictor = HdbscanPredictor.from(x, clustering);
/** Labels of the reference by ours. */
const renamed = new Map(Array.from(clustering.labels, (label, i) => [label, fixture.trainLabels[i]!]));

describe('HdbscanPredictor on moons', () => {
  it('labels new rows as the reference does', () => {
    const { labels, probabilities } = predictor.predict(matrixFromRows(fixture.queries));
    expect(Array.from(labels, (label) => renamed.get(label))).toEqual(fixture.labels);
    fixture.probabilities.forEach((probability, i) => {
      expect(probabilities[i]).toBeCloseTo(probability, 5);
    });
  });

  it('has the membership vectors of the reference', () => {
    const membership = predictor.trainingMembership();
    fixture.membershipFirst50.forEach((expected, i) => {
      for (let label = 0; label < 2; label++) {
        expect(membership.data[2 * i + label]).toBeCloseTo(expected[renamed.get(label)!]!, 5);
      }
    });
  });

  it('gives new rows memberships that agree with their labels', () => {
    const queries = matrixFromRows(fixture.queries);
    const { labels } = predictor.predict(queries);
    const membership = predictor.membership(queries);
    labels.forEach((label, i) => {
      const [a, b] = [membership.data[2 * i]!, membership.data[2 * i + 1]!];
      expect(a).toBeGreaterThanOrEqual(0);
      expect(a + b).toBeLessThanOrEqual(1 + 1e-6);
      if (label >= 0) expect(a > b ? 0 : 1).toBe(label);
    });
  });
});

function blobs(seed: number, rows: number, cols: number): Matrix {
  const random = createRandom(seed);
  const data = Float32Array.from({ length: rows * cols }, (_, at) => {
    const i = Math.floor(at / cols);
    return i % 9 === 0 ? random() * 24 - 4 : (i % 3) * 8 + normalSample(random);
  });
  return { data, rows, cols };
}

describe('HdbscanPredictor', () => {
  const choices = fc.record({
    seed: fc.nat(1e6),
    cols: fc.constantFrom(1, 2, 5, 20),
    clusterSelectionMethod: fc.constantFrom('eom' as const, 'leaf' as const),
    clusterSelectionEpsilon: fc.constantFrom(0, 1.5),
    allowSingleCluster: fc.boolean(),
  });

  it('gives the rows of the clustering their own labels', () => {
    fc.assert(
      fc.property(choices, ({ seed, cols, ...options }) => {
        const rows = blobs(seed, 140, cols);
        const found = hdbscan(rows, { minClusterSize: 6, minSamples: 4, ...options });
        const { labels, probabilities } = approximatePredict(rows, found, rows);
        expect([...labels]).toEqual([...found.labels]);
        probabilities.forEach((probability, i) => {
          expect(probability).toBeGreaterThanOrEqual(found.probabilities[i]! - 1e-6);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('does so for rows with duplicates', () => {
    const rows = takeRows(
      blobs(4, 60, 2),
      Array.from({ length: 240 }, (_, i) => i % 60),
    );
    const found = hdbscan(rows, { minClusterSize: 6, minSamples: 5 });
    expect([...approximatePredict(rows, found, rows).labels]).toEqual([...found.labels]);
  });

  it('leaves far rows in no cluster', () => {
    const far = matrixFromRows([[500, -500]]);
    expect([...predictor.predict(far).labels]).toEqual([-1]);
    expect([...predictor.predict(far).probabilities]).toEqual([0]);
  });

  it('measures cosine distance as the clustering did', () => {
    const rows = blobs(5, 120, 3);
    const found = hdbscan(rows, { metric: 'cosine', minClusterSize: 8, minSamples: 3 });
    const longer = { ...rows, data: rows.data.map((value) => value * 8) };
    expect([...approximatePredict(rows, found, longer).labels]).toEqual([...found.labels]);
    expect(() => approximatePredict(rows, found, matrixFromRows([[0, 0, 0]]))).not.toThrow();
  });

  it('comes back from JSON with the same answers', () => {
    const rows = takeRows(
      blobs(6, 80, 3),
      Array.from({ length: 200 }, (_, i) => i % 80),
    );
    const queries = blobs(7, 60, 3);
    for (const options of [{}, { maxOutlierShare: 0 }, { metric: 'cosine' as const }]) {
      const found = hdbscan(rows, { minClusterSize: 6, minSamples: 2, ...options });
      const before = HdbscanPredictor.from(rows, found);
      const after = HdbscanPredictor.fromJSON(JSON.parse(JSON.stringify(before)));
      expect(after.predict(queries)).toEqual(before.predict(queries));
      expect(after.predict(rows).labels).toEqual(found.labels);
      expect(after.trainingMembership()).toEqual(before.trainingMembership());
    }
  });

  it('comes back from JSON without what stands behind the last row', () => {
    const longer = { ...x, data: new Float32Array(x.data.length + 3) };
    longer.data.set(x.data);
    const json = JSON.stringify(HdbscanPredictor.from(longer, clustering));
    expect(HdbscanPredictor.fromJSON(JSON.parse(json)).predict(longer).labels).toEqual(clustering.labels);
  });

  it('refuses JSON that is not its own or does not fit together', () => {
    const json = JSON.parse(JSON.stringify(predictor)) as Record<string, unknown>;
    expect(() => HdbscanPredictor.fromJSON(null)).toThrow('The value must be a hdbscan-predictor of version 1.');
    expect(() => HdbscanPredictor.fromJSON({ ...json, version: 2 })).toThrow(TypeError);
    expect(() => HdbscanPredictor.fromJSON({ ...json, data: undefined })).toThrow(
      'The hdbscan-predictor is incomplete.',
    );
    expect(() => HdbscanPredictor.fromJSON({ ...json, selected: [99999] })).toThrow(
      'The parts of the hdbscan-predictor do not fit together.',
    );
  });

  it('stands for a clustering of no clusters and of no rows', () => {
    const rows = matrixFromRows([[0], [1], [2]]);
    const none = hdbscan(rows);
    expect([...approximatePredict(rows, none, rows).labels]).toEqual([-1, -1, -1]);
    expect(HdbscanPredictor.from(rows, none).trainingMembership().cols).toBe(0);
    const empty = { data: new Float32Array(0), rows: 0, cols: 1 };
    expect([...approximatePredict(empty, hdbscan(empty), rows).labels]).toEqual([-1, -1, -1]);
  });

  it('refuses rows and queries that do not fit', () => {
    expect(() => HdbscanPredictor.from(matrixFromRows([[0, 0]]), clustering)).toThrow(
      'The rows of HdbscanPredictor.from must be those of the clustering. Got 1 for 500 labels.',
    );
    expect(() => predictor.predict(matrixFromRows([[0]]))).toThrow(
      'The queries of HdbscanPredictor must have 2 columns. Got 1.',
    );
    expect(() => predictor.predict(matrixFromRows([[0, Number.NaN]]))).toThrow(/Row 0 holds NaN in column 1/);
  });
});
