import { describe, expect, it } from 'vitest';
import { LanguageGrams } from './language-grams.js';

const alphabet = {
  dictionary: Array.from({ length: 256 }, (_, byte) => (byte < 128 ? ' ' : String.fromCharCode(33 + (byte % 64)))),
  separators: /[.,\d]/gu,
};
const source = (grams: string, languages = "0:'en',1:'fr'") =>
  `export const ngramsData = {type:'S60',languages:{${languages}},isSubset:false,ngrams:{${grams}}};`;
const parse = (grams: string) => LanguageGrams.parse(source(grams), alphabet)!;

describe('LanguageGrams.parse', () => {
  it('reads bare and quoted names, with a quotation mark inside too', () => {
    const grams = parse("abcd:{1:7},' the ':{0:100,1:2},' it\\'s':{0:9}");
    expect(grams.codes).toEqual(['en', 'fr']);
    expect(grams.read('the')).toBe(1);
    expect([...grams.sums]).toEqual([153, 55]);
    expect(grams.read("It's")).toBe(1);
    expect([...grams.sums]).toEqual([0, 0]);
    expect(grams.read("it'sxabcd")).toBe(3);
    expect([...grams.sums]).toEqual([62, 0]);
  });
  it('refuses any other form', () => {
    for (const grams of [
      'abcd:{2:7}',
      'abcd:{0:256}',
      'abcd:{0:-1}',
      'abcd:{0}',
      'abcd:[0,1]',
      'abcdefg:{0:1}',
      "'ab\u0100':{0:1}",
      'abcd:{0:1};',
      "'abcd",
    ]) {
      expect(LanguageGrams.parse(source(grams), alphabet), grams).toBeUndefined();
    }
    expect(LanguageGrams.parse(source('abcd:{0:1}', "0:'EN'"), alphabet)).toBeUndefined();
    for (const end of [-3, -4, -5, -6, -7]) {
      expect(LanguageGrams.parse(source('abcd:{0:1}').slice(0, end), alphabet)).toBeUndefined();
    }
    expect(LanguageGrams.parse('', alphabet)).toBeUndefined();
    expect(LanguageGrams.parse(source('abcd:{0:1}'), { ...alphabet, dictionary: ['ab'] })).toBeUndefined();
    expect(LanguageGrams.parse(source('abcd:{0:1}'), { ...alphabet, dictionary: ['a'] })).toBeUndefined();
  });
});

describe('LanguageGrams', () => {
  it('cuts a word at every third byte and at its end', () => {
    const grams = parse("' abcd':{0:1},defg:{0:2},'fghi ':{0:3},cdef:{1:9},'hi ':{1:9}");
    expect(grams.read('abcdefghi')).toBe(3);
    expect([...grams.sums]).toEqual([1 + 2 + 3 + 3 * 53, 0]);
  });
  it('counts an n-gram once, known or not', () => {
    const grams = parse("' ab ':{0:1}");
    expect(grams.read('ab ab, 12 cd.CD ab')).toBe(2);
    expect([...grams.sums]).toEqual([54, 0]);
    expect(grams.read('')).toBe(0);
    expect([...grams.sums]).toEqual([0, 0]);
  });
  it('keeps apart words that are too long by their ends', () => {
    const grams = parse('abcd:{0:1}');
    const long = 'x'.repeat(80);
    // The start, one run of four in the middle, the end.
    expect(grams.read(long)).toBe(3);
    expect(grams.read(`${long} ${long}`)).toBe(3);
    expect(grams.read(`${long} ${long}y`)).toBe(4);
  });
});
