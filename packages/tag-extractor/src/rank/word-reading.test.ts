import { createHashingEmbedder, type Embedder } from '@matome/primitives/embedding';
import { describe, expect, it } from 'vitest';
import { readTokens, type TokenReading } from './token-reading.js';
import { WordReader, wordsIn } from './word-reading.js';

const dimensions = 32;
const readings: TokenReading[] = [1, 2, 3].map((k) => ({
  offset: 0,
  weights: Array.from({ length: 4 }, (_, place) =>
    Array.from({ length: dimensions }, (_, j) => Math.sin(k + 7 * place + j)),
  ),
}));

function spiedEmbedder(): { embedder: Embedder; embedded: string[][] } {
  const embedded: string[][] = [];
  const hashing = createHashingEmbedder({ dimensions });
  const embed: Embedder['embed'] = (texts, options) => {
    embedded.push([...texts]);
    return hashing.embed(texts, options);
  };
  return { embedder: { ...hashing, embed }, embedded };
}

/** What readings make of words that are all embedded anew. */
async function readAnew(words: readonly string[]) {
  const vectors = await createHashingEmbedder({ dimensions }).embed(words);
  return readings.map((reading) => readTokens(reading, vectors));
}

describe('wordsIn', () => {
  it('cuts words and signs in lower case and says where they stand', () => {
    const text = 'Naïve re-ranker,\n3 Städte';
    const { words, starts, ends } = wordsIn(text);
    expect(words).toEqual(['', 'naïve', 're', '-', 'ranker', ',', '3', 'städte', '']);
    expect(words.map((_, t) => text.slice(starts[t], ends[t]).toLowerCase())).toEqual(words);
  });
  it('keeps a letter and its combining accent in one word', () => {
    expect(wordsIn('cafe\u0301 x').words).toEqual(['', 'cafe\u0301', 'x', '']);
  });
  it('finds nothing in an empty text', () => {
    expect(wordsIn(' \n').words).toEqual(['', '']);
  });
});

describe('WordReader', () => {
  it('reads every word as its vector alone is read', async () => {
    const words = ['', 'key', 'rates', 'key', ''];
    const reader = new WordReader(spiedEmbedder().embedder, readings);
    expect(await reader.read(words)).toEqual(await readAnew(words));
  });
  it('embeds a word once, however many texts it stands in', async () => {
    const { embedder, embedded } = spiedEmbedder();
    const reader = new WordReader(embedder, readings);
    await reader.read(['key', 'rates', 'key']);
    const second = await reader.read(['low', 'rates', 'key']);
    await reader.read(['low']);
    expect(embedded).toEqual([['key', 'rates'], ['low']]);
    expect(second).toEqual(await readAnew(['low', 'rates', 'key']));
  });
  it('reads the same when it forgets words in between', async () => {
    const reader = new WordReader(spiedEmbedder().embedder, readings, 2);
    const texts = [['a', 'b', 'c'], ['c', 'a'], ['d', 'e', 'c', 'b', 'a'], ['a']];
    for (const words of texts) expect(await reader.read(words)).toEqual(await readAnew(words));
  });
  it('reads texts at the same time as it reads them one after the other', async () => {
    const reader = new WordReader(spiedEmbedder().embedder, readings, 3);
    const texts = [['a', 'b'], ['b', 'c', 'd'], ['d', 'a'], []];
    const together = await Promise.all(texts.map((words) => reader.read(words)));
    expect(together).toEqual(await Promise.all(texts.map(readAnew)));
  });
});
