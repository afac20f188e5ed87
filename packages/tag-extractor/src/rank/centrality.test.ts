import { describe, expect, it } from 'vitest';
import { phraseCentrality } from './centrality.js';

const centralityOf = (words: readonly string[], ...phrases: string[]) => [
  ...phraseCentrality({
    words,
    length: words.length,
    sentences: 1,
    candidates: phrases.map((name) => ({ key: name, name, words: name.split(' '), shape: 'N', occurrences: [] })),
  }),
];

describe('phraseCentrality', () => {
  it('shares a mass of 1 among the words', () => {
    const words = 'rain falls on the old town and rain goes on over the hills near the town'.split(' ');
    const distinct = [...new Set(words)];
    const shares = centralityOf(words, ...distinct);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    expect(distinct[shares.indexOf(Math.max(...shares))]).toBe('the');
    expect(centralityOf(words, 'old town')[0]).toBe(
      shares[distinct.indexOf('old')]! + shares[distinct.indexOf('town')]!,
    );
  });

  it('takes words at most nine apart for neighbours', () => {
    const far = ['a', ...Array.from({ length: 9 }, () => 'x'), 'b'];
    const near = ['a', ...Array.from({ length: 8 }, () => 'x'), 'b'];
    // a and b count as neighbours of the other only in the second: what they pass to each other they do not pass to x.
    expect(centralityOf(near, 'x')[0]).toBeLessThan(centralityOf(far, 'x')[0]!);
  });

  it('gives words without neighbours, and unknown ones, nothing of the others', () => {
    expect(centralityOf(['a'], 'a', 'b')[0]).toBeCloseTo(0.15, 12);
    expect(centralityOf(['a'], 'a', 'b')[1]).toBe(0);
    expect(centralityOf([], 'a')).toEqual([0]);
  });
});
