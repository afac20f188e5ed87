import { readFileSync } from 'node:fs';
import { createEmbedder } from '@matome/primitives/embedding';
import { tokenizeWords } from '@matome/primitives/text';
import { bench, describe } from 'vitest';
import { createTagExtractor } from './index.js';

interface Article {
  readonly title: string;
  readonly text: string;
}

const path = new URL('../../../examples/newsroom/sample/articles.jsonl', import.meta.url);
const all = readFileSync(path, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Article);
const japanese = all.filter(({ title }) => /[\u3040-\u30ff]/.test(title)).slice(0, 10);
const english = all.filter(({ title }) => /^[\x20-\x7e]+$/.test(title)).slice(0, 40);
const statistical = createTagExtractor();
const withModel = createTagExtractor({ embedder: await createEmbedder() });
for (const extractor of [statistical, withModel]) {
  for (const { title, text } of [english[0]!, japanese[0]!]) await extractor.extract({ title, body: text });
}
let sink = 0;

async function extractAll(extractor: typeof statistical, articles: readonly Article[]): Promise<void> {
  for (const { title, text } of articles) sink += (await extractor.extract({ title, body: text })).tags.length;
}

/** The ten most frequent words and pairs of words: what costs least and serves worst. */
function frequentPhrases({ title, text }: Article): string[] {
  const tokens = tokenizeWords(`${title}\n${text}`, 'en').map((word) => word.toLowerCase());
  const counts = new Map<string, number>();
  tokens.forEach((word, i) => {
    for (const phrase of [word, `${word} ${tokens[i + 1]}`]) counts.set(phrase, (counts.get(phrase) ?? 0) + 1);
  });
  return [...counts.keys()].sort((a, b) => counts.get(b)! - counts.get(a)!).slice(0, 10);
}

describe(`${english.length} English articles`, () => {
  bench('statistical', () => extractAll(statistical, english), { iterations: 10 });
  bench('static model', () => extractAll(withModel, english), { iterations: 10 });
  bench('naive: most frequent words and pairs', () => {
    for (const article of english) sink += frequentPhrases(article).length;
  });
});

describe(`${japanese.length} Japanese articles`, () => {
  bench('statistical', () => extractAll(statistical, japanese), { iterations: 5 });
  bench('static model', () => extractAll(withModel, japanese), { iterations: 5 });
});

if (sink < 0) throw new Error('Never: keeps the results in use.');
