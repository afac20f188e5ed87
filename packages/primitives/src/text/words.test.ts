import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  characterNGrams,
  createTokenizer,
  loadJapaneseAnalyzer,
  nGrams,
  segmentWords,
  stem,
  stopWords,
  tokenizeWords,
} from './index.js';

function wordsBySegmenter(text: string): string[] {
  const segmenter = new Intl.Segmenter('en', { granularity: 'word' });
  return [...segmenter.segment(text)].filter((part) => part.isWordLike).map((part) => part.segment);
}

describe('segmentWords', () => {
  it('cuts as the segmenter of the runtime does', () => {
    const part = fc.constantFrom(
      'a',
      'B',
      'é',
      '1',
      '42',
      "'",
      '’',
      '.',
      ',',
      '-',
      ' ',
      '/',
      '$',
      '(',
      'ß',
      'Ж',
      '\n',
      '%',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        expect(segmentWords(text, 'en').map((word) => word.text)).toEqual(wordsBySegmenter(text));
      }),
      { numRuns: 2000 },
    );
  });
  it('takes a line of underscores for no word', () => {
    expect(segmentWords('__ a_b', 'en').map((word) => word.text)).toEqual(['a_b']);
    expect(segmentWords('__a -__ _b_', 'en').map((word) => word.text)).toEqual(['__a', '_b_']);
    expect(tokenizeWords('_'.repeat(1_000_000), 'en')).toEqual([]);
  });
  it('cuts long texts in pieces, which changes no word beside an end of line or sentence', () => {
    const sentence = '日本語の長い文です。It costs 3.5 km\n𠮷野家へ行った！';
    const single = segmentWords(sentence, 'ja');
    const times = 5000;
    const words = segmentWords(sentence.repeat(times), 'ja');
    expect(words).toHaveLength(single.length * times);
    for (const [i, { text, start, end }] of words.entries()) {
      const of = single[i % single.length]!;
      const shift = Math.floor(i / single.length) * sentence.length;
      if (text !== of.text || start !== of.start + shift || end !== of.end + shift) expect.fail(`${i}: ${text}`);
    }
    expect(tokenizeWords(sentence.repeat(times), 'ja')).toEqual(words.map(({ text }) => text.toLowerCase()));
  });
  it('cuts a long run of signs somewhere between two of them', () => {
    const run = '𠮷'.repeat(100_000);
    expect(segmentWords(run, 'ja').every(({ text }) => !/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/.test(text))).toBe(true);
    const words = segmentWords('あ'.repeat(100_000), 'ja');
    expect(words.reduce((sum, { text }) => sum + text.length, 0)).toBe(100_000);
  });
  it('gives exact offsets in both languages', () => {
    for (const [text, language] of [
      ['The  bank, raised.', 'en'],
      ['日銀が利上げ', 'ja'],
    ] as const) {
      for (const word of segmentWords(text, language)) expect(text.slice(word.start, word.end)).toBe(word.text);
    }
  });
});

describe('tokenizeWords', () => {
  it('lowers case and drops signs', () => {
    expect(tokenizeWords('AI-based "Systems" don’t sleep', 'en')).toEqual(['ai', 'based', 'systems', 'don’t', 'sleep']);
  });
  it('cuts Japanese inside English text', () => {
    expect(tokenizeWords('The 日本 team', 'en')).toEqual(['the', '日本', 'team']);
  });
});

describe('createTokenizer', () => {
  it('drops stop words, and stems on request', () => {
    expect(createTokenizer()('The banks were raising rates', 'en')).toEqual(['banks', 'raising', 'rates']);
    expect(createTokenizer({ stemming: true })('The banks were raising', 'en')).toEqual(['bank', 'rais']);
    expect(createTokenizer({ contentWordsOnly: false })('The bank', 'en')).toEqual(['the', 'bank']);
  });
  it('gives Japanese content words in dictionary form', async () => {
    const tokenize = createTokenizer({ japanese: await loadJapaneseAnalyzer() });
    expect(tokenize('日銀は利上げを決めました。', 'ja')).toEqual(['日銀', '利上げ', '決める']);
  });
});

describe('nGrams', () => {
  it('gives nothing when the text is shorter than the run', () => {
    expect(nGrams(['a'], [2, 3])).toEqual([]);
  });
  it('refuses a range that goes down', () => {
    expect(() => nGrams(['a'], [2, 1])).toThrow('The range[1] option of nGrams');
  });
  it('cuts characters by code point', () => {
    expect(characterNGrams('😀ab', [2, 3])).toEqual(['😀a', 'ab', '😀ab']);
  });
});

describe('stopWords and stem', () => {
  it('knows both languages and nothing of others', () => {
    expect(stopWords('en').has('and')).toBe(true);
    expect(stopWords('ja').has('これ')).toBe(true);
    expect(stopWords('und').size).toBe(0);
  });
  it('brings inflected forms together', () => {
    expect(stem('Relational')).toBe(stem('relations'.slice(0, 8)));
    expect(stem('caresses')).toBe('caress');
  });
});
