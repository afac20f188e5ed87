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
