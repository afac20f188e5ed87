import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFixture } from '../../../../test/support/read-fixture.js';
import { adjustedRandIndex } from './adjusted-rand-index.js';
import { bCubed } from './b-cubed.js';
import { adjustedMutualInformation, normalizedMutualInformation } from './mutual-information.js';
import { vMeasure } from './v-measure.js';

interface AgreementCase {
  readonly truth: number[];
  readonly pred: number[];
  readonly ari: number;
  readonly nmi: number;
  readonly ami: number;
  readonly homogeneity: number;
  readonly completeness: number;
  readonly v: number;
  readonly bcubed: { readonly precision: number; readonly recall: number; readonly f1: number };
}

const { cases } = readFixture<{ cases: AgreementCase[] }>('clustering/agreement');

describe.each(cases.map((each, i) => [i, each] as const))(
  'agreement of labelling %i',
  (_, { truth, pred, ...expected }) => {
    it('equals the reference in every measure', () => {
      const v = vMeasure(truth, pred);
      const b = bCubed(truth, pred);
      const measured = {
        ari: adjustedRandIndex(truth, pred),
        nmi: normalizedMutualInformation(truth, pred),
        ami: adjustedMutualInformation(truth, pred),
        homogeneity: v.homogeneity,
        completeness: v.completeness,
        v: v.vMeasure,
        precision: b.precision,
        recall: b.recall,
        f1: b.f1,
      };
      const { bcubed, ...scores } = expected;
      const wanted: Record<string, number> = { ...scores, ...bcubed } as never;
      for (const [name, value] of Object.entries(measured)) expect(value, name).toBeCloseTo(wanted[name]!, 10);
    });
  },
);

describe('agreement of any two labellings', () => {
  const labels = fc
    .integer({ min: 1, max: 30 })
    .chain((n) =>
      fc.tuple(
        fc.array(fc.integer({ min: -1, max: 4 }), { minLength: n, maxLength: n }),
        fc.array(fc.integer({ min: -1, max: 4 }), { minLength: n, maxLength: n }),
      ),
    );
  it('is symmetric and does not depend on the names of the labels', () => {
    fc.assert(
      fc.property(labels, ([a, b]) => {
        const renamed = b.map((label) => 7 - label);
        expect(adjustedRandIndex(a, b)).toBeCloseTo(adjustedRandIndex(b, a), 12);
        expect(adjustedRandIndex(a, b)).toBeCloseTo(adjustedRandIndex(a, renamed), 12);
        expect(normalizedMutualInformation(a, b)).toBeCloseTo(vMeasure(a, renamed).vMeasure, 12);
        expect(bCubed(a, b).precision).toBeCloseTo(bCubed(b, a).recall, 12);
        expect(adjustedRandIndex(a, a)).toBe(1);
      }),
    );
  });
  it('takes no items and refuses other lengths', () => {
    expect([adjustedRandIndex([], []), bCubed([], []).f1, vMeasure([], []).vMeasure]).toEqual([1, 0, 1]);
    expect(() => bCubed([0], [0, 1])).toThrow('The labellings of bCubed must have one length. Got 1 and 2.');
  });
});
