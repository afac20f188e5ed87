import { describe, expect, it } from 'vitest';
import { createLanguageDetector, scriptShares } from './index.js';

describe('createLanguageDetector', () => {
  it('tells English and Japanese titles', async () => {
    const detect = await createLanguageDetector();
    for (const title of [
      'The central bank raised its key rate',
      'Storm closes schools in the north',
      'How we built the new search engine',
    ]) {
      expect(detect(title).language).toBe('en');
    }
    for (const title of ['日銀が利上げを決定', 'サッカー日本代表', 'ＡＩで変わる仕事', '新型iPhoneを発表']) {
      expect(detect(title).language).toBe('ja');
    }
  });
  it('names other languages but answers und for them', async () => {
    const detect = await createLanguageDetector();
    expect(detect('Le président de la République parle aux Français')).toMatchObject({ language: 'und', code: 'fr' });
    expect(detect('한국어 문장입니다')).toMatchObject({ language: 'und', code: 'ko' });
    expect(detect('中国政府宣布新政策并将于下周实施').code).toBe('zh');
  });
  it('answers und with confidence 0 without letters', async () => {
    const detect = await createLanguageDetector();
    for (const text of ['', '   ', '12:30', '🎉🎉', '\u0000']) {
      expect(detect(text)).toEqual({ language: 'und', code: '', confidence: 0 });
    }
  });
  it('is unsure about two letters', async () => {
    const detect = await createLanguageDetector();
    expect(detect('OK').language).toBe('und');
  });
  it('answers only the languages it was restricted to', async () => {
    const detect = await createLanguageDetector({ languages: ['en', 'ja'] });
    expect(detect('東京株式市場').language).toBe('ja');
    expect(detect('Apple Music').code).toBe('en');
  });
  it('reads a long text in bounded time and gives the same answer again', async () => {
    const detect = await createLanguageDetector();
    const text = 'The quick brown fox jumps over the lazy dog. '.repeat(20_000);
    expect(detect(text)).toEqual(detect(text));
    expect(detect(text).language).toBe('en');
  });
  it('gives a title the same answer whatever came before', async () => {
    const titles = [
      'Rates rise again',
      'Les taux montent',
      'Die Zinsen steigen',
      'It’s raining',
      'Rates rise again rates',
    ];
    const [one, other] = [await createLanguageDetector(), await createLanguageDetector()];
    for (let i = 0; i < 25_000; i++) other(`word${i.toString(26)} ${'abcdefghij'.slice(i % 9)}`);
    expect(titles.map((title) => other(title))).toEqual(titles.map((title) => one(title)));
    expect(one('Die Zinsen steigen').code).toBe('de');
    expect(one('Rates rise again rates').code).toBe('en');
  });
  it('answers a title as it answers the same title in a long text', async () => {
    const detect = await createLanguageDetector();
    const titles = [
      'Storm closes schools in the north',
      'Le président parle aux Français de la paix',
      'Die neue Brücke über den Fluss ist fertig',
    ];
    for (const title of titles) expect(detect(`${title}. `.repeat(12)).code).toBe(detect(title).code);
  });
  it('refuses a confidence above 1', async () => {
    await expect(createLanguageDetector({ minConfidence: 2 })).rejects.toThrow('The minConfidence option');
  });
});

describe('scriptShares', () => {
  it('counts letters only', () => {
    expect(scriptShares('ab日か 12!')).toMatchObject({ latin: 0.5, han: 0.25, kana: 0.25, letters: 4 });
    expect(scriptShares('123').letters).toBe(0);
    expect(scriptShares('Ж').other).toBe(1);
  });
});
