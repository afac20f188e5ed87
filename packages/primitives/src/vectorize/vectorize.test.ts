import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CsrMatrix, csrRow } from '../linalg/index.js';
import { characterNGrams } from '../text/index.js';
import { classTfidfWeights } from './class-tfidf.js';
import {
  Bm25,
  CountVectorizer,
  classTfidf,
  TfidfTransformer,
  TfidfVectorizer,
  type TfidfVectorizerOptions,
} from './index.js';
import { compareCodePoints } from './vocabulary.js';

function fixture<T>(name: string): T {
  const path = new URL(`../../../../test/fixtures/${name}.json.gz`, import.meta.url);
  return JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as T;
}
interface TfidfCase {
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly terms: readonly string[];
  readonly idf: readonly number[] | null;
  readonly matrix: {
    readonly indptr: readonly number[];
    readonly indices: readonly number[];
    readonly data: readonly number[];
  };
}
const reference = fixture<{
  readonly docs: readonly string[];
  readonly cases: readonly TfidfCase[];
  readonly transform: { readonly queries: readonly string[]; readonly matrix: TfidfCase['matrix'] };
}>('text/tfidf');

const words = (text: string) => text.toLowerCase().match(/[\p{L}\p{N}_]{2,}/gu) ?? [];

function tokensOf(name: string, text: string): readonly string[] {
  const clean = text.toLowerCase().replace(/\s\s+/g, ' ');
  if (name === 'char-2-3') return characterNGrams(clean, [2, 3]);
  if (name === 'char-wb-3') return clean.split(/\s+/).flatMap((word) => characterNGrams(` ${word} `, [3, 3]));
  return words(text);
}

function optionsOf({ name, params }: TfidfCase): TfidfVectorizerOptions {
  const p = params as Record<string, never>;
  return {
    nGramRange: name.startsWith('char') ? [1, 1] : (p.ngram_range ?? [1, 1]),
    minDf: p.min_df ?? 1,
    maxDf: p.max_df ?? 1,
    ...(p.max_features ? { maxFeatures: p.max_features } : {}),
    binary: p.binary ?? false,
    useIdf: p.use_idf ?? true,
    smoothIdf: p.smooth_idf ?? true,
    sublinearTf: p.sublinear_tf ?? false,
    norm: 'norm' in p ? (p.norm ?? 'none') : 'l2',
  };
}

function expectClose(got: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(got.length).toBe(expected.length);
  for (let i = 0; i < got.length; i++) expect(Math.abs(got[i]! - expected[i]!)).toBeLessThanOrEqual(tolerance);
}

describe('TfidfVectorizer', () => {
  for (const expected of reference.cases) {
    it(`equals scikit-learn with the setting ${expected.name}`, () => {
      const documents = reference.docs.map((doc) => tokensOf(expected.name, doc));
      const options = optionsOf(expected);
      // Which of equally frequent terms maxFeatures keeps is left to chance there: take over the terms it kept.
      const vectorizer = CountVectorizer.fromJSON({
        ...CountVectorizer.fit(documents, options).toJSON(),
        ...(options.maxFeatures ? { terms: expected.terms } : {}),
      });
      const counts = vectorizer.transform(documents);
      const weighting = TfidfTransformer.fit(counts, options);
      expect(vectorizer.terms).toEqual(expected.terms);
      if (expected.idf) expectClose(weighting.idf, expected.idf, 1e-12);
      expect([...counts.indptr]).toEqual(expected.matrix.indptr);
      expect([...counts.indices]).toEqual(expected.matrix.indices);
      expectClose(weighting.weights(counts), expected.matrix.data, 1e-12);
      expectClose(weighting.transform(counts).data, expected.matrix.data, 1e-5);
    });
  }
  it('keeps terms of the same total counts as scikit-learn under maxFeatures', () => {
    for (const expected of reference.cases.filter(({ params }) => 'max_features' in params)) {
      const documents = reference.docs.map((doc) => tokensOf(expected.name, doc));
      const total = (term: string) => documents.flat().filter((token) => token === term).length;
      const kept = CountVectorizer.fit(documents, optionsOf(expected)).terms;
      expect(kept.map(total).sort()).toEqual(expected.terms.map(total).sort());
    }
  });
  it('gives scikit-learn rows for new, unknown and empty texts', () => {
    const model = TfidfVectorizer.fit(reference.docs.map(words), { sublinearTf: true });
    const { queries, matrix } = reference.transform;
    const counts = model.counts.transform(queries.map(words));
    expect([...counts.indptr]).toEqual(matrix.indptr);
    expect([...counts.indices]).toEqual(matrix.indices);
    expectClose(model.weighting.weights(counts), matrix.data, 1e-12);
  });
  it('survives a JSON round trip to the same bytes', () => {
    const model = TfidfVectorizer.fit(reference.docs.map(words), { nGramRange: [1, 2], sublinearTf: true, norm: 'l1' });
    const again = TfidfVectorizer.fromJSON(JSON.parse(JSON.stringify(model)));
    const documents = reference.docs.slice(3, 9).map(words);
    expect(again.transform(documents)).toEqual(model.transform(documents));
    expect(JSON.stringify(again)).toBe(JSON.stringify(model));
  });
  it('refuses JSON of another kind', () => {
    expect(() => TfidfVectorizer.fromJSON({ kind: 'other' })).toThrow("must be a record of kind 'tfidf-vectorizer'");
    const json = { kind: 'count-vectorizer', version: 1, terms: ['a'], nGramRange: [1, 1.5] };
    expect(() => CountVectorizer.fromJSON(json)).toThrow('must be two ascending positive integers.');
    expect(() => CountVectorizer.fromJSON({ kind: 'count-vectorizer', version: 1, terms: [1] })).toThrow(
      'list of texts',
    );
  });
});

describe('CountVectorizer', () => {
  const token = fc.constantFrom('a', 'b', 'c', 'é', '日本', '😀', 'z');
  const corpus = fc.array(fc.array(token, { maxLength: 12 }), { maxLength: 8 });

  it('counts what counting by hand counts', () => {
    fc.assert(
      fc.property(corpus, fc.integer({ min: 1, max: 3 }), (documents, longest) => {
        const { vectorizer, counts } = CountVectorizer.fitTransform(documents, { nGramRange: [1, longest] });
        documents.forEach((tokens, i) => {
          const expected = new Map<string, number>();
          for (let n = 1; n <= longest; n++) {
            for (let at = 0; at + n <= tokens.length; at++) {
              const term = tokens.slice(at, at + n).join(' ');
              expected.set(term, (expected.get(term) ?? 0) + 1);
            }
          }
          const { indices, data } = csrRow(counts, i);
          const got = new Map([...indices].map((column, k) => [vectorizer.terms[column]!, data[k]!]));
          expect(got).toEqual(new Map([...expected].sort((x, y) => compareCodePoints(x[0], y[0]))));
        });
      }),
    );
  });
  it('transforms the documents it was fitted on to what fitTransform gave', () => {
    fc.assert(
      fc.property(corpus, (documents) => {
        const options = { nGramRange: [1, 2] as const, minDf: 2, maxFeatures: 5 };
        const { vectorizer, counts } = CountVectorizer.fitTransform(documents, options);
        expect(vectorizer.transform(documents)).toEqual(counts);
      }),
    );
  });
  it('gives the same vocabulary for the documents in another order', () => {
    fc.assert(
      fc.property(corpus, (documents) => {
        const terms = CountVectorizer.fit(documents, { maxFeatures: 4 }).terms;
        expect(CountVectorizer.fit([...documents].reverse(), { maxFeatures: 4 }).terms).toEqual(terms);
      }),
    );
  });
  it('orders by code point, not by UTF-16 unit', () => {
    expect(CountVectorizer.fit([['😀', '\uff21', 'a']]).terms).toEqual(['a', '\uff21', '😀']);
  });
  it('gives an empty matrix for no documents and for empty ones', () => {
    expect(CountVectorizer.fitTransform([]).counts).toMatchObject({ rows: 0, cols: 0 });
    expect(CountVectorizer.fitTransform([[], []]).counts).toMatchObject({ rows: 2, cols: 0 });
  });
  it('does not take words like constructor for known terms', () => {
    expect(CountVectorizer.fit([['a']]).transform([['constructor', '__proto__']]).indices).toHaveLength(0);
  });
  it('refuses bad options and ambiguous tokens', () => {
    expect(() => CountVectorizer.fit([['a']], { nGramRange: [2, 1] })).toThrow('The nGramRange[1] option');
    expect(() => CountVectorizer.fit([['a']], { maxFeatures: 0 })).toThrow(
      'The maxFeatures option of CountVectorizer.fit',
    );
    expect(() => CountVectorizer.fit([['a b']], { nGramRange: [1, 2] })).toThrow('must not hold a space');
  });
});

describe('Bm25', () => {
  const documents = reference.docs.map(words);
  const { counts } = CountVectorizer.fitTransform(documents);

  it('gives the value of the formula', () => {
    const bm25 = Bm25.fit(counts, { k1: 1.5, b: 0.5 });
    const weighted = bm25.transform(counts);
    const row = csrRow(counts, 2);
    const length = row.data.reduce((sum, count) => sum + count, 0);
    const total = counts.data.reduce((sum, count) => sum + count, 0);
    row.indices.forEach((column, k) => {
      const df = counts.indices.filter((other) => other === column).length;
      const idf = Math.log(1 + (20 - df + 0.5) / (df + 0.5));
      const tf = row.data[k]!;
      const expected = (idf * tf * 2.5) / (tf + 1.5 * (0.5 + 0.5 * (length / (total / 20))));
      expect(weighted.data[counts.indptr[2]! + k]).toBeCloseTo(expected, 5);
    });
  });
  it('ranks a document about the query first', () => {
    const { vectorizer } = CountVectorizer.fitTransform(documents);
    const query = words('parliament voters').map((word) => vectorizer.vocabulary.get(word)!);
    const scores = Bm25.fit(counts).scores(query, counts);
    expect(scores.indexOf(Math.max(...scores))).toBe(9);
  });
  it('survives a JSON round trip', () => {
    const bm25 = Bm25.fit(counts);
    expect(Bm25.fromJSON(JSON.parse(JSON.stringify(bm25))).transform(counts)).toEqual(bm25.transform(counts));
  });
  it('refuses another width', () => {
    expect(() => Bm25.fit(counts).transform(CountVectorizer.fitTransform([['a']]).counts)).toThrow('columns. Got 1.');
  });
});

describe('classTfidf', () => {
  interface Case {
    readonly ngramRange: readonly [number, number];
    readonly bm25Weighting: boolean;
    readonly reduceFrequentWords: boolean;
    readonly seedWords: readonly string[] | null;
    readonly seedMultiplier: number | null;
    readonly nnz: number;
    readonly sum: number;
    readonly top10: readonly (readonly (readonly [string, number | string])[])[];
  }
  const { docs, classes, cases } = fixture<{
    readonly docs: readonly string[];
    readonly classes: readonly number[];
    readonly cases: readonly Case[];
  }>('topics/ctfidf');

  it('equals BERTopic in every setting', () => {
    // The reference joins the documents of a class, so its bigrams also cross documents: join them here too.
    const joined = Array.from({ length: 7 }, (_, c) => words(docs.filter((_doc, i) => classes[i] === c).join(' ')));
    for (const expected of cases) {
      const { vectorizer, counts } = CountVectorizer.fitTransform(joined, { nGramRange: expected.ngramRange });
      const got = classTfidfWeights(
        counts,
        Int32Array.from({ length: 7 }, (_, c) => c),
        {
          bm25Weighting: expected.bm25Weighting,
          reduceFrequentWords: expected.reduceFrequentWords,
          ...(expected.seedWords
            ? { multiplier: vectorizer.terms.map((term) => (expected.seedWords!.includes(term) ? 2 : 1)) }
            : {}),
        },
      );
      expect(got.weights.length).toBe(expected.nnz);
      expect(got.weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(expected.sum, 8);
      expected.top10.forEach((top, c) => {
        const row = [...got.indices.slice(got.indptr[c], got.indptr[c + 1])]
          .map((column, k) => [vectorizer.terms[column]!, got.weights[got.indptr[c]! + k]!] as const)
          .sort((a, b) => b[1] - a[1] || compareCodePoints(a[0], b[0]));
        for (const [k, [, weight]] of top.entries()) expect(row[k]![1]).toBeCloseTo(Number(weight), 9);
      });
    }
  });
  it('sums documents of a class whatever their order, and leaves out label -1', () => {
    const { counts } = CountVectorizer.fitTransform(docs.map(words));
    const labels = Int32Array.from(classes, (c) => (c === 6 ? -1 : c));
    const weights = classTfidf(counts, labels);
    expect(weights.rows).toBe(6);
    const empty = classTfidf(counts, new Int32Array(20).fill(-1));
    expect(empty).toMatchObject({ rows: 0, cols: counts.cols });
  });
  it('gives an empty row to a class without documents', () => {
    const { counts } = CountVectorizer.fitTransform([['a'], ['b']]);
    const weights: CsrMatrix = classTfidf(counts, Int32Array.of(0, 2));
    expect([...weights.indptr]).toEqual([0, 1, 1, 2]);
  });
  it('refuses labels that do not fit', () => {
    const { counts } = CountVectorizer.fitTransform([['a'], ['b']]);
    expect(() => classTfidf(counts, Int32Array.of(0))).toThrow('must be one for each row');
    expect(() => classTfidf(counts, Int32Array.of(0, -2))).toThrow('must be an integer from -1 on. Got -2 at 1.');
  });
});
