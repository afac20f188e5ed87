import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadEnglishTagger, loadJapaneseAnalyzer, type Token } from './index.js';

function expectExactOffsets(text: string, tokens: readonly Token[]): void {
  let at = 0;
  for (const token of tokens) {
    expect(text.slice(token.start, token.end)).toBe(token.text);
    expect(token.start).toBeGreaterThanOrEqual(at);
    expect(token.text.trim()).not.toBe('');
    at = token.end;
  }
}

describe('loadJapaneseAnalyzer', () => {
  it('is loaded once', () => {
    expect(loadJapaneseAnalyzer()).toBe(loadJapaneseAnalyzer());
  });
  it('tells names, nouns, particles and verbs', async () => {
    const { analyze } = await loadJapaneseAnalyzer();
    const tokens = analyze('田中さんが東京で新薬を3個買った。');
    const parts = Object.fromEntries(tokens.map((token) => [token.text, token.pos]));
    expect(parts).toMatchObject({
      田中: 'PROPN',
      が: 'ADP',
      東京: 'PROPN',
      新薬: 'NOUN',
      '3': 'NUM',
      買っ: 'VERB',
      '。': 'PUNCT',
    });
    expect(tokens.find((token) => token.text === '買っ')).toMatchObject({ base: '買う', reading: 'カッ' });
  });
  it('gives the word cost of known words only', async () => {
    const { analyze } = await loadJapaneseAnalyzer();
    const [known, unknown] = [analyze('会社')[0]!, analyze('ヌンパラ')[0]!];
    expect(known.cost).toBeGreaterThan(0);
    expect(known.cost).toBeLessThan(analyze('会計士')[0]!.cost!);
    expect(unknown).not.toHaveProperty('cost');
  });
  it('covers the text with exact offsets, whatever it holds', async () => {
    const { analyze } = await loadJapaneseAnalyzer();
    const part = fc.constantFrom(
      '日本',
      'が',
      'カタカナ',
      '。',
      '、',
      '\u0000',
      '\n',
      '　',
      ' ',
      'ABC',
      '😀',
      '𠮷',
      '\ud800',
      '１２',
      '「',
      'ﾊﾝｶｸ',
      'é',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
        const text = parts.join('');
        const tokens = analyze(text);
        expectExactOffsets(text, tokens);
        const lost = tokens.reduceRight((rest, token) => rest.slice(0, token.start) + rest.slice(token.end), text);
        expect(lost).toMatch(/^[\s\u0000\ud800]*$/);
      }),
      { numRuns: 200 },
    );
  });
  it('reads runs that the bare analyser needs minutes for', async () => {
    const { analyze } = await loadJapaneseAnalyzer();
    analyze('暖機');
    for (const unit of ['ア', 'あ', '漢', 'a', '！', '\u0000', '😀', 'アイウエオ']) {
      const text = unit.repeat(10_000 / unit.length);
      const start = performance.now();
      expectExactOffsets(text, analyze(text).slice(0, 50));
      expect(performance.now() - start).toBeLessThan(1500);
    }
  });
});

describe('loadEnglishTagger', () => {
  it('tells nouns, names, adjectives and verbs', async () => {
    const { tag } = await loadEnglishTagger();
    const tokens = tag('Tesla quickly built reliable electric cars.');
    expect(tokens.map((token) => token.pos)).toEqual(['PROPN', 'ADV', 'VERB', 'ADJ', 'ADJ', 'NOUN', 'PUNCT']);
    expect(tokens[5]).toMatchObject({ text: 'cars', base: 'car', start: 38, end: 42 });
  });
  it('gives exact offsets for odd text', async () => {
    const { tag } = await loadEnglishTagger();
    const part = fc.constantFrom(
      "don't ",
      'U.S. ',
      ' ',
      '\n\n',
      '日本',
      '😀',
      '\u0000',
      'a',
      '$3.5',
      '@x #y ',
      'http://a.b/c ',
      '—',
      "it's ",
      '\u00a0',
      '\ud800',
      'cannot ',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (parts) =>
        expectExactOffsets(parts.join(''), tag(parts.join(''))),
      ),
      { numRuns: 200 },
    );
  });
  it('reads a text longer than its buffer', async () => {
    const { tag } = await loadEnglishTagger();
    const text = 'The fast train stops in Kyoto. '.repeat(3000);
    const tokens = tag(text);
    expectExactOffsets(text, tokens.slice(-20));
    expect(tokens).toHaveLength(7 * 3000);
  });
  it('reads runs without white space that the bare tagger needs minutes for', async () => {
    const { tag } = await loadEnglishTagger();
    for (const unit of ['Word-', 'ab/', 'QmFzZTY0', '𝒜𝒷']) {
      const text = `The file: ${unit.repeat(200_000 / unit.length)} ends here.`;
      const tokens = tag(text);
      expectExactOffsets(text, tokens.slice(-50));
      expect(tokens.slice(-3).map((token) => token.text)).toEqual(['ends', 'here', '.']);
      expect(tokens.some((token) => /[\ud800-\udbff]$|^[\udc00-\udfff]/.test(token.text))).toBe(false);
    }
  });
});
