import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Vocabulary } from './vocabulary.js';

describe('Vocabulary', () => {
  it('puts frequent tokens first and equally frequent ones in code unit order', () => {
    const lists = [
      ['b', 'a'],
      ['c', 'c'],
      ['z', 'B'],
    ];
    expect(Vocabulary.fit(lists).tokens).toEqual(['c', 'B', 'a', 'b', 'z']);
  });

  it('counts repeats within a list and drops empty tokens', () => {
    expect(Vocabulary.fit([['x', 'x', ''], ['y']], { minFrequency: 2 }).tokens).toEqual(['x']);
  });

  it('applies the least frequency before the greatest size', () => {
    const lists = [['a', 'a', 'a', 'b', 'b', 'c', 'c', 'd']];
    expect(Vocabulary.fit(lists, { minFrequency: 2, maxSize: 2 }).tokens).toEqual(['a', 'b']);
    expect(Vocabulary.fit(lists, { maxSize: 0 }).size).toBe(4);
  });

  it('may be empty', () => {
    const empty = Vocabulary.fit([]);
    expect(empty.size).toBe(0);
    expect(empty.count(['a'])).toEqual({ indices: [], counts: [] });
  });

  it('counts known tokens in ascending places', () => {
    const vocabulary = Vocabulary.of(['a', 'b', 'c']);
    expect(vocabulary.count(['c', 'a', 'c', 'unknown', '__proto__'])).toEqual({ indices: [0, 2], counts: [1, 2] });
  });

  it('has one fingerprint for one order of tokens', () => {
    expect(Vocabulary.of(['a', 'b']).sha256).toBe(Vocabulary.fit([['a', 'b', 'a']]).sha256);
    expect(Vocabulary.of(['a', 'b']).sha256).not.toBe(Vocabulary.of(['b', 'a']).sha256);
    expect(Vocabulary.of(['ab']).sha256).not.toBe(Vocabulary.of(['a', 'b']).sha256);
  });

  it('survives JSON and refuses what is no vocabulary', () => {
    const vocabulary = Vocabulary.of(['"', 'あ', 'constructor']);
    const read = Vocabulary.fromJSON(JSON.parse(JSON.stringify(vocabulary)));
    expect(read.tokens).toEqual(vocabulary.tokens);
    expect(read.sha256).toBe(vocabulary.sha256);
    for (const wrong of [null, [], { tokens: [1] }, { tokens: ['a', 'a'] }]) {
      expect(() => Vocabulary.fromJSON(wrong)).toThrow(/A vocabulary must/);
    }
    expect(() => Vocabulary.of(['a', 'b', 'a'])).toThrow('The tokens of Vocabulary.of must differ. Got "a" twice.');
  });

  it('does not depend on the order of the lists', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.string({ maxLength: 2 }), { maxLength: 5 }), { maxLength: 8 }), (lists) => {
        expect(Vocabulary.fit([...lists].reverse()).tokens).toEqual(Vocabulary.fit(lists).tokens);
      }),
    );
  });

  it('refuses options out of range', () => {
    expect(() => Vocabulary.fit([], { minFrequency: 0 })).toThrow('The minFrequency option of Vocabulary.fit');
    expect(() => Vocabulary.fit([], { maxSize: -1 })).toThrow('The maxSize option of Vocabulary.fit');
  });
});
