import { loadJapaneseAnalyzer } from '@matome/primitives/text';
import { describe, expect, it } from 'vitest';
import { analyzeJapanese } from './japanese.js';
import { isJapaneseTag } from './validate-japanese-tag.js';

async function names(body: string): Promise<string[]> {
  const { analyze } = await loadJapaneseAnalyzer();
  return analyzeJapanese({ title: '', body }, analyze).candidates.map(({ name }) => name);
}

describe('analyzeJapanese', () => {
  it('finds compounds whole and in parts', async () => {
    expect(await names('大規模言語モデルの精度が上がる。')).toEqual(
      expect.arrayContaining(['大規模言語モデル', '精度']),
    );
    expect(await names('東京株式市場の取引')).toEqual(expect.arrayContaining(['東京株式市場', '東京']));
  });
  it('finds mixtures of scripts, model numbers and names with dots', async () => {
    expect(await names('AIサービスと4K液晶テレビを発売')).toEqual(
      expect.arrayContaining(['AIサービス', '4K液晶テレビ']),
    );
    expect(await names('GALAXY SC-02Cを試す')).toEqual(expect.arrayContaining(['GALAXY SC-02C']));
    expect(await names('バラク・オバマ氏が演説')).toEqual(expect.arrayContaining(['バラク・オバマ']));
  });
  it('leaves out dates, amounts, pronouns, verbs and single characters', async () => {
    const found = await names('3月5日、彼は30億円を発表した。これは100人のことだ。猫。');
    for (const name of ['3月5日', '30億円', '彼', 'これ', 'こと', '100人', '発表', '猫', '億'])
      expect(found).not.toContain(name);
  });
  it('does not join the items of a list', async () => {
    const found = await names('東京・大阪・福岡で開催');
    expect(found).toEqual(expect.arrayContaining(['東京', '大阪', '福岡']));
    expect(found).not.toContain('東京・大阪');
  });
  it('meets variants of one word under one candidate', async () => {
    const { analyze } = await loadJapaneseAnalyzer();
    const body = 'サーバーを置く。サーバを止める。';
    const server = analyzeJapanese({ title: '', body }, analyze).candidates.find(({ name }) =>
      name.startsWith('サーバ'),
    )!;
    expect(server.occurrences).toHaveLength(2);
  });
  it('meets long-vowel variants inside a compound, and keeps words apart that the vowel tells apart', async () => {
    const { analyze } = await loadJapaneseAnalyzer();
    const body = 'データベースとデーターベース。コンピューターウイルスとコンピュータウイルス。ビールとビル。';
    const { candidates } = analyzeJapanese({ title: '', body }, analyze);
    const places = (name: string) => candidates.find((candidate) => candidate.name === name)?.occurrences.length;
    expect(['データベース', 'コンピューターウイルス', 'ビール', 'ビル'].map(places)).toEqual([2, 2, 1, 1]);
  });
  it('counts every place once', async () => {
    const { analyze } = await loadJapaneseAnalyzer();
    const { candidates } = analyzeJapanese({ title: '', body: '高野綾は泳ぐ。ロンドンの高野綾。' }, analyze);
    for (const { occurrences } of candidates)
      expect(new Set(occurrences.map(({ start }) => start)).size).toBe(occurrences.length);
  });
  it('cuts neither names of people nor of products', async () => {
    const people = await names('斎藤佑樹と北島康介が会う。');
    expect(people).toEqual(expect.arrayContaining(['斎藤佑樹', '北島康介']));
    for (const name of ['斎藤佑', '北島康']) expect(people).not.toContain(name);
    const products = await names('Xperia GX SO-04DとHTC J ISW13HTとAndroid 4.0を試す。');
    expect(products).toEqual(expect.arrayContaining(['Xperia GX SO-04D', 'HTC J ISW13HT']));
    for (const name of ['Xperia GX SO', 'HT', 'Android 4']) expect(products).not.toContain(name);
  });
  it('leaves amounts and politeness out of a name', async () => {
    const found = await names(
      '野球部員3名と国内メーカー8社がアポロ13号のお料理を、ベスト3として自分で作る。ビデオサロン2012年1月号。',
    );
    expect(found).toEqual(
      expect.arrayContaining(['野球部員', '国内メーカー', 'アポロ13号', '料理', 'ベスト3', 'ビデオサロン']),
    );
    for (const name of ['野球部員3名', '国内メーカー8社', 'お料理', '自分']) expect(found).not.toContain(name);
  });
});

describe('isJapaneseTag', () => {
  it('keeps nouns, in hiragana too, and long compounds', async () => {
    const { analyze } = await loadJapaneseAnalyzer();
    for (const name of [
      'さかな',
      'いなか',
      'おとな',
      'ひらがな',
      '日本銀行',
      '大規模言語モデルファインチューニング',
      'iPhone',
      'AI技術',
    ]) {
      expect([name, isJapaneseTag(name, analyze)]).toEqual([name, true]);
    }
  });
  it('refuses endings of verbs, particles, digits, web noise and bad lengths', async () => {
    const { analyze } = await loadJapaneseAnalyzer();
    const refused = [
      '発表しました',
      '開催している',
      '重要です',
      '東京は',
      '会議を',
      '2024',
      '１２３',
      'https',
      'nbsp',
      '株',
      '',
      'あ'.repeat(31),
    ];
    for (const name of refused) expect([name, isJapaneseTag(name, analyze)]).toEqual([name, false]);
  });
});
