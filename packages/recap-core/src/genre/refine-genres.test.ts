import { createRandom, shuffle } from '@matome/primitives/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LabelEdge } from '../label-graph/build-label-graph.js';
import { LabelGraph } from '../label-graph/label-graph.js';
import type { GenreAssignment } from './genre-types.js';
import { tagEntropy } from './learning-record.js';
import type { RefinableArticle, TieBreaker } from './refine-decisions.js';
import { type RefineOptions, refineGenres } from './refine-genres.js';
import { refineSettings } from './refine-settings.js';
import { isInRollout, rolloutBucket } from './rollout.js';

const coarse = (scores: Record<string, number>, id = 'a'): GenreAssignment => {
  const candidates = Object.entries(scores).map(([genre, probability]) => ({ genre, probability }));
  return {
    articleId: id,
    genre: candidates[0]?.genre ?? 'other',
    confidence: candidates[0]?.probability ?? 0,
    candidates,
    strategy: 'coarse-only',
    belowThreshold: false,
    accepted: true,
    plausible: candidates.slice(0, 1).map(({ genre }) => genre),
  };
};
const article = (tags: Record<string, number>, id = 'a'): RefinableArticle => ({
  id,
  title: 'Title',
  text: 'Text.',
  tags: Object.entries(tags).map(([name, confidence]) => ({ name, confidence })),
});
const graphOf = (edges: Record<string, Record<string, number>>) =>
  new LabelGraph(
    Object.entries(edges).flatMap(([genre, tags]) =>
      Object.entries(tags).map(
        ([tag, weight]): LabelEdge => ({ genre, tag, weight, support: 3, lastSeen: new Date(0) }),
      ),
    ),
    new Date(0),
  );
const noEdges = graphOf({});
const refine = async (
  scores: Record<string, number>,
  tags: Record<string, number>,
  graph = noEdges,
  options: RefineOptions = {},
) => (await refineGenres([coarse(scores)], [article(tags)], graph, options))[0]!;

describe('refineGenres', () => {
  it('keeps the coarse genre outside the rollout and without tags, and says why', async () => {
    const out = await refine({ sports: 0.5, food: 0.4 }, { food: 0.9 }, noEdges, { settings: { rolloutPercent: 0 } });
    expect(out.assignment).toMatchObject({ genre: 'sports', confidence: 0.5, strategy: 'coarse-only' });
    expect(out.record.reasons).toEqual([{ check: 'rollout', passed: false, limit: 0 }]);
    const bare = await refine({ sports: 0.5 }, {});
    expect(bare.assignment.strategy).toBe('coarse-only');
    expect(bare.record.reasons.at(-1)).toEqual({ check: 'has-tags', passed: false, value: 0, limit: 1 });
  });
  it('falls back where there is no candidate at all', async () => {
    const { assignment } = await refine({}, { tea: 0.9 });
    expect(assignment).toMatchObject({ genre: 'other', confidence: 0, strategy: 'fallback-other' });
  });
  it('takes the genre that one sure tag names, with the higher confidence of both', async () => {
    const { assignment } = await refine({ sports: 0.5, food: 0.4 }, { ' Food ': 0.9, sport: 0.9 });
    expect(assignment).toMatchObject({ genre: 'food', confidence: 0.9, strategy: 'tag-consistency', accepted: false });
    expect((await refine({ sports: 0.5, food: 0.4 }, { food: 0.59 })).assignment.strategy).toBe('coarse-only');
    const both = await refine({ sports: 0.5, food: 0.4 }, { food: 0.9, sports: 0.9 });
    expect(both.record.reasons).toContainEqual({ check: 'tag-names-genre', passed: false, value: 2, limit: 1 });
  });
  it('lets the graph decide where it leads clearly, and mixes both confidences', async () => {
    const graph = graphOf({ food: { ramen: 0.8 } });
    const { assignment, record } = await refine({ sports: 0.45, food: 0.4 }, { ramen: 0.5 }, graph);
    expect(assignment).toMatchObject({ genre: 'food', strategy: 'graph-boost' });
    expect(assignment.confidence).toBeCloseTo(0.6 * 0.4 + 0.4 * 0.4, 9);
    expect(record.decision.margin).toBeCloseTo(0.35, 9);
    expect(record.candidates.find(({ genre }) => genre === 'food')).toMatchObject({ graphBoost: 0.4, tagOverlap: 1 });
  });
  it('asks every condition of the graph: margin, boost, tags, and the classifier', async () => {
    const graph = graphOf({ food: { ramen: 0.8 } });
    const failing = async (settings: object) =>
      (await refine({ sports: 0.3, food: 0.14 }, { ramen: 1 }, graph, { settings })).record.reasons
        .filter(({ passed }) => !passed)
        .map(({ check }) => check);
    expect(await failing({})).toContain('classifier-confidence');
    expect(await failing({ graphMargin: 0.9 })).toContain('graph-margin');
    expect(await failing({ boostThreshold: 2 })).toContain('graph-boost');
    expect(await failing({ tagCountThreshold: 2 })).toContain('tag-count');
  });
  it('brings in a genre that tags favour strongly, and never chooses it by graph against the classifier', async () => {
    const graph = graphOf({ music: { opera: 0.9 } });
    const { assignment, record } = await refine({ sports: 0.6, food: 0.1 }, { opera: 1 }, graph);
    expect(record.candidates.map(({ genre }) => genre)).toEqual(['sports', 'food', 'music']);
    expect(record.candidates[2]).toMatchObject({ score: 0, classifierConfidence: 0.9, graphBoost: 0.9 });
    expect(assignment.genre).toBe('music');
    expect((await refine({ sports: 0.6 }, { opera: 0.33 }, graph)).record.candidates).toHaveLength(1);
  });
  it('weighs tied candidates of the classifier by keywords, confidence, graph and tag names', async () => {
    const { assignment } = await refine({ sports: 0.42, food_cuisine: 0.4 }, { cuisine: 0.7 }, noEdges, {
      keywordSupport: (_, genre) => (genre === 'food_cuisine' ? 5 : 0),
    });
    expect(assignment).toMatchObject({ genre: 'food_cuisine', strategy: 'weighted-score' });
    expect(assignment.confidence).toBeCloseTo(0.2 * 0.5 + 0.4 * 0.4 + 0.2 * 0 + 0.2 * 0.35, 9);
  });
  it('asks the tie-breaker only about ties, and believes it only about candidates', async () => {
    const asked: string[][] = [];
    const tieBreak: TieBreaker = async ({ candidates }) => {
      asked.push(candidates.map(({ genre }) => genre));
      return { genre: 'food', confidence: 0.8, traceId: 't1' };
    };
    const tied = await refine({ sports: 0.42, food: 0.4, law: 0.1 }, { tea: 0.9 }, noEdges, { tieBreak });
    expect(tied.assignment).toMatchObject({ genre: 'food', confidence: 0.8, strategy: 'tie-break' });
    expect(tied.record.decision.traceId).toBe('t1');
    await refine({ sports: 0.6, food: 0.3 }, { tea: 0.9 }, noEdges, { tieBreak });
    expect(asked).toEqual([['sports', 'food']]);
    const unknown = await refine({ sports: 0.42, food: 0.4 }, { tea: 0.9 }, noEdges, {
      tieBreak: async () => ({ genre: 'law', confidence: 1 }),
    });
    expect(unknown.assignment.strategy).toBe('weighted-score');
    expect(unknown.record.reasons).toContainEqual({
      check: 'tie-break',
      passed: false,
      value: 2,
      note: 'unknown genre law',
    });
  });
  it('survives a tie-breaker that fails, and records the failure', async () => {
    const { assignment, record } = await refine({ sports: 0.42, food: 0.4 }, { tea: 0.9 }, noEdges, {
      tieBreak: () => Promise.reject(new Error('no model')),
    });
    expect(assignment.strategy).toBe('weighted-score');
    expect(record.reasons).toContainEqual({ check: 'tie-break', passed: false, note: 'no model' });
  });
  it('stops when aborted', async () => {
    const stop = new AbortController();
    const tieBreak: TieBreaker = async (_, { signal }) => {
      stop.abort(new Error('stopped'));
      signal!.throwIfAborted();
      return undefined;
    };
    await expect(
      refine({ sports: 0.42, food: 0.4 }, { tea: 0.9 }, noEdges, { tieBreak, signal: stop.signal }),
    ).rejects.toThrow('stopped');
  });
  it('gives the same genres in any order of the articles', async () => {
    const graph = graphOf({ food: { ramen: 0.8 }, sports: { cup: 0.7 } });
    const pairs = Array.from({ length: 40 }, (_, i) => ({
      assignment: coarse({ sports: 0.3 + (i % 7) / 50, food: 0.35 }, `id${i}`),
      article: article(i % 3 === 0 ? { ramen: 0.6 } : { cup: 0.5, tea: 0.9 }, `id${i}`),
    }));
    const run = async (list: typeof pairs) =>
      new Map(
        (
          await refineGenres(
            list.map((p) => p.assignment),
            list.map((p) => p.article),
            graph,
          )
        ).map((refined) => [refined.assignment.articleId, refined]),
      );
    const mixed = await run(shuffle(pairs, createRandom(2)));
    for (const [id, refined] of await run(pairs)) expect(mixed.get(id)).toEqual(refined);
  });
  it('refuses assignments of other articles and settings out of range', async () => {
    await expect(refineGenres([coarse({ a: 1 })], [article({}, 'b')], noEdges)).rejects.toThrow('in the same order');
    await expect(refine({ a: 1 }, {}, noEdges, { settings: { graphMargin: 7 } })).rejects.toThrow('graphMargin');
    expect(() => refineSettings({ rolloutPercent: 101 })).toThrow('rolloutPercent');
    expect(refineSettings({ graphMargin: undefined }).graphMargin).toBe(0.15);
  });
});

describe('rollout', () => {
  it('takes a UUID as a number modulo 100', () => {
    expect(rolloutBucket('00000000-0000-0000-0000-000000000064')).toBe(0);
    expect(rolloutBucket('FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF')).toBe(Number((2n ** 128n - 1n) % 100n));
  });
  it('keeps a key that is in as the share grows, and spreads other keys evenly', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(100), fc.nat(100), (key, a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        if (isInRollout(key, low)) expect(isInRollout(key, high)).toBe(true);
      }),
    );
    const inside = Array.from({ length: 2000 }, (_, i) => isInRollout(`key ${i}`, 30)).filter(Boolean).length;
    expect(Math.abs(inside / 2000 - 0.3)).toBeLessThan(0.05);
    expect(() => isInRollout('x', 101)).toThrow('percent');
  });
});

describe('tagEntropy', () => {
  it('is 0 without tags or with one, and log2 n for n equal ones', () => {
    expect(tagEntropy([])).toBe(0);
    expect(tagEntropy([{ name: 'a', confidence: 0 }])).toBe(0);
    expect(tagEntropy([{ name: 'a', confidence: 0.3 }])).toBe(0);
    const four = ['a', 'b', 'c', 'd'].map((name) => ({ name, confidence: 0.2 }));
    expect(tagEntropy(four)).toBeCloseTo(2, 12);
  });
});
