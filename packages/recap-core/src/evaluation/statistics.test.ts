import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { mean, quantile, standardDeviation } from '@matome/primitives/linalg';
import { describe, expect, it } from 'vitest';
import { adjustedShare, bootstrapConfidenceInterval, jackknifeAcceleration } from './bootstrap.js';
import { betaQuantile, chiSquaredQuantile, normalQuantile, studentQuantile } from './distributions.js';
import { mcNemarCounts, mcNemarTest } from './mcnemar-test.js';
import { cohensD, requiredPerGroup, tTest, tTestPower } from './mean-tests.js';
import { adjustProbabilities, association } from './multiple-testing.js';
import { clopperPearsonInterval, wilsonInterval } from './proportion-interval.js';
import { mannWhitneyTest, pearsonCorrelation, spearmanCorrelation, wilcoxonTest } from './rank-tests.js';
import { betaI, gammaP, logGamma } from './special-functions.js';

type Pair = readonly [number, number];
interface Values {
  readonly proportions: readonly {
    k: number;
    n: number;
    alpha: number;
    wilson: readonly number[];
    clopperPearson: Pair;
  }[];
  readonly mcnemar: readonly { b: number; c: number; exactP: number; pCorrected: number; midP: number }[];
  readonly samples: { readonly x: readonly number[]; readonly z: readonly number[]; readonly w: readonly number[] };
  readonly bootstrap: readonly {
    statistic: 'mean' | 'median' | 'std';
    method: string;
    low: number;
    high: number;
    seedSpread: number;
  }[];
  readonly bcaAccelerationOfMean: number;
  readonly bcaAdjusted: readonly { z0: number; a: number; alpha: number; adjusted: number }[];
  readonly tests: Readonly<Record<string, Pair>>;
  readonly cohensD: number;
  readonly cramersV: {
    readonly table: readonly (readonly number[])[];
    readonly chi2: number;
    readonly p: number;
    readonly v: number;
  };
  readonly power: readonly { d: number; nPerGroup: number; power: number }[];
  readonly requiredN: readonly { d: number; power: number; n: number }[];
  readonly special: readonly {
    p: number;
    normPpf: number;
    t5: number;
    chi2_3: number;
    beta: number;
    gammaP: number;
    betaI: number;
  }[];
  readonly multiple: {
    readonly p: readonly number[];
    readonly bonferroni: readonly number[];
    readonly holm: readonly number[];
    readonly bh: readonly number[];
  };
}
const path = new URL('../../../../test/fixtures/statistics/values.json.gz', import.meta.url);
const values = JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as Values;
const { x, z, w } = values.samples;

function expectNear(found: number, wanted: number, tolerance = 1e-8): void {
  expect(Math.abs(found - wanted) / Math.max(1e-12, Math.abs(wanted)), `${found} against ${wanted}`).toBeLessThan(
    tolerance,
  );
}

describe('distributions', () => {
  it.each(values.special)('equal the reference at $p', (one) => {
    // Next to 1 the share itself has lost digits: what is left of them decides.
    const tolerance = one.p > 0.999_999 ? 1e-6 : 1e-8;
    if (one.p !== 0.5) expectNear(normalQuantile(one.p), one.normPpf, tolerance);
    if (one.p !== 0.5) expectNear(studentQuantile(one.p, 5), one.t5, tolerance);
    expectNear(chiSquaredQuantile(one.p, 3), one.chi2_3, tolerance);
    expectNear(betaQuantile(one.p, 2.5, 7), one.beta, tolerance);
    expectNear(gammaP(2.5, 5 * one.p), one.gammaP);
    expectNear(betaI(2.5, 7, one.p), one.betaI);
  });
  it('have their limits', () => {
    expect(normalQuantile(0.5)).toBe(0);
    expect([normalQuantile(0), normalQuantile(1)]).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
    expect(logGamma(5)).toBeCloseTo(Math.log(24), 12);
    expect(logGamma(0.25)).toBeCloseTo(Math.log(3.625609908221908), 12);
  });
});

describe('intervals of a share', () => {
  it.each(values.proportions)(
    'equal the reference for $k of $n at $alpha',
    ({ k, n, alpha, wilson, clopperPearson }) => {
      const score = wilsonInterval(k, n, 1 - alpha);
      expect(score.low).toBeCloseTo(wilson[1]!, 8);
      expect(score.high).toBeCloseTo(wilson[2]!, 8);
      const exact = clopperPearsonInterval(k, n, 1 - alpha);
      expect(exact.low).toBeCloseTo(clopperPearson[0], 8);
      expect(exact.high).toBeCloseTo(clopperPearson[1], 8);
    },
  );
  it('say nothing without a trial and refuse more successes than trials', () => {
    expect(wilsonInterval(0, 0)).toEqual({ estimate: 0, low: 0, high: 0 });
    expect(() => wilsonInterval(3, 2)).toThrow('an integer in [0, 2]. Got 3.');
  });
});

describe('mcNemarTest', () => {
  it.each(values.mcnemar)('equals the reference for $b against $c', ({ b, c, exactP, pCorrected, midP }) => {
    const found = mcNemarCounts(b, c);
    expect(found.exactP).toBeCloseTo(exactP, 8);
    expect(found.correctedP).toBeCloseTo(pCorrected, 8);
    expect(found.midP).toBeCloseTo(midP, 8);
  });
  it('counts the rows on which one alone is right', () => {
    expect(mcNemarTest([1, 1, 0, 0], [1, 0, 1, 1])).toMatchObject({ onlyFirst: 1, onlySecond: 2 });
    expect(() => mcNemarTest([1], [])).toThrow('Got 1 and 0.');
  });
});

describe('bootstrapConfidenceInterval', () => {
  const statistics = {
    mean: (rows: Uint32Array) => mean(Float64Array.from(rows, (row) => x[row]!)),
    median: (rows: Uint32Array) =>
      quantile(
        Float64Array.from(rows, (row) => x[row]!),
        0.5,
      ),
    std: (rows: Uint32Array) =>
      standardDeviation(
        Float64Array.from(rows, (row) => x[row]!),
        1,
      ),
  };
  it.each(values.bootstrap)(
    'agrees with the reference: $statistic, $method',
    ({ statistic, method, low, high, seedSpread }) => {
      const kind = method.toLowerCase() as 'percentile' | 'basic' | 'bca';
      const found = bootstrapConfidenceInterval(statistics[statistic], x.length, { resamples: 20_000, method: kind });
      expect(Math.abs(found.low - low)).toBeLessThan(3 * seedSpread + 1e-9);
      expect(Math.abs(found.high - high)).toBeLessThan(3 * seedSpread + 1e-9);
    },
  );
  it('takes the acceleration of the statistic itself', () => {
    expectNear(jackknifeAcceleration(statistics.mean, x.length), values.bcaAccelerationOfMean);
    expect(jackknifeAcceleration(statistics.std, x.length)).not.toBeCloseTo(values.bcaAccelerationOfMean, 3);
    for (const { z0, a, alpha, adjusted } of values.bcaAdjusted) expectNear(adjustedShare(alpha, z0, a), adjusted);
  });
  it('gives the same interval for the same seed, and a point for equal rows', () => {
    const run = () => bootstrapConfidenceInterval(statistics.mean, x.length, { resamples: 200 });
    expect(run()).toEqual(run());
    expect(bootstrapConfidenceInterval(() => 3, 5)).toEqual({ estimate: 3, low: 3, high: 3 });
    expect(() => bootstrapConfidenceInterval(() => 0, 0)).toThrow('an integer in [1, ∞). Got 0.');
  });
});

describe('tests of means and ranks', () => {
  const near = (found: { statistic: number; p: number }, [statistic, p]: Pair) => {
    expectNear(found.statistic, statistic);
    expectNear(found.p, p);
  };
  it('equal the reference', () => {
    near(tTest(x, w, { kind: 'pooled' }), values.tests.tIndependent!);
    near(tTest(x, w), values.tests.tWelch!);
    near(tTest(x.slice(0, 30), z, { kind: 'paired' }), values.tests.tPaired!);
    near(wilcoxonTest(x.slice(0, 30), z), values.tests.wilcoxonExactOrNormal!);
    near(mannWhitneyTest(x, w), values.tests.mannWhitneyAsymptotic!);
    near(mannWhitneyTest(x.slice(0, 7), w.slice(0, 6)), values.tests.mannWhitneyExactSmall!);
    near(pearsonCorrelation(x.slice(0, 30), z), values.tests.pearson!);
    near(spearmanCorrelation(x.slice(0, 30), z), values.tests.spearman!);
    expectNear(cohensD(x, w), values.cohensD);
  });
  it('take the normal approximation where differences are equal', () => {
    const found = wilcoxonTest([1, 2, 3, 4, 5, 6], [0, 1, 2, 3, 4, 5]);
    expect(found.statistic).toBe(0);
    expect(found.p).toBeGreaterThan(0.01);
    expect(found.p).toBeLessThan(0.05);
  });
  it('find nothing in equal samples', () => {
    expect(wilcoxonTest([1, 2], [1, 2])).toEqual({ statistic: 0, p: 1 });
    expect(tTest([1, 1], [1, 1])).toEqual({ statistic: 0, p: 1 });
    expect(tTest([2, 2], [1, 1]).p).toBe(0);
    expect(pearsonCorrelation([1, 1, 1], [1, 2, 3]).statistic).toBeNaN();
  });
  it('refuse samples that are too small or do not match', () => {
    expect(() => tTest([1], [1, 2])).toThrow('Got 1 and 2.');
    expect(() => tTest([1, 2, 3], [1, 2], { kind: 'paired' })).toThrow('in pairs');
    expect(() => wilcoxonTest([1], [])).toThrow('Got 1 and 0.');
    expect(() => mannWhitneyTest([], [1])).toThrow('Got 0 and 1.');
    expect(() => pearsonCorrelation([1, 2], [1, 2])).toThrow('from 3');
    expect(() => cohensD([1], [1])).toThrow('Got 1 and 1.');
  });
});

describe('power', () => {
  it.each(values.power)('equals the reference for d = $d, $nPerGroup per group', ({ d, nPerGroup, power }) => {
    expect(tTestPower(d, nPerGroup)).toBeCloseTo(power, 7);
  });
  it.each(values.requiredN)('needs as many values as the reference for d = $d, power $power', ({ d, power, n }) => {
    expect(requiredPerGroup(d, power)).toBe(n);
  });
  it('refuses an effect of 0', () => {
    expect(() => requiredPerGroup(0)).toThrow('other than 0');
  });
});

describe('several tests and tables', () => {
  it('equal the reference', () => {
    const { p, bonferroni, holm, bh } = values.multiple;
    const near = (found: readonly number[], wanted: readonly number[]) => {
      expect(found.map((value) => value.toFixed(12))).toEqual(wanted.map((value) => value.toFixed(12)));
    };
    near(adjustProbabilities(p, 'bonferroni'), bonferroni);
    near(adjustProbabilities(p), holm);
    near(adjustProbabilities(p, 'benjamini-hochberg'), bh);
    const found = association(values.cramersV.table);
    expectNear(found.chiSquared, values.cramersV.chi2);
    expectNear(found.p, values.cramersV.p);
    expectNear(found.cramersV, values.cramersV.v);
  });
  it('refuse a table of one row and one without counts', () => {
    expect(() => association([[1, 2]])).toThrow('Got 1 × 2.');
    expect(() =>
      association([
        [0, 0],
        [0, 0],
      ]),
    ).toThrow('All are 0');
  });
});
