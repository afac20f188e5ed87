import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type Matrix, matrixFromRows } from '@matome/primitives/linalg';
import { createRandom, normalSample } from '@matome/primitives/random';
import { describe, expect, it } from 'vitest';
import { applyConfidence, fitConfidence, guardConfidence } from './confidence-calibration.js';
import { ConformalSets } from './conformal-sets.js';
import { fitThresholds } from './fit-thresholds.js';
import { fitIsotonic, isotonicValue } from './isotonic-regression.js';
import { fitPlattScaling, plattProbability } from './platt-scaling.js';
import { addLogits, fitBlendWeights, fitLogitWeights } from './stacked-logits.js';
import { fitTemperature, softmaxRows } from './temperature.js';

interface Reference {
  readonly platt: {
    readonly scores: readonly number[];
    readonly labels: readonly number[];
    readonly a: number;
    readonly b: number;
  };
  readonly isotonic: {
    readonly scores: readonly number[];
    readonly labels: readonly number[];
    readonly xThresholds: readonly number[];
    readonly yThresholds: readonly number[];
    readonly at: readonly number[];
    readonly values: readonly number[];
  };
  readonly temperature: { readonly logits: readonly (readonly number[])[]; readonly labels: readonly number[] };
}
const path = new URL('../../../../test/fixtures/classification/calibration.json.gz', import.meta.url);
const reference = JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as Reference;

/** Rows of three classes whose scores are right as often as they say. */
function drawn(n: number, seed: number, sharpness = 2): { probabilities: Matrix; codes: number[] } {
  const random = createRandom(seed);
  const probabilities = softmaxRows(
    matrixFromRows(Array.from({ length: n }, () => [0, 1, 2].map(() => sharpness * normalSample(random)))),
  );
  const codes = Array.from({ length: n }, (_, i) => {
    let rest = random();
    let c = 0;
    for (; c < 2; c++) if ((rest -= probabilities.data[3 * i + c]!) < 0) break;
    return c;
  });
  return { probabilities, codes };
}

describe('fitPlattScaling', () => {
  it('equals the reference', () => {
    const { slope, offset } = fitPlattScaling(reference.platt.scores, reference.platt.labels);
    expect(slope).toBeCloseTo(reference.platt.a, 4);
    expect(offset).toBeCloseTo(reference.platt.b, 4);
  });
  it('gives equal scores one probability near the share of members', () => {
    const scaling = fitPlattScaling([3, 3, 3, 3], [1, 0, 0, 0]);
    expect(plattProbability(scaling, 3)).toBeCloseTo((2 / 3 + 3 / 5) / 4, 3);
    expect(() => fitPlattScaling([], [])).toThrow('Got 0 and 0.');
  });
});

describe('fitIsotonic', () => {
  const fitted = fitIsotonic(reference.isotonic.scores, reference.isotonic.labels);
  it('equals the reference', () => {
    expect([...fitted.x]).toEqual(reference.isotonic.xThresholds);
    fitted.y.forEach((value, i) => {
      expect(value).toBeCloseTo(reference.isotonic.yThresholds[i]!, 10);
    });
    reference.isotonic.at.forEach((score, i) => {
      expect(isotonicValue(fitted, score)).toBeCloseTo(reference.isotonic.values[i]!, 10);
    });
  });
  it('never falls', () => {
    for (let i = 1; i < fitted.y.length; i++) expect(fitted.y[i]).toBeGreaterThanOrEqual(fitted.y[i - 1]!);
  });
  it('merges equal scores', () => {
    expect([...fitIsotonic([1, 1, 2], [0, 1, 1]).y]).toEqual([0.5, 1]);
    expect(() => fitIsotonic([1], [])).toThrow('Got 1 and 0.');
  });
});

describe('fitLogitWeights', () => {
  const logits = matrixFromRows(reference.temperature.logits);
  it('is the inverse temperature for one model', () => {
    const [weight] = fitLogitWeights([logits], reference.temperature.labels);
    expect(1 / weight!).toBeCloseTo(fitTemperature(logits, reference.temperature.labels), 4);
  });
  it('gives a harmful model no weight and shares it between copies', () => {
    const opposite = { ...logits, data: logits.data.map((v) => -v) };
    const [useful, harmful] = fitLogitWeights([logits, opposite], reference.temperature.labels);
    expect(harmful).toBe(0);
    const [a, b] = fitLogitWeights([logits, logits], reference.temperature.labels);
    expect(a! + b!).toBeCloseTo(useful!, 3);
    expect(addLogits([logits, logits], [1, 2]).data[0]).toBeCloseTo(3 * logits.data[0]!, 5);
  });
  it('refuses nothing to learn from', () => {
    expect(() => fitLogitWeights([], [])).toThrow('a model and a row');
    expect(() => fitLogitWeights([logits], [0])).toThrow('must be 1 × 4');
  });
});

describe('fitBlendWeights', () => {
  const truth = Int32Array.from({ length: 400 }, (_, i) => i % 2);
  /** A model that gives its answer with a lead, right where `right` says so. */
  const model = (right: (i: number) => boolean, lead: (i: number) => number) =>
    matrixFromRows(Array.from(truth, (code, i) => (code === (right(i) ? 0 : 1) ? [lead(i), 0] : [0, lead(i)])));
  const share = (logits: Matrix[], weights: Float64Array) => {
    const { data } = addLogits(logits, weights);
    return truth.filter((code, i) => (data[2 * i]! > data[2 * i + 1]! ? 0 : 1) === code).length / truth.length;
  };
  const first = model(
    (i) => i % 10 !== 0,
    (i) => (i % 10 === 0 ? 1 : 2),
  );

  it('is the weights of lowest log loss for one model, and for one that adds right answers', () => {
    expect(fitBlendWeights([first], truth)).toEqual(fitLogitWeights([first], truth));
    const helper = model(
      (i) => i % 10 === 0 || i % 3 !== 0,
      (i) => (i % 10 === 0 ? 4 : 1),
    );
    const weights = fitBlendWeights([first, helper], truth);
    const together = fitLogitWeights([first, helper], truth);
    expect(weights[1]! / weights[0]!).toBeCloseTo(together[1]! / together[0]!, 5);
    expect(share([first, helper], weights)).toBeGreaterThan(share([first, helper], new Float64Array([1, 0])));
  });
  it('lets a model that knows when to doubt, but answers worse, cost no right answers', () => {
    // It doubts where the first is wrong, too little to turn the answer, and turns some that the first has right.
    const meddler = model(
      (i) => i % 10 !== 1 && i % 10 !== 2,
      (i) => (i % 10 === 0 ? 0.9 : i % 10 < 3 ? 1 : 2),
    );
    const first = model(
      (i) => i % 10 !== 0,
      (i) => (i % 10 === 0 ? 1.5 : i % 10 < 3 ? 0.5 : 2),
    );
    const logits = [first, meddler];
    const alone = share(logits, new Float64Array([1, 0]));
    expect(share(logits, fitLogitWeights(logits, truth))).toBeLessThan(alone);
    expect(share(logits, fitBlendWeights(logits, truth))).toBeGreaterThanOrEqual(alone);
  });
});

describe('fitThresholds', () => {
  it('finds the lowest of the best thresholds for every class', () => {
    const probabilities = matrixFromRows([
      [0.62, 0.38],
      [0.48, 0.52],
      [0.42, 0.58],
      [0.2, 0.8],
    ]);
    const thresholds = fitThresholds(probabilities, new Uint8Array([1, 0, 1, 0, 0, 1, 0, 1]));
    expect([...thresholds].map((t) => Number(t.toFixed(2)))).toEqual([0.45, 0.55]);
  });
  it('gives a class without rows 0.5', () => {
    expect([...fitThresholds(matrixFromRows([[0.3, 0.7]]), new Uint8Array([1, 0]))][1]).toBe(0.5);
    expect(() => fitThresholds(matrixFromRows([[1]]), new Uint8Array(2))).toThrow('must be 1 × 1. Got 2 values.');
  });
});

describe('ConformalSets', () => {
  const { probabilities, codes } = drawn(4000, 1);
  const sets = ConformalSets.fit(probabilities, codes);
  const fresh = drawn(4000, 2);
  const rowOf = (i: number) => fresh.probabilities.data.subarray(3 * i, 3 * i + 3);

  it.each([0.01, 0.05, 0.2])('misses the true class with probability of at most %d', (alpha) => {
    const missed = fresh.codes.filter((code, i) => !sets.plausible(rowOf(i), alpha).includes(code)).length / 4000;
    expect(missed).toBeLessThan(alpha + 3 * Math.sqrt((alpha * (1 - alpha)) / 4000));
    expect(missed).toBeGreaterThan(alpha / 3);
  });
  it.each([0.05, 0.1])('lets answers of which at most %d are wrong pass', (alpha) => {
    const from = sets.acceptFrom(alpha);
    const accepted = fresh.codes
      .map((code, i) => ({ code, row: rowOf(i) }))
      .filter(({ row }) => Math.max(...row) >= from);
    const wrong = accepted.filter(({ code, row }) => row.indexOf(Math.max(...row)) !== code).length;
    expect(accepted.length).toBeGreaterThan(400);
    expect(wrong / accepted.length).toBeLessThan(alpha + 3 * Math.sqrt((alpha * (1 - alpha)) / accepted.length));
  });
  it('bounds the misses of every class when asked to', () => {
    const skewed = (seed: number) => {
      const all = drawn(6000, seed);
      return { ...all, codes: all.codes.map((code) => (code === 2 ? 2 : 0)) };
    };
    const [learn, test] = [skewed(3), skewed(4)];
    const perClass = ConformalSets.fit(learn.probabilities, learn.codes, { perClass: true });
    for (const label of [0, 2]) {
      const own = test.codes.flatMap((code, i) => (code === label ? [i] : []));
      const missed = own.filter(
        (i) => !perClass.plausible(test.probabilities.data.subarray(3 * i, 3 * i + 3), 0.1).includes(label),
      );
      expect(missed.length / own.length).toBeLessThan(0.13);
    }
  });
  it('accepts nothing when no confidence is good enough, and all when every answer is right', () => {
    const wrong = ConformalSets.fit(
      matrixFromRows([
        [1, 0],
        [1, 0],
      ]),
      [1, 1],
    );
    expect(wrong.acceptFrom(0.1)).toBe(Number.POSITIVE_INFINITY);
    const right = ConformalSets.fit(
      matrixFromRows(Array.from({ length: 30 }, () => [0.9, 0.1])),
      new Array(30).fill(0),
    );
    expect(right.acceptFrom(0.05)).toBe(0);
    expect([...wrong.plausible([0.7, 0.3], 0.01)]).toEqual([0, 1]);
  });
  it('survives JSON and refuses what is none of its own', () => {
    const copy = ConformalSets.fromJSON(JSON.parse(JSON.stringify(sets)));
    expect(copy.acceptFrom(0.05)).toBe(sets.acceptFrom(0.05));
    expect(() => ConformalSets.fromJSON({})).toThrow('kind "conformal-sets"');
    expect(() => sets.plausible([1], 0)).toThrow('alpha');
    expect(() => ConformalSets.fit(probabilities, [])).toThrow('Got 4000 and 0.');
  });
});

describe('confidence calibration', () => {
  // Right half the time at low scores and 95 % at high ones: no single temperature says both.
  const random = createRandom(9);
  const rows = Array.from({ length: 3000 }, (_, i) => {
    const sure = i % 2 === 0;
    return { logits: [sure ? 9 : 0.2, 0, -0.5], right: random() < (sure ? 0.95 : 0.6) };
  });
  const logits = matrixFromRows(rows.map((row) => row.logits));
  const codes = rows.map(({ right }) => (right ? 0 : 1));

  it('brings the highest probability to the share of right answers, and keeps the order of classes', () => {
    const probabilities = applyConfidence(logits, fitConfidence(logits, codes));
    expect(probabilities.data[0]).toBeCloseTo(0.95, 1);
    expect(probabilities.data[3]).toBeCloseTo(0.6, 1);
    for (const start of [0, 3]) {
      const [a, b, c] = probabilities.data.subarray(start, start + 3);
      expect(a! > b! && b! > c!).toBe(true);
      expect(a! + b! + c!).toBeCloseTo(1, 5);
    }
  });
  it('never turns confidences round, and leaves equal classes equal', () => {
    const backwards = rows.map(({ logits }) => (logits[0] === 9 ? 1 : 0));
    expect(fitConfidence(logits, backwards).slope).toBeLessThan(0);
    const level = applyConfidence(matrixFromRows([[1, 1]]), { slope: -1, offset: -3 });
    expect([...level.data]).toEqual([0.5, 0.5]);
    expect([...applyConfidence(matrixFromRows([[7]]), { slope: -1, offset: 0 }).data]).toEqual([1]);
  });
  it('lowers confidence to what holds in the hardest block of time, and never raises it', () => {
    const late = rows.map((_, i) => (i < 2000 ? 0 : 1));
    const drifted = rows.map(({ right }, i) => (right && !(i >= 2000 && i % 5 === 0) ? 0 : 1));
    const scaling = fitConfidence(logits, drifted);
    const guarded = guardConfidence(logits, drifted, scaling, late);
    expect(guarded.hardest).toBe(1);
    const confidences = applyConfidence(logits, guarded.scaling).data.filter((_, at) => at % 3 === 0 && at >= 6000);
    const mean = confidences.reduce((sum, p) => sum + p, 0) / confidences.length;
    expect(mean).toBeCloseTo(drifted.slice(2000).filter((code) => code === 0).length / 1000, 3);
    const unchanged = { slope: scaling.slope, offset: scaling.offset + 5 };
    expect(guardConfidence(logits, drifted, unchanged, late).scaling).toEqual(unchanged);
    expect(guardConfidence(logits, drifted.fill(0), scaling, late).scaling.offset).toBe(scaling.offset);
  });
});
