import { createHashingEmbedder } from '@matome/primitives/embedding';
import { matrixFromRows, normalizeRows } from '@matome/primitives/linalg';
import { segmentSentences, tokenizeWords } from '@matome/primitives/text';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clusterTopics } from './cluster-topics.js';
import type { EvidenceArticle } from './evidence.js';
import { gatherEvidence } from './gather-evidence.js';
import { chooseRepresentatives } from './representatives.js';
import { semanticDedup } from './semantic-dedup.js';
import { isUsableSentence } from './usable-sentence.js';

const texts = {
  a: 'The river Skel rose by two metres in Skelby overnight. Residents of Skelby left their homes by boat. The bridge is closed.',
  b: 'Rescue teams in Skelby moved residents out by boat as the river rose. The river Skel rose by two metres in Skelby overnight.',
  c: 'Valmere won the cup final with a late goal by its young striker. Forty thousand people watched the final in the stadium.',
};

function article(id: keyof typeof texts): EvidenceArticle {
  const text = texts[id];
  return {
    id,
    title: id,
    language: 'en',
    sentences: segmentSentences(text, 'en'),
    tokens: tokenizeWords(text, 'en'),
    titleTokens: [],
  };
}

describe('gatherEvidence', () => {
  it('refuses an embedder that leaves sentences out', async () => {
    const embedder = createHashingEmbedder();
    const forgetful = { ...embedder, embed: (sentences: readonly string[]) => embedder.embed(sentences.slice(1)) };
    await expect(gatherEvidence([article('a')], { embedder: forgetful })).rejects.toThrow(
      'The embedder of gatherEvidence must give one vector for each of 3 sentences. Got 2.',
    );
  });
  it('clusters articles by story and quotes sentences that stand where it says', async () => {
    const { clusters, diagnostics } = await gatherEvidence([article('c'), article('a'), article('b')], {
      embedder: createHashingEmbedder(),
      stories: { threshold: 0.15 },
    });
    expect(clusters.map((cluster) => cluster.articleIds)).toEqual([['a', 'b'], ['c']]);
    for (const { articleId, text, start, end } of clusters.flatMap((cluster) => cluster.representatives)) {
      expect(texts[articleId as keyof typeof texts].slice(start, end)).toBe(text);
    }
    expect(diagnostics).toMatchObject({ articles: 3, sentences: 7, repeatedSentences: 1, unusableSentences: 0 });
  });
  it('hears every article of a story before one is heard twice', async () => {
    const { clusters } = await gatherEvidence([article('a'), article('b')], {
      embedder: createHashingEmbedder(),
      stories: { threshold: 0.1 },
      representatives: 2,
    });
    expect(new Set(clusters[0]!.representatives.map((sentence) => sentence.articleId)).size).toBe(2);
  });
  it('takes stories that were found before, and leaves out articles that stand in none', async () => {
    const embedder = createHashingEmbedder();
    const articles = [article('a'), article('b'), article('c')];
    const stories = [{ articleIds: ['c'], members: [2] }];
    const { clusters } = await gatherEvidence(articles, { embedder, stories });
    expect(clusters.map(({ articleIds }) => articleIds)).toEqual([['c']]);
    expect(clusters[0]!.representatives.every(({ articleId }) => articleId === 'c')).toBe(true);
    await expect(
      gatherEvidence(articles, { embedder, stories: [{ articleIds: ['d'], members: [3] }] }),
    ).rejects.toThrow('must name articles by position, below 3. Got 3.');
  });
  it('takes no articles and articles without usable sentences', async () => {
    const embedder = createHashingEmbedder();
    expect((await gatherEvidence([], { embedder })).clusters).toEqual([]);
    const bare = { ...article('a'), sentences: [{ text: 'Yes.', start: 0, end: 4 }] };
    const { clusters, diagnostics } = await gatherEvidence([bare], { embedder });
    expect(clusters[0]!.representatives).toEqual([]);
    expect(clusters[0]!.coherence).toBeUndefined();
    expect(diagnostics.unusableSentences).toBe(1);
  });
  it('stops when aborted', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(gatherEvidence([article('a')], { embedder: createHashingEmbedder(), signal })).rejects.toThrow(
      'enough',
    );
  });
});

describe('clusterTopics', () => {
  it('names what sets a cluster apart and does not repeat a word', () => {
    const topics = clusterTopics(
      [
        ['people', 'river', 'flood'],
        ['people', 'flood', 'bridge'],
        ['people', 'cup', 'final'],
        ['people', 'final', 'goal'],
      ],
      [0, 0, 1, 1],
      { topTerms: 2 },
    );
    expect(topics[0]!.join(' ')).toContain('flood');
    expect(topics[1]!.join(' ')).toContain('final');
    expect(topics.flat().filter((term) => term === 'people')).toEqual([]);
  });
  it('gives no terms for outliers, numbers or empty documents, and takes a single cluster', () => {
    expect(clusterTopics([['a1', '2024']], [-1])).toEqual([]);
    expect(clusterTopics([['2024', '12']], [0])).toEqual([[]]);
    expect(clusterTopics([['河川', '氾濫'], ['氾濫']], [0, 0], { topTerms: 1 })).toEqual([['氾濫']]);
  });
  it('keeps what is said everywhere behind what sets two clusters apart, even if it is said often', () => {
    const documents = [
      ['say', 'say', 'say', 'river', 'flood'],
      ['say', 'say', 'flood', 'boat'],
      ['say', 'cup', 'final'],
      ['say', 'say', 'say', 'say', 'final', 'goal'],
    ];
    for (const terms of clusterTopics(documents, [0, 0, 1, 1], { nGramRange: [1, 1] })) {
      expect(terms).toHaveLength(3);
      expect(terms).not.toContain('say');
    }
    const weighed = clusterTopics(documents, [0, 0, 1, 1], { nGramRange: [1, 1], weighting: 'class-tfidf' });
    expect(weighed[1]).toContain('say');
  });
  it('puts in front what a single document keeps coming back to', () => {
    const documents = [
      ['flood', 'flood', 'flood', 'boat', 'mayor'],
      ['cup', 'final'],
    ];
    expect(clusterTopics(documents, [0, 1], { topTerms: 1, nGramRange: [1, 1] })[0]).toEqual(['flood']);
  });
  it('does not depend on the order of the documents', () => {
    const words = fc.array(fc.constantFrom('river', 'flood', 'cup', 'goal', 'vote'), { maxLength: 8 });
    const documents = fc.array(fc.tuple(words, fc.integer({ min: 0, max: 2 })), { minLength: 3, maxLength: 12 });
    fc.assert(
      fc.property(documents, (pairs) => {
        const terms = (list: typeof pairs) =>
          clusterTopics(
            list.map(([tokens]) => tokens),
            list.map(([, label]) => label),
          );
        expect(terms(pairs.toReversed())).toEqual(terms(pairs));
      }),
      { seed: 1, numRuns: 100 },
    );
  });
  it('refuses labels of another length', () => {
    expect(() => clusterTopics([['a']], [])).toThrow('must be one for each document. Got 0 for 1.');
  });
});

describe('chooseRepresentatives', () => {
  it('prefers the middle, then what differs', () => {
    const vectors = normalizeRows(
      matrixFromRows([
        [1, 0.1],
        [1, 0.12],
        [1, 0.11],
        [0.2, 1],
      ]),
    );
    const chosen = chooseRepresentatives(vectors, { count: 2, sources: [0, 0, 0, 0], positions: [5, 5, 5, 5] });
    expect(chosen[0]!.index).not.toBe(3);
    expect(chosen[1]!.index).toBe(3);
  });
  it('gives no more than there are', () => {
    expect(chooseRepresentatives(matrixFromRows([]), { count: 3, sources: [], positions: [] })).toEqual([]);
  });
});

describe('semanticDedup', () => {
  it('drops later twins, keeps zero rows', () => {
    expect(
      semanticDedup(
        matrixFromRows([
          [1, 0],
          [0, 0],
          [0, 0],
          [1, 0],
          [0, 1],
        ]),
        0.9,
      ),
    ).toEqual([0, 1, 2, 4]);
  });
  it('refuses a threshold above 1', () => {
    expect(() => semanticDedup(matrixFromRows([]), 1.1)).toThrow('The threshold option of semanticDedup');
  });
});

describe('isUsableSentence', () => {
  it.each([
    'Short one.',
    'if (a) { return b[0]; } else { c(); }',
    '1,234 5,678 9,012 3,456 7,890 1,234',
    'x'.repeat(700),
  ])('refuses %s', (text) => {
    expect(isUsableSentence(text)).toBe(false);
  });
  it.each(['That is what the great council at Skelby said.', '川の水位は一晩で二メートル上昇した。'])(
    'accepts %s',
    (text) => {
      expect(isUsableSentence(text)).toBe(true);
    },
  );
});
