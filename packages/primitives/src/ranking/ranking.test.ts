import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cosineSimilarity, type Matrix, matrixFromRows, row } from '../linalg/index.js';
import { createRandom } from '../random/index.js';
import {
  averagePrecision,
  hitAtK,
  maximalMarginalRelevance,
  maxSumDistance,
  ndcgAtK,
  precisionAtK,
  recallAtK,
  reciprocalRank,
} from './index.js';

interface Case {
  readonly doc: readonly number[];
  readonly words: readonly (readonly number[])[];
  readonly topN: number;
  readonly diversity: number;
  readonly selectionOrder: readonly number[];
  readonly maxSum?: { readonly candidates: number; readonly chosen: readonly string[] };
}
const path = new URL('../../../../test/fixtures/keyphrases/mmr-maxsum.json.gz', import.meta.url);
const { cases } = JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as { cases: readonly Case[] };

function randomMatrix(rows: number, cols: number, seed: number): Matrix {
  const random = createRandom(seed);
  return matrixFromRows(Array.from({ length: rows }, () => Array.from({ length: cols }, () => random() - 0.5)));
}

function pairSum(rows: Matrix, chosen: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < chosen.length; i++) {
    for (let j = 0; j < i; j++) sum += cosineSimilarity(row(rows, chosen[i]!), row(rows, chosen[j]!));
  }
  return sum;
}

describe('maximalMarginalRelevance', () => {
  it('chooses in the order of the reference', () => {
    for (const { doc, words, topN, diversity, selectionOrder } of cases) {
      const got = maximalMarginalRelevance(Float32Array.from(doc), matrixFromRows(words), { k: topN, diversity });
      expect([...got]).toEqual(selectionOrder);
    }
  });
  it('ranks by likeness alone without diversity', () => {
    const rows = randomMatrix(40, 6, 1);
    const query = row(randomMatrix(1, 6, 2), 0);
    const chosen = maximalMarginalRelevance(query, rows, { k: 40, diversity: 0 });
    const scores = [...chosen].map((i) => cosineSimilarity(query, row(rows, i)));
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
  });
  it('chooses every row once when k is larger, and the smaller index among equals', () => {
    const rows = matrixFromRows([
      [1, 0],
      [1, 0],
      [0, 0],
    ]);
    expect([...maximalMarginalRelevance(Float32Array.of(1, 0), rows, { k: 9, diversity: 0 })]).toEqual([0, 1, 2]);
  });
  it('gives nothing for no rows or k of 0', () => {
    expect(maximalMarginalRelevance(Float32Array.of(1), matrixFromRows([]), { k: 3 })).toHaveLength(0);
    expect(maximalMarginalRelevance(Float32Array.of(1), matrixFromRows([[1]]), { k: 0 })).toHaveLength(0);
  });
  it('takes given relevances for the likeness to the query', () => {
    const rows = matrixFromRows([
      [1, 0],
      [0, 1],
      [0.7, 0.7],
    ]);
    const options = { k: 2, diversity: 0.5, relevance: [0.1, 0.9, 0.2] };
    expect([...maximalMarginalRelevance(Float32Array.of(1, 0), rows, options)]).toEqual([1, 0]);
    expect([
      ...maxSumDistance(Float32Array.of(1, 0), rows, { k: 1, nCandidates: 1, relevance: [0.1, 0.9, 0.2] }),
    ]).toEqual([1]);
    expect(() => maximalMarginalRelevance(Float32Array.of(1, 0), rows, { k: 2, relevance: [1] })).toThrow(
      'must have 3 values',
    );
  });
  it('refuses a diversity above 1', () => {
    expect(() => maximalMarginalRelevance(Float32Array.of(1), matrixFromRows([[1]]), { k: 1, diversity: 2 })).toThrow(
      'The diversity option of maximalMarginalRelevance must be a number in [0, 1]. Got 2.',
    );
  });
});

describe('maxSumDistance', () => {
  it('chooses the rows of the reference', () => {
    for (const { doc, words, topN, maxSum } of cases) {
      if (!maxSum) continue;
      const rows = matrixFromRows(words);
      const got = maxSumDistance(Float32Array.from(doc), rows, { k: topN, nCandidates: maxSum.candidates });
      expect([...got].map((i) => `w${i}`).sort()).toEqual(maxSum.chosen);
    }
  });
  it('is never worse than any other choice', () => {
    const rows = randomMatrix(9, 4, 3);
    const chosen = maxSumDistance(Float32Array.of(1, 0, 0, 0), rows, { k: 3, nCandidates: 9 });
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: 8 }), { minLength: 3, maxLength: 3 }), (other) => {
        expect(pairSum(rows, chosen)).toBeLessThanOrEqual(pairSum(rows, other) + 1e-6);
      }),
    );
  });
  it('comes close to the best among more combinations than it tries one by one', () => {
    const rows = randomMatrix(60, 8, 4);
    const chosen = maxSumDistance(row(rows, 0), rows, { k: 12, nCandidates: 60 });
    expect(new Set(chosen).size).toBe(12);
    const random = createRandom(5);
    for (let trial = 0; trial < 200; trial++) {
      const other = Uint32Array.from({ length: 60 }, (_, i) => i)
        .map((i) => i)
        .sort(() => random() - 0.5)
        .slice(0, 12);
      expect(pairSum(rows, chosen)).toBeLessThan(pairSum(rows, other));
    }
  });
  it('gives all rows when there are no more than k', () => {
    expect([
      ...maxSumDistance(
        Float32Array.of(1, 0),
        matrixFromRows([
          [0, 1],
          [1, 0],
        ]),
        { k: 5 },
      ),
    ]).toEqual([1, 0]);
  });
});

describe('ranking metrics', () => {
  const ranked = [4, 2, 7, 1];
  const relevant = new Set([2, 1, 9]);
  it('give the values of their definitions', () => {
    expect(recallAtK(ranked, relevant, 2)).toBeCloseTo(1 / 3, 12);
    expect(precisionAtK(ranked, relevant, 4)).toBe(0.5);
    expect(hitAtK(ranked, relevant, 1)).toBe(0);
    expect(hitAtK(ranked, relevant, 2)).toBe(1);
    expect(reciprocalRank(ranked, relevant)).toBe(0.5);
    expect(averagePrecision(ranked, relevant)).toBeCloseTo((1 / 2 + 2 / 4) / 3, 12);
    const ideal = 1 + 1 / Math.log2(3) + 1 / 2;
    expect(ndcgAtK(ranked, relevant, 4)).toBeCloseTo((1 / Math.log2(3) + 1 / Math.log2(5)) / ideal, 12);
  });
  it('give the nDCG of scikit-learn', () => {
    const file = new URL('../../../../test/fixtures/metrics/classification.json.gz', import.meta.url);
    const { ndcg } = JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as {
      readonly ndcg: {
        readonly relevance: readonly (readonly number[])[];
        readonly scores: readonly (readonly number[])[];
        readonly at: Readonly<Record<string, readonly number[]>>;
      };
    };
    ndcg.relevance.forEach((gains, i) => {
      const scores = ndcg.scores[i]!;
      const order = [...gains.keys()].sort((a, b) => scores[b]! - scores[a]!);
      for (const [k, expected] of Object.entries(ndcg.at)) {
        expect(ndcgAtK(order, new Map(gains.entries()), Number(k))).toBeCloseTo(expected[i]!, 10);
      }
    });
  });
  it('take graded gains', () => {
    const gains = new Map([
      [4, 3],
      [2, 1],
    ]);
    expect(ndcgAtK([4, 2], gains, 2)).toBe(1);
    expect(ndcgAtK([2, 4], gains, 2)).toBeCloseTo((1 + 3 / Math.log2(3)) / (3 + 1 / Math.log2(3)), 12);
  });
  it('give 0 when nothing is relevant', () => {
    for (const metric of [recallAtK, precisionAtK, hitAtK, ndcgAtK])
      expect(metric(ranked, new Set<number>(), 3)).toBe(0);
    expect(averagePrecision(ranked, new Set())).toBe(0);
    expect(reciprocalRank([], relevant)).toBe(0);
  });
  it('stay in [0, 1], and are 1 for a perfect ranking', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat({ max: 30 })),
        fc.uniqueArray(fc.nat({ max: 30 }), { minLength: 1 }),
        (list, good) => {
          const set = new Set(good);
          for (const metric of [recallAtK, precisionAtK, ndcgAtK]) {
            const value = metric(list, set, 10);
            expect(value).toBeGreaterThanOrEqual(0);
            expect(value).toBeLessThanOrEqual(1 + 1e-12);
          }
          expect(ndcgAtK(good, set, good.length)).toBeCloseTo(1, 12);
        },
      ),
    );
  });
});

describe('odd vectors', () => {
  const query = Float32Array.of(1, 0);
  const rows = matrixFromRows([
    [Number.NaN, 1],
    [1, 0],
  ]);

  it('are refused in one sentence', () => {
    for (const [name, choose] of Object.entries({ maximalMarginalRelevance, maxSumDistance })) {
      expect(() => choose(Float32Array.of(1), rows, { k: 1 })).toThrow(
        `The query of ${name} must have 2 values, as the candidates. Got 1.`,
      );
      expect(() => choose(query, rows, { k: 2 })).toThrow(
        `The relevance of the candidates of ${name} must be numbers. Row 0 has NaN.`,
      );
    }
    expect(() => maxSumDistance(query, rows, { k: 2, relevance: [1, 2] })).toThrow('Row 0 holds NaN in column 0.');
  });
});
