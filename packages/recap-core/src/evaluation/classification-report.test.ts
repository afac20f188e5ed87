import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { expectedCalibrationError, reliabilityBins } from './calibration-error.js';
import { classificationReport } from './classification-report.js';
import { stratifiedFolds } from './cross-validation.js';

function readFixture<T>(name: string): T {
  const path = new URL(`../../../../test/fixtures/${name}.json.gz`, import.meta.url);
  return JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as T;
}

interface Multiclass {
  readonly truth: readonly number[];
  readonly pred: readonly number[];
  readonly confusion: readonly (readonly number[])[];
  readonly accuracy: number;
  readonly balancedAccuracy: number;
  readonly mcc: number;
  readonly kappa: number;
  readonly macro: readonly number[];
  readonly micro: readonly number[];
  readonly weighted: readonly number[];
  readonly perClass: readonly (readonly number[])[];
}

describe('classificationReport', () => {
  const { multiclass } = readFixture<{ multiclass: Multiclass }>('metrics/classification');
  const report = classificationReport(multiclass.truth.map(String), multiclass.pred.map(String));

  it('equals the reference in every average', () => {
    expect(report.accuracy).toBeCloseTo(multiclass.accuracy, 10);
    expect(report.balancedAccuracy).toBeCloseTo(multiclass.balancedAccuracy, 10);
    expect(report.matthews).toBeCloseTo(multiclass.mcc, 10);
    expect(report.kappa).toBeCloseTo(multiclass.kappa, 10);
    for (const name of ['macro', 'micro', 'weighted'] as const) {
      const { precision, recall, f1 } = report[name];
      [precision, recall, f1].forEach((value, i) => {
        expect(value, `${name} ${i}`).toBeCloseTo(multiclass[name][i]!, 10);
      });
    }
  });
  it('equals the reference class by class', () => {
    const [precision, recall, f1, support] = multiclass.perClass as [number[], number[], number[], number[]];
    report.perClass.forEach((scores, c) => {
      expect(scores.precision).toBeCloseTo(precision[c]!, 10);
      expect(scores.recall).toBeCloseTo(recall[c]!, 10);
      expect(scores.f1).toBeCloseTo(f1[c]!, 10);
      expect(scores.support).toBe(support[c]);
    });
    expect(report.confusion).toEqual(multiclass.confusion);
  });
  it('counts every row once as true or false positive and never loses one', () => {
    const positives = report.perClass.reduce((sum, s) => sum + s.truePositives + s.falsePositives, 0);
    const actual = report.perClass.reduce((sum, s) => sum + s.truePositives + s.falseNegatives, 0);
    expect([positives, actual]).toEqual([80, 80]);
  });
  it('gives zeros, not NaN, to a class that is never predicted', () => {
    const { perClass, macro } = classificationReport(['a', 'b'], ['a', 'a']);
    expect(perClass[1]).toMatchObject({ label: 'b', precision: 0, recall: 0, f1: 0 });
    expect(macro.f1).toBeCloseTo(1 / 3, 12);
  });
  it('gives 1 for perfect labels and calls no row or other lengths a mistake', () => {
    expect(classificationReport(['a', 'b'], ['a', 'b'])).toMatchObject({ accuracy: 1, kappa: 1, matthews: 1 });
    expect(() => classificationReport([], [])).toThrow('at least one. Got 0 and 0.');
    expect(() => classificationReport(['a'], [])).toThrow('Got 1 and 0.');
  });
});

describe('calibration error', () => {
  interface Temperature {
    readonly logits: readonly (readonly number[])[];
    readonly labels: readonly number[];
    readonly ece15Before: number;
  }
  it('equals the reference with 15 bins', () => {
    const { temperature } = readFixture<{ temperature: Temperature }>('classification/calibration');
    const confidences: number[] = [];
    const correct: boolean[] = [];
    temperature.logits.forEach((logits, i) => {
      const highest = Math.max(...logits);
      confidences.push(1 / logits.reduce((sum, z) => sum + Math.exp(z - highest), 0));
      correct.push(logits.indexOf(highest) === temperature.labels[i]);
    });
    expect(expectedCalibrationError(confidences, correct)).toBeCloseTo(temperature.ece15Before, 9);
  });
  it('puts a confidence on an edge into the lower bin and zero into the first', () => {
    expect(reliabilityBins([0.5, 0], [true, true], { bins: 2 }).map((bin) => bin.count)).toEqual([2, 0]);
    expect(expectedCalibrationError([], [])).toBe(0);
    expect(() => reliabilityBins([1], [])).toThrow('Got 0 and 1.');
  });
});

describe('stratifiedFolds', () => {
  const labels = Array.from({ length: 50 }, (_, i) => (i % 5 === 0 ? 'rare' : 'common'));

  it('tests every row once and spreads each label evenly', () => {
    const folds = stratifiedFolds(labels);
    expect(folds.flatMap((fold) => [...fold.test]).sort((a, b) => a - b)).toEqual(labels.map((_, i) => i));
    for (const { train, test } of folds) {
      expect([...test].filter((i) => labels[i] === 'rare')).toHaveLength(2);
      expect(train.length + test.length).toBe(50);
    }
  });
  it('keeps rows of one group on one side', () => {
    const groups = labels.map((_, i) => `g${i >> 1}`);
    for (const { train, test } of stratifiedFolds(labels, { groups })) {
      const tested = new Set([...test].map((i) => groups[i]));
      expect([...train].some((i) => tested.has(groups[i]))).toBe(false);
    }
  });
  it('gives the same folds for the same seed and refuses more folds than rows', () => {
    expect(stratifiedFolds(labels)).toEqual(stratifiedFolds(labels));
    expect(() => stratifiedFolds(['a', 'b', 'c'], { folds: 4 })).toThrow('an integer in [2, 3]. Got 4.');
    expect(() => stratifiedFolds(['a', 'b'], { folds: 2, groups: ['x'] })).toThrow('must hold 2 names. Got 1.');
  });
});
