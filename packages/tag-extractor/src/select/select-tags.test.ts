import { matrixFromRows } from '@matome/primitives/linalg';
import { describe, expect, it } from 'vitest';
import type { Candidate } from '../candidates/candidate.js';
import { lookedAt, orderByProbability, selectTags } from './select-tags.js';

const candidate = (name: string): Candidate => ({
  key: name,
  name,
  words: name.split(' '),
  shape: 'N',
  occurrences: [],
});
const names = ['neural network', 'deep neural network', 'neural network training', 'rain', 'data'];
const candidates = names.map(candidate);
const probabilities = Float64Array.of(0.9, 0.8, 0.7, 0.6, 0.1);
const all = orderByProbability(probabilities, new Set());

describe('selectTags', () => {
  it('takes the best, ties by place', async () => {
    const equal = new Float64Array(5).fill(0.5);
    const options = { topN: 2, selection: 'top', diversity: 0 } as const;
    expect(await selectTags(candidates, probabilities, all, options)).toEqual([0, 1]);
    expect(await selectTags(candidates, equal, orderByProbability(equal, new Set()), options)).toEqual([0, 1]);
    expect(
      await selectTags(candidates, probabilities, orderByProbability(probabilities, new Set([0])), options),
    ).toEqual([1, 2]);
  });
  it('looks at a pool where tags shall differ from each other', () => {
    expect(lookedAt({ topN: 3, selection: 'top', diversity: 0 })).toBe(3);
    expect(lookedAt({ topN: 3, selection: 'mmr', diversity: 0 })).toBe(6);
  });
  it('takes tags with other words by mmr and max-sum, without any vectors', async () => {
    for (const selection of ['mmr', 'max-sum'] as const) {
      const chosen = await selectTags(candidates, probabilities, all, { topN: 2, selection, diversity: 0.6 });
      expect(chosen.map((i) => names[i])).toContain('rain');
    }
  });
  it('uses vectors when they are given', async () => {
    const vectors = matrixFromRows([
      [1, 0],
      [0, 1],
      [1, 0],
    ]);
    const options = { topN: 2, selection: 'mmr', diversity: 0.6 } as const;
    expect(
      await selectTags(candidates.slice(0, 3), probabilities.slice(0, 3), [0, 1, 2], options, async () => vectors),
    ).toEqual([0, 1]);
  });
});
