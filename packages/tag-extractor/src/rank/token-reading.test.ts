import { describe, expect, it } from 'vitest';
import type { Candidate, Occurrence } from '../candidates/candidate.js';
import { findTokens, readCandidates, readTokens } from './token-reading.js';

const title = 'Key rates';
const body = 'The re-ranker met key rates.';
const place = (field: 'title' | 'body', start: number, end: number): Occurrence => ({
  field,
  start,
  end,
  position: 0,
  sentence: 0,
  headline: false,
  leftEdge: true,
  rightEdge: true,
  before: 'EDGE',
  after: 'EDGE',
});
const candidate = (name: string, ...occurrences: Occurrence[]): Candidate => ({
  key: name,
  name,
  occurrences,
  words: [],
  shape: 'N',
});
// [CLS] Key rate ##s The re - rank ##er met key rates . [SEP]
const spans = [
  [0, 0],
  [0, 3],
  [4, 9],
  [4, 9],
  [10, 13],
  [14, 16],
  [16, 17],
  [17, 23],
  [17, 23],
  [24, 27],
  [28, 31],
  [32, 37],
  [37, 38],
  [0, 0],
] as const;
const tokens = {
  starts: Int32Array.from(spans, ([start]) => start),
  ends: Int32Array.from(spans, ([, end]) => end),
};
const rates = candidate('Key rates', place('title', 0, 9), place('body', 18, 27));
const ranker = candidate('re-ranker', place('body', 4, 13));
const beyond = candidate('beyond', place('body', 90, 96));

describe('findTokens', () => {
  it('finds first and last token of every place and their neighbours, in title and body', () => {
    const found = findTokens([rates, ranker], title.length, tokens);
    expect(`${title}\n${body}`.slice(14, 23)).toBe('re-ranker');
    expect([...found.starts]).toEqual([0, 2, 3]);
    expect([...found.tokens]).toEqual([1, 3, 0, 4, 10, 11, 9, 12, 5, 8, 4, 9]);
  });
  it('leaves out places that the tokens do not reach', () => {
    expect([...findTokens([beyond, ranker], title.length, tokens).starts]).toEqual([0, 0, 1]);
    const none = { starts: new Int32Array(2), ends: new Int32Array(2) };
    expect([...findTokens([ranker], title.length, none).starts]).toEqual([0, 0]);
  });
});

describe('readTokens', () => {
  it('gives the product of every vector with the weights of every place', () => {
    const vectors = { data: Float32Array.of(1, 2, 3, 4), rows: 2, cols: 2 };
    const weights = [
      [1, 0],
      [0, 1],
      [1, 1],
      [0.5, -1],
    ];
    expect(readTokens({ offset: 7, weights }, vectors).map((values) => [...values])).toEqual([
      [1, 3],
      [2, 4],
      [3, 7],
      [-1.5, -2.5],
    ]);
  });
});

describe('readCandidates', () => {
  const vectors = { data: Float32Array.from(spans, (_, t) => t), rows: spans.length, cols: 1 };
  const read = readTokens({ offset: 0.5, weights: [[1], [10], [100], [1000]] }, vectors);
  it('adds up what is read at the places of a candidate and takes the mean', () => {
    const values = readCandidates(0.5, read, findTokens([rates, ranker], title.length, tokens));
    const [inTitle, inBody] = [1 + 30 + 0 + 4000, 10 + 110 + 900 + 12_000];
    expect([...values]).toEqual([(inTitle + inBody) / 2 + 0.5, 5 + 80 + 400 + 9000 + 0.5]);
  });
  it('reads candidates out of reach as the mean of the others, or 0 when there are none', () => {
    const valuesOf = (...candidates: Candidate[]) => [
      ...readCandidates(0.5, read, findTokens(candidates, title.length, tokens)),
    ];
    expect(valuesOf(beyond, ranker)).toEqual([9485.5, 9485.5]);
    expect(valuesOf(beyond)).toEqual([0]);
    expect(valuesOf()).toEqual([]);
  });
});
