import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayWidth, foldWidth, normalizeText } from './index.js';

describe('normalizeText', () => {
  it('composes accents and kana marks', () => {
    expect(normalizeText('e\u0301 か\u3099')).toBe('é が');
  });
  it('removes control characters, selectors, soft hyphens and byte order marks', () => {
    expect(normalizeText('\ufeffa\u0000b\u00adc\u200bd葛\u{e0100}☎\ufe0f')).toBe('abcd葛☎');
  });
  it('keeps tabs and line ends in one form', () => {
    expect(normalizeText('a\tb\r\nc\rd\u2028e')).toBe('a\tb\nc\nd\ne');
  });
  it('keeps the joiner inside an emoji', () => {
    expect(normalizeText('👩\u200d🚀')).toBe('👩\u200d🚀');
  });
  it('replaces a lone surrogate', () => {
    expect(normalizeText('a\ud800b')).toBe('a\ufffdb');
  });
  it('collapses spaces on request', () => {
    expect(normalizeText(' a \n b ', { collapseSpaces: true })).toBe('a b');
  });
  it('gives the same when applied twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const once = normalizeText(text);
        expect(normalizeText(once)).toBe(once);
      }),
      { numRuns: 300 },
    );
  });
});

describe('foldWidth', () => {
  it('narrows Latin and widens katakana only', () => {
    expect(foldWidth('ＮＨＫ　ﾆｭｰｽ（１２％）㈱①')).toBe('NHK ニュース(12%)㈱①');
  });
});

describe('displayWidth', () => {
  it('counts wide characters twice and marks not at all', () => {
    expect(displayWidth('東京 Tokyo')).toBe(10);
    expect(displayWidth('e\u0301')).toBe(1);
    expect(displayWidth('😀')).toBe(2);
    expect(displayWidth('')).toBe(0);
  });
});
