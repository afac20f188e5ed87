import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paraphraseProbability } from './paraphrase-probability.js';

describe('paraphraseProbability', () => {
  it('is high for the same words in another order and low for another statement', () => {
    const sentence = 'The council approved the new pier on Monday';
    expect(paraphraseProbability(sentence, 'On Monday the new pier was approved by the council')).toBeGreaterThan(0.8);
    expect(paraphraseProbability(sentence, 'The ferry company ordered two ships')).toBeLessThan(0.1);
  });

  it('trusts a pair less when the numbers differ', () => {
    const same = paraphraseProbability('Shares fell 3 percent to 41 dollars', 'Shares dropped 3 percent to 41 dollars');
    const other = paraphraseProbability(
      'Shares fell 3 percent to 41 dollars',
      'Shares dropped 8 percent to 57 dollars',
    );
    expect(other).toBeLessThan(same);
  });

  it('works on Japanese', () => {
    const sentence = '市議会は月曜日に新しい桟橋の建設を承認した';
    expect(paraphraseProbability(sentence, '新しい桟橋の建設が月曜日に市議会で承認された')).toBeGreaterThan(0.5);
    expect(paraphraseProbability(sentence, '週末は各地で大雨になる見込みだ')).toBeLessThan(0.1);
  });

  it('is 0 for a text without words', () => {
    expect(paraphraseProbability('', '…')).toBe(0);
  });

  it('lies in [0, 1) and does not care which sentence comes first', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const p = paraphraseProbability(a, b);
        expect(p).toBeCloseTo(paraphraseProbability(b, a), 12);
        expect(p >= 0 && p < 1).toBe(true);
      }),
      { numRuns: 300, seed: 2 },
    );
  });
});
