import { loadEnglishTagger, loadJapaneseAnalyzer } from '@matome/primitives/text';
import { describe, expect, it } from 'vitest';
import { analyzeEnglish } from '../candidates/english.js';
import { analyzeJapanese } from '../candidates/japanese.js';
import { findAcronyms } from './acronyms.js';

async function english(body: string): Promise<string[]> {
  const { tag } = await loadEnglishTagger();
  const { candidates } = analyzeEnglish({ title: '', body }, tag);
  return findAcronyms({ title: '', body }, candidates).map(
    ({ short, long }) => `${candidates[short]!.name}=${candidates[long]!.name}`,
  );
}

describe('findAcronyms', () => {
  it('finds the expansion that a text gives in front of the bracket', async () => {
    expect(await english('We train a support vector machine (SVM) on data. The SVM wins.')).toEqual([
      'SVM=support vector machine',
    ]);
    expect(await english('The World Health Organization (WHO) reported cases.')).toEqual([
      'WHO=World Health Organization',
    ]);
    expect(await english('We use Principal Component Analysis [PCA] first.')).toEqual([
      'PCA=Principal Component Analysis',
    ]);
    expect(await english('Several content delivery networks (CDNs) failed.')).toEqual([
      'CDNs=content delivery networks',
    ]);
  });
  it('does not take any bracket for a definition', async () => {
    expect(await english('The tallest tower (NASA) stands. A big result (2019) came.')).toEqual([]);
  });
  it('reads Japanese definitions', async () => {
    const { analyze } = await loadJapaneseAnalyzer();
    const body = '国際通貨基金（IMF）は見通しを公表した。IMFの予測は下がった。';
    const { candidates } = analyzeJapanese({ title: '', body }, analyze);
    const found = findAcronyms({ title: '', body }, candidates);
    expect(found.map(({ short, long }) => [candidates[short]!.name, candidates[long]!.name])).toEqual([
      ['IMF', '国際通貨基金'],
    ]);
  });
});
