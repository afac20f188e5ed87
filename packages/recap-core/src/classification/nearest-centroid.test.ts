import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { matrixFromRows } from '@matome/primitives/linalg';
import { createRandom, normalSample } from '@matome/primitives/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NearestCentroid } from './nearest-centroid.js';
import { toSparse } from './sparse-rows.js';
import { fitTemperature, softmaxRows } from './temperature.js';

function readFixture<T>(name: string): T {
  const path = new URL(`../../../../test/fixtures/${name}.json.gz`, import.meta.url);
  return JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as T;
}

/** Points around three directions; the class "split" has two of them, so that one centroid cannot hold it. */
function clouds(seed: number, perCloud = 40) {
  const random = createRandom(seed);
  const rows: number[][] = [];
  const labels: string[] = [];
  const centres = [
    ['split', 1, 0, 0, 0],
    ['split', 0, 1, 0, 0],
    ['whole', 0.7, 0.7, 0.2, 0],
  ] as const;
  for (const [label, ...centre] of centres) {
    for (let i = 0; i < perCloud; i++) {
      rows.push(centre.map((value) => value + 0.08 * normalSample(random)));
      labels.push(label);
    }
  }
  return { x: matrixFromRows(rows), labels };
}

const share = (a: readonly string[], b: readonly string[]) => a.filter((label, i) => label === b[i]).length / a.length;

describe('NearestCentroid', () => {
  it('labels a class of two clouds right only with several centroids', () => {
    const train = clouds(1);
    const test = clouds(2);
    const several = NearestCentroid.fit(train.x, train.labels, { centroidsPerClass: 2 });
    const single = NearestCentroid.fit(train.x, train.labels, { centroidsPerClass: 1 });
    expect(share(several.predict(test.x), test.labels)).toBe(1);
    expect(share(single.predict(test.x), test.labels)).toBeLessThan(0.9);
    expect([...several.centroidClasses]).toEqual([0, 0, 1, 1]);
  });
  it('leaves the fifth of the rows that lie farthest away out of a single centroid', () => {
    const x = matrixFromRows([
      [1, 0],
      [1, 0.01],
      [1, -0.01],
      [1, 0],
      [-0.2, 1],
      [0, -1],
    ]);
    const model = NearestCentroid.fit(x, ['a', 'a', 'a', 'a', 'a', 'b']);
    expect(model.centroids.data[0]).toBeCloseTo(1, 4);
    const plain = NearestCentroid.fit(x, ['a', 'a', 'a', 'a', 'a', 'b'], { keptShare: 1 });
    expect(plain.centroids.data[0]).toBeLessThan(0.98);
  });
  it('learns from wrongly labelled rows', () => {
    const x = matrixFromRows([
      [1, 0.9],
      [1, 0],
      [1, 0],
      [1, 0],
      [0.9, 1],
      [0, 1],
      [1, 1.05],
    ]);
    const labels = ['a', 'a', 'a', 'a', 'b', 'b', 'a'];
    const options = { centroidsPerClass: 1, keptShare: 1 };
    expect(NearestCentroid.fit(x, labels, options).predict(x)).not.toEqual(labels);
    const taught = NearestCentroid.fit(x, labels, { ...options, feedback: { passes: 2000, rate: 0.05, margin: 0 } });
    expect(share(taught.predict(x), labels)).toBeGreaterThan(
      share(NearestCentroid.fit(x, labels, options).predict(x), labels),
    );
    for (const c of [0, 1]) {
      const [p, q] = taught.centroids.data.subarray(2 * c, 2 * c + 2);
      expect(Math.hypot(p!, q!)).toBeCloseTo(1, 5);
    }
  });
  it('counts a row with several labels for each of them', () => {
    const x = matrixFromRows([
      [1, 0],
      [0, 1],
      [1, 1],
    ]);
    const model = NearestCentroid.fit(x, ['a', 'b', ['a', 'b']], { keptShare: 1 });
    expect(model.similarities(matrixFromRows([[1, 1]])).data[0]).toBeCloseTo(Math.cos(Math.PI / 8), 5);
  });
  it('agrees on dense and sparse rows, ignores their length and survives JSON', () => {
    const { x, labels } = clouds(3);
    const model = NearestCentroid.fit(x, labels);
    const copy = NearestCentroid.fromJSON(JSON.parse(JSON.stringify(model)));
    const scaled = { ...x, data: x.data.map((value) => value * 4) };
    expect([...model.similarities(toSparse(x)).data]).toEqual([...model.similarities(x).data]);
    expect([...copy.predictProba(x).data]).toEqual([...model.predictProba(x).data]);
    expect(NearestCentroid.fit(scaled, labels).predict(x)).toEqual(model.predict(x));
  });
  it('gives the same answers whatever rows stand beside a row', () => {
    const { x, labels } = clouds(4, 10);
    const model = NearestCentroid.fit(x, labels);
    const all = model.predict(x);
    fc.assert(
      fc.property(fc.nat(29), (i) => {
        expect(model.predict(matrixFromRows([x.data.subarray(4 * i, 4 * i + 4)]))).toEqual([all[i]]);
      }),
    );
  });
  it('gives a row of zeros similarity 0 and the first class', () => {
    const model = NearestCentroid.fit(
      matrixFromRows([
        [1, 0],
        [0, 1],
      ]),
      ['b', 'a'],
    );
    expect(model.predict(matrixFromRows([[0, 0]]))).toEqual(['a']);
    expect([...model.similarities(matrixFromRows([[0, 0]])).data]).toEqual([0, 0]);
  });
  it('keeps the rows themselves when a class has no more than the wanted centroids', () => {
    const x = matrixFromRows([
      [1, 0],
      [0, 1],
      [-1, 0],
    ]);
    const model = NearestCentroid.fit(x, ['a', 'a', 'b'], { centroidsPerClass: 2, minRowsForClusters: 1 });
    expect([...model.centroids.data]).toEqual([1, 0, 0, 1, -1, 0]);
  });
  it('refuses bad options, other widths and foreign JSON in one sentence', () => {
    const x = matrixFromRows([[1, 0]]);
    expect(() => NearestCentroid.fit(x, ['a'], { centroidsPerClass: 0 })).toThrow('an integer in [1, ∞). Got 0.');
    expect(() => NearestCentroid.fit(x, [])).toThrow('Got 1 and 0.');
    expect(() => NearestCentroid.fit(x, ['a']).predict(matrixFromRows([[1]]))).toThrow('must have 2 columns. Got 1.');
    expect(() => NearestCentroid.fromJSON({ kind: 'k-means' })).toThrow('kind "nearest-centroid"');
  });
});

describe('fitTemperature', () => {
  interface Case {
    readonly logits: readonly (readonly number[])[];
    readonly labels: readonly number[];
    readonly temperature: number;
    readonly nllAfter: number;
  }
  const { temperature: reference } = readFixture<{ temperature: Case }>('classification/calibration');
  const logits = matrixFromRows(reference.logits);

  it('equals the reference and its loss', () => {
    const found = fitTemperature(logits, reference.labels);
    expect(found).toBeCloseTo(reference.temperature, 5);
    const probabilities = softmaxRows(logits, found);
    const loss = reference.labels.reduce((sum, label, i) => sum - Math.log(probabilities.data[4 * i + label]!), 0);
    expect(loss / reference.labels.length).toBeCloseTo(reference.nllAfter, 6);
  });
  it('stays inside its bounds when every answer is right or none is', () => {
    const sure = matrixFromRows([
      [3, 0],
      [0, 3],
    ]);
    expect(fitTemperature(sure, [0, 1])).toBeGreaterThanOrEqual(1e-4);
    expect(fitTemperature(sure, [0, 1])).toBeLessThan(0.2);
    expect(fitTemperature(sure, [1, 0])).toBeLessThanOrEqual(1e4);
    expect(() => fitTemperature(sure, [0])).toThrow('Got 2 and 1.');
  });
});
