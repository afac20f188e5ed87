import { csrRow, matrixFromRows } from '@matome/primitives/linalg';
import { tokenizeWords } from '@matome/primitives/text';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GenreDocument } from './genre-document.js';
import { GenreFeatures } from './genre-features.js';
import { TermScanner, WordHashes } from './term-scanner.js';
import { TermTable } from './term-table.js';

const document = (text: string, language: 'en' | 'ja' = 'en', title?: string): GenreDocument => ({
  text,
  language,
  tokens: tokenizeWords(title ? `${title}\n${text}` : text, language),
  ...(title === undefined ? {} : { title }),
});
const all = { minDocuments: 1, maxDocumentShare: 1 } as const;

describe('TermTable', () => {
  it('numbers keys in order of first sight, over growth and long runs of slots, and tallies them', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(0xfffffffe), { minLength: 1200, maxLength: 1500 }), (highs) => {
        const keys = [...highs, ...highs.slice(0, 100)].map((high) => [(high % 8) * 0x1fffffff, high] as const);
        const table = new TermTable(1);
        keys.forEach(([low, high], i) => {
          expect(table.add(low, high)).toBe(i % highs.length);
        });
        keys.forEach(([low, high], i) => {
          expect(table.find(low, high)).toBe(i % highs.length);
        });
        expect(table.find(1, 0xffffffff)).toBe(-1);
        const counts = new Int32Array(table.size);
        const touched = new Uint32Array(keys.length);
        const low = Uint32Array.from(keys, (key) => key[0]);
        const high = Uint32Array.from(keys, (key) => key[1]);
        const found = table.tally(low, high, keys.length, counts, touched);
        expect(found).toEqual({ terms: highs.length, length: keys.length });
        expect([...touched.subarray(0, highs.length)]).toEqual([...counts.keys()]);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(keys.length);
      }),
      { numRuns: 5, endOnFailure: true },
    );
  });
});

describe('TermScanner', () => {
  const keysOf = (scanner: TermScanner, doc: GenreDocument) => {
    const { low, high, count } = scanner.scan(doc);
    return Array.from({ length: count }, (_, i) => `${low[i]} ${high[i]}`);
  };
  it('meets plurals and -ing forms, and keeps short words and double s', () => {
    const scanner = new TermScanner({});
    const key = (word: string) => keysOf(scanner, document(word))[0];
    expect(key('banks')).toBe(key('bank'));
    expect(key('mining')).toBe(key('min'));
    expect(key('gas')).not.toBe(key('ga'));
    expect(key('class')).not.toBe(key('clas'));
  });
  it('makes n - 1 pairs of n words, each of its own', () => {
    const scanner = new TermScanner({ words: false, wordPairs: true });
    const keys = keysOf(scanner, document('key rate rises key rate'));
    expect(keys).toHaveLength(4);
    expect(keys[0]).toBe(keys[3]);
    expect(new Set(keys).size).toBe(3);
    expect(keysOf(scanner, document(''))).toEqual([]);
  });
  it('cuts runs of characters over the whole text without spaces, and inside words with edges', () => {
    const runs = new TermScanner({ words: false, characters: [2, 3] });
    expect(keysOf(runs, document('日本 語', 'ja'))).toHaveLength(3);
    expect(keysOf(runs, document('ＡＢ', 'ja'))).toEqual(keysOf(runs, document('ab', 'ja')));
    const inside = new TermScanner({ words: false, wordCharacters: [3, 3] });
    expect(keysOf(inside, document('cat'))).toHaveLength(3);
  });
  it('reads the words of a document once for scanners that share hashes', () => {
    const words = new WordHashes();
    const [one, other] = [new TermScanner({}, words), new TermScanner({ words: true, wordPairs: true }, words)];
    for (const text of ['key rate rises', 'rain falls on the key', '']) {
      const doc = document(text);
      expect(keysOf(one, doc)).toEqual(keysOf(new TermScanner({}), doc));
      expect(keysOf(other, doc)).toEqual(keysOf(new TermScanner({ words: true, wordPairs: true }), doc));
    }
  });
  it('tells a title word from a body word', () => {
    const scanner = new TermScanner({ words: true, titleWords: true });
    expect(new Set(keysOf(scanner, document('', 'en', 'rain'))).size).toBe(2);
  });
});

describe('GenreFeatures', () => {
  it('reads one document as it reads many', () => {
    const texts = ['solar panel solar wind', 'wind and rain', 'rain '.repeat(3000), ''];
    const documents = texts.map((text) => document(text, 'en', 'Wind'));
    const features = GenreFeatures.fit(documents, {
      ...all,
      weighting: 'bm25',
      families: { words: true, titleWords: true },
    });
    const whole = features.transform(documents);
    const read = features.rowReader(new WordHashes());
    documents.forEach((doc, i) => {
      const { indptr, indices, data } = read(doc);
      const cells = Array.from({ length: indptr[1]! }, (_, at) => [indices[at]!, data[at]!]).sort(
        (a, b) => a[0]! - b[0]!,
      );
      const { indices: columns, data: values } = csrRow(whole, i);
      expect(cells).toEqual(Array.from(columns, (column, at) => [column, values[at]!]));
    });
  });

  const documents = ['solar panel solar', 'solar wind', 'wind farm'].map((text) => document(text));

  it('weighs terms by smooth inverse document frequency and logarithmic counts, in rows of length 1', () => {
    const features = GenreFeatures.fit(documents, all);
    const { data } = csrRow(features.transform(documents), 0);
    const solar = (1 + Math.log(2)) * (Math.log(4 / 3) + 1);
    const panel = Math.log(4 / 2) + 1;
    const length = Math.hypot(solar, panel);
    expect([...data].map((v) => v.toFixed(6))).toEqual([solar / length, panel / length].map((v) => v.toFixed(6)));
  });
  it('adds a BM25 block of equal weight', () => {
    const features = GenreFeatures.fit(documents, { ...all, weighting: 'tfidf+bm25' });
    const x = features.transform(documents);
    expect(x.cols).toBe(8);
    const { indices, data } = csrRow(x, 0);
    expect([...indices]).toEqual([0, 1, 4, 5]);
    const bm25 = (count: number, idf: number) => (idf * count * 2.6) / (count + 1.6 * (0.25 + (0.75 * 3) / (7 / 3)));
    const [solar, panel] = [bm25(2, Math.log(4 / 3) + 1), bm25(1, Math.log(4 / 2) + 1)];
    expect(data[2]! / data[3]!).toBeCloseTo(solar / panel, 5);
    expect(data.reduce((sum, v) => sum + v * v, 0)).toBeCloseTo(1, 5);
  });
  it('drops terms of one document, of most documents, and beyond the limit, most frequent first', () => {
    expect(GenreFeatures.fit(documents, { maxDocumentShare: 1 }).width).toBe(2);
    expect(GenreFeatures.fit(documents, { minDocuments: 1, maxDocumentShare: 0.5 }).width).toBe(2);
    const limited = GenreFeatures.fit(documents, { ...all, maxFeatures: 2 });
    expect(limited.transform([document('panel farm')]).data).toHaveLength(0);
    expect(limited.transform([document('wind solar')]).data).toHaveLength(2);
  });
  it('appends vectors with their weight', () => {
    const vectors = matrixFromRows([
      [1, 0],
      [0, 1],
      [1, 0],
    ]);
    const features = GenreFeatures.fit(documents, { ...all, embeddingWeight: 2 }, vectors);
    const { indices, data } = csrRow(features.transform(documents, vectors), 1);
    expect([...indices].slice(-2)).toEqual([4, 5]);
    expect([...data].slice(-2)).toEqual([0, 2]);
    expect(() => features.transform(documents)).toThrow('needs the vectors of the documents');
    expect(() => features.transform(documents, matrixFromRows([[1]]))).toThrow('must be 3 × 2. Got 1 × 1.');
  });
  it('gives a document the same row whatever stands beside it', () => {
    const features = GenreFeatures.fit(documents, all);
    const whole = features.transform(documents);
    documents.forEach((doc, i) => {
      const alone = features.transform([doc]);
      expect([...alone.data]).toEqual([...csrRow(whole, i).data]);
      expect([...alone.indices]).toEqual([...csrRow(whole, i).indices]);
    });
  });
  it('leaves an unknown document empty and refuses none at all', () => {
    expect(GenreFeatures.fit(documents, all).transform([document('')]).indices).toHaveLength(0);
    expect(() => GenreFeatures.fit([])).toThrow('at least one document');
    expect(() => GenreFeatures.fit(documents, { minDocuments: 0 })).toThrow('minDocuments');
  });
});
