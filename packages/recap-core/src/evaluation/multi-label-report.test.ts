import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { binaryScores } from './binary-scores.js';
import { multiLabelReport } from './multi-label-report.js';

interface Reference {
  readonly multilabel: {
    readonly truth: readonly (readonly number[])[];
    readonly pred: readonly (readonly number[])[];
    readonly subsetAccuracy: number;
    readonly hamming: number;
    readonly macro: readonly number[];
    readonly micro: readonly number[];
    readonly samples: readonly number[];
  };
  readonly binary: {
    readonly labels: readonly number[];
    readonly scores: readonly number[];
    readonly auc: number;
    readonly averagePrecision: number;
    readonly brier: number;
    readonly logLoss: number;
  };
}
const path = new URL('../../../../test/fixtures/metrics/classification.json.gz', import.meta.url);
const { multilabel, binary } = JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as Reference;

describe('multiLabelReport', () => {
  const sets = (rows: readonly (readonly number[])[]) => rows.map((row) => row.flatMap((v, j) => (v ? [`l${j}`] : [])));

  it('equals the reference', () => {
    const report = multiLabelReport(sets(multilabel.truth), sets(multilabel.pred));
    // Rows without labels on both sides are left out here and count as right there.
    const empty = 30 - report.rows;
    expect(((report.subsetAccuracy * report.rows + empty) / 30).toFixed(10)).toBe(
      multilabel.subsetAccuracy.toFixed(10),
    );
    expect(((report.hammingLoss * report.rows) / 30).toFixed(10)).toBe(multilabel.hamming.toFixed(10));
    for (const name of ['macro', 'micro'] as const) {
      const { precision, recall, f1 } = report[name];
      expect([precision, recall, f1].map((v) => v.toFixed(10))).toEqual(multilabel[name].map((v) => v.toFixed(10)));
    }
    const { precision, recall, f1 } = report.samples;
    const scaled = [precision, recall, f1].map((v) => ((v * report.rows) / 30).toFixed(10));
    expect(scaled).toEqual(multilabel.samples.map((v) => v.toFixed(10)));
  });
  it('counts overlap, and zeros for nothing at all', () => {
    expect(multiLabelReport([['a', 'b'], ['c']], [['b'], ['d']]).overlapAccuracy).toBe(0.5);
    expect(multiLabelReport([[]], [[]])).toMatchObject({ rows: 0, subsetAccuracy: 0, hammingLoss: 0 });
    expect(() => multiLabelReport([[]], [])).toThrow('Got 1 and 0.');
  });
});

describe('binaryScores', () => {
  it('equals the reference', () => {
    const found = binaryScores(binary.scores, binary.labels);
    for (const name of ['auc', 'averagePrecision', 'brier', 'logLoss'] as const) {
      expect(found[name].toFixed(10), name).toBe(binary[name].toFixed(10));
    }
  });
  it('counts ties half, whatever their order', () => {
    expect(binaryScores([0.5, 0.5], [1, 0])).toMatchObject({ auc: 0.5, averagePrecision: 0.5 });
    expect(binaryScores([0.5, 0.5], [0, 1])).toMatchObject({ auc: 0.5, averagePrecision: 0.5 });
    expect(binaryScores([0.5], [1]).auc).toBeNaN();
    expect(() => binaryScores([], [])).toThrow('Got 0 and 0.');
  });
});
