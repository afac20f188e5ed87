import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type CsrMatrix, type Matrix, matrixFromRows } from '@matome/primitives/linalg';
import { createRandom, normalSample } from '@matome/primitives/random';
import { describe, expect, it } from 'vitest';
import { LinearSvm } from './linear-svm.js';
import { LogisticRegression } from './logistic-regression.js';
import { minimizeLbfgs } from './minimize-lbfgs.js';
import { naiveBayesWeights } from './naive-bayes-weights.js';
import { toSparse } from './sparse-rows.js';

function readFixture<T>(name: string): T {
  const path = new URL(`../../../../test/fixtures/${name}.json.gz`, import.meta.url);
  return JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as T;
}

interface Csr {
  readonly indptr: readonly number[];
  readonly indices: readonly number[];
  readonly data: readonly number[];
  readonly shape: readonly [number, number];
}

const csr = ({ indptr, indices, data, shape }: Csr): CsrMatrix => ({
  indptr: Uint32Array.from(indptr),
  indices: Uint32Array.from(indices),
  data: Float32Array.from(data),
  rows: shape[0],
  cols: shape[1],
});
const text = csr(readFixture<{ matrix: Csr }>('text/svd').matrix);
const digits = (() => {
  const { x } = readFixture<{ x: readonly (readonly number[])[] }>('hdbscan/digits600x64');
  return toSparse(matrixFromRows(x.slice(0, 200).map((values) => values.map((value) => value / 16))));
})();

describe('LogisticRegression', () => {
  interface Case {
    readonly name: string;
    readonly data: string;
    readonly target: readonly number[];
    readonly params: { readonly C: number; readonly class_weight?: 'balanced'; readonly fit_intercept?: boolean };
    readonly coef: readonly (readonly number[])[];
    readonly coefNorm: number;
    readonly intercept: readonly number[];
    readonly probaFirst5: readonly (readonly number[])[];
    readonly penalisedLoss: number;
  }
  const { cases } = readFixture<{ cases: readonly Case[] }>('classification/logistic');

  it.each(cases)('equals the reference: $name', (reference) => {
    const x = reference.data.startsWith('digits') ? digits : text;
    const model = LogisticRegression.fit(x, reference.target.map(String), {
      errorCost: reference.params.C,
      classWeight: reference.params.class_weight ?? 'none',
      intercept: reference.params.fit_intercept ?? true,
      tolerance: 1e-9,
      maxIterations: 5000,
    });
    const { data, cols } = model.coefficients;
    reference.coef.forEach((row, c) => {
      row.forEach((value, j) => {
        expect(Math.abs(data[c * cols + j]! - value)).toBeLessThan(1e-5);
      });
    });
    expect(Math.hypot(...data)).toBeCloseTo(reference.coefNorm, 5);
    model.intercepts.forEach((value, c) => {
      expect(Math.abs(value - reference.intercept[c]!)).toBeLessThan(1e-5);
    });
    const probabilities = model.predictProba(x);
    reference.probaFirst5.forEach((row, i) => {
      row.forEach((value, c) => {
        expect(Math.abs(probabilities.data[i * row.length + c]! - value)).toBeLessThan(1e-5);
      });
    });
  });
  it('survives JSON and says whether it converged', () => {
    const target = cases[2]!.target.map(String);
    const model = LogisticRegression.fit(text, target);
    const copy = LogisticRegression.fromJSON(JSON.parse(JSON.stringify(model)));
    expect(copy.predict(text)).toEqual(model.predict(text));
    expect(model.converged).toBe(true);
    expect(LogisticRegression.fit(text, target, { maxIterations: 1 }).converged).toBe(false);
  });
  it('refuses one class, other widths and foreign JSON', () => {
    const x = matrixFromRows([[1], [2]]);
    expect(() => LogisticRegression.fit(x, ['a', 'a'])).toThrow('at least two classes. Got 1.');
    expect(() => LogisticRegression.fit(x, ['a'])).toThrow('Got 1 and 2.');
    expect(() => LogisticRegression.fit(x, ['a', 'b']).predict(text)).toThrow('must have 1 columns. Got 32.');
    expect(() => LogisticRegression.fromJSON(null)).toThrow('kind "logistic-regression"');
  });
});

describe('LinearSvm', () => {
  interface Reference {
    readonly linearSvc: {
      readonly target: readonly number[];
      readonly coef: readonly number[];
      readonly intercept: number;
    };
  }
  const { linearSvc } = readFixture<Reference>('classification/other-linear');

  it('equals the reference', () => {
    const model = LinearSvm.fit(text, linearSvc.target.map(String), { tolerance: 1e-9, maxPasses: 100_000 });
    const { data, cols } = model.coefficients;
    linearSvc.coef.forEach((value, j) => {
      expect(Math.abs(data[cols + j]! - value)).toBeLessThan(1e-4);
    });
    expect(Math.abs(model.intercepts[1]! - linearSvc.intercept)).toBeLessThan(1e-4);
    expect(model.converged).toBe(true);
  });
  it('gives the two sides of two classes opposite weights', () => {
    const model = LinearSvm.fit(text, linearSvc.target.map(String), { tolerance: 1e-9, maxPasses: 100_000 });
    const { data, cols } = model.coefficients;
    for (let j = 0; j < cols; j++) expect(data[j]! + data[cols + j]!).toBeCloseTo(0, 5);
  });
  it('finds few telling columns among many only with naive Bayes weights', () => {
    const { x, labels } = needles(1);
    const test = needles(2);
    const accuracy = (plainShare: number) =>
      LinearSvm.fit(x, labels, { plainShare })
        .predict(test.x)
        .filter((label, i) => label === test.labels[i]).length / test.labels.length;
    expect(accuracy(0)).toBeGreaterThan(accuracy(1) + 0.02);
  });
  it('keeps its answers through JSON and for plain rows whatever the weights of columns', () => {
    const { x, labels } = needles(3);
    const model = LinearSvm.fit(x, labels, { plainShare: 0.5 });
    const copy = LinearSvm.fromJSON(JSON.parse(JSON.stringify(model)));
    expect([...copy.decide(x).data]).toEqual([...model.decide(x).data]);
    expect(LinearSvm.fit(x, labels, { plainShare: 0.5 }).predict(x)).toEqual(model.predict(x));
  });
  it('refuses bad options, other widths and foreign JSON', () => {
    expect(() => LinearSvm.fit(text, [])).toThrow('Got 20 and 0.');
    expect(() => LinearSvm.fit(text, linearSvc.target.map(String), { plainShare: 2 })).toThrow('in [0, 1]. Got 2.');
    const model = LinearSvm.fit(text, linearSvc.target.map(String));
    expect(() => model.decide(matrixFromRows([[1]]))).toThrow('must have 32 columns. Got 1.');
    expect(() => LinearSvm.fromJSON({})).toThrow('kind "linear-svm"');
  });
});

/** 120 rows of 300 random columns, of which three of each class tell it. */
function needles(seed: number): { x: Matrix; labels: string[] } {
  const random = createRandom(seed);
  const labels = Array.from({ length: 120 }, (_, i) => `c${i % 3}`);
  const rows = labels.map((_, i) =>
    Array.from({ length: 300 }, (_, j) => {
      const telling = j < 9 && j % 3 === i % 3;
      return random() < (telling ? 0.5 : 0.08) ? 1 : 0;
    }),
  );
  return { x: matrixFromRows(rows), labels };
}

describe('naiveBayesWeights', () => {
  it('weighs a column by its absolute log-count ratio', () => {
    const x = toSparse(
      matrixFromRows([
        [1, 0],
        [1, 1],
        [0, 1],
        [0, 1],
      ]),
    );
    const weights = naiveBayesWeights(x, new Uint8Array([1, 0, 1, 0, 0, 1, 0, 1]), 2, 0);
    const ratio = (2 + 1) / (3 + 2) / ((0 + 1) / (2 + 2));
    expect(weights[0]).toBeCloseTo(Math.log(ratio), 6);
    expect(weights[1]).toBeCloseTo(Math.log(ratio), 6);
    expect([...naiveBayesWeights(x, new Uint8Array([1, 0, 1, 0, 0, 1, 0, 1]), 2, 1)]).toEqual([1, 1, 1, 1]);
  });
});

describe('minimizeLbfgs', () => {
  it('finds the bottom of a curved valley', () => {
    const { point, converged } = minimizeLbfgs(
      (p, g) => {
        const [x, y] = p as unknown as [number, number];
        g[0] = -2 * (1 - x) - 400 * x * (y - x * x);
        g[1] = 200 * (y - x * x);
        return (1 - x) ** 2 + 100 * (y - x * x) ** 2;
      },
      new Float64Array([-1.2, 1]),
    );
    expect(converged).toBe(true);
    expect([...point].map((v) => Number(v.toFixed(5)))).toEqual([1, 1]);
  });
  it('solves a random quadratic in few steps', () => {
    const random = createRandom(5);
    const scales = Array.from({ length: 50 }, () => Math.exp(normalSample(random)));
    const { point, iterations } = minimizeLbfgs((p, g) => {
      let value = 0;
      p.forEach((v, i) => {
        g[i] = scales[i]! * (v - i);
        value += (scales[i]! * (v - i) ** 2) / 2;
      });
      return value;
    }, new Float64Array(50));
    expect(point[49]).toBeCloseTo(49, 4);
    expect(iterations).toBeLessThan(100);
  });
});
