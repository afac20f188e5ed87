import { createRandom, shuffle } from '@matome/primitives/random';
import { describe, expect, it } from 'vitest';
import type { LearningRecord } from '../genre/learning-record.js';
import { draftReorganization } from './draft-reorganization.js';
import { expectedImprovement, GaussianProcess } from './gaussian-process.js';
import { type LearningEntry, learningEntries, summarizeLearning } from './learning-entry.js';
import { optimizeThresholds } from './optimize-thresholds.js';

const record: LearningRecord = {
  articleId: 'a',
  candidates: [
    { genre: 'sports', score: 0.5, classifierConfidence: 0.5, graphBoost: 0, tagOverlap: 0, keywordSupport: 0 },
    { genre: 'food', score: 0.4, classifierConfidence: 0.4, graphBoost: 0.3, tagOverlap: 1, keywordSupport: 0 },
  ],
  decision: { genre: 'food', confidence: 0.36, strategy: 'graph-boost', margin: 0.2000000001 },
  reasons: [],
  tags: [{ name: 'ramen', confidence: 0.7 }],
  tagEntropy: 0,
};

/** Decisions in which the graph is right exactly from a boost of 1.5 on. */
function entries(n: number, seed: number): LearningEntry[] {
  const random = createRandom(seed);
  return Array.from({ length: n }, (_, i) => {
    const topBoost = 3 * random();
    const truth = topBoost >= 1.5 ? 'graph' : 'coarse';
    return {
      articleId: `a${i}`,
      genre: 'graph',
      coarseGenre: 'coarse',
      boostedGenre: 'graph',
      strategy: 'graph-boost' as const,
      margin: 0.3,
      topBoost,
      topConfidence: 0.5,
      tagCount: 5 + Math.floor(6 * random()),
      candidateCount: 3,
      tagEntropy: 1,
      topTags: [],
      confidence: 0.5,
      truth: [random() < 0.95 ? truth : 'other'],
    };
  });
}
const current = { graphMargin: 0.15, boostThreshold: 0.1, tagCountThreshold: 0 };

describe('learningEntries', () => {
  it('holds what the classifier and what the graph would choose, and the truth where known', () => {
    const [entry] = learningEntries([record], new Map([['a', ['food']]]));
    expect(entry).toMatchObject({
      coarseGenre: 'sports',
      boostedGenre: 'food',
      margin: 0.2,
      topBoost: 0.3,
      truth: ['food'],
    });
    expect(learningEntries([record], new Map())[0]).not.toHaveProperty('truth');
  });
  it('is summed up, with accuracy on what is known', () => {
    const two = learningEntries([record, { ...record, articleId: 'b', tags: [] }], new Map([['a', ['law']]]));
    expect(summarizeLearning(two)).toMatchObject({
      records: 2,
      known: 1,
      accuracy: 0,
      graphBoostPercentage: 100,
      tagCoveragePercentage: 50,
    });
    expect(summarizeLearning([])).toEqual({
      records: 0,
      known: 0,
      graphBoostCount: 0,
      graphBoostPercentage: 0,
      tagCoveragePercentage: 0,
    });
  });
});

describe('optimizeThresholds', () => {
  it('finds the boost from which the graph is right, and proves it on held-out entries', () => {
    const proposal = optimizeThresholds(entries(600, 1), { current });
    if (proposal.status !== 'better') throw new Error(`status ${proposal.status}`);
    expect(Math.abs(proposal.thresholds.boostThreshold - 1.5)).toBeLessThan(0.35);
    expect(proposal.testAccuracy).toBeGreaterThan(0.85);
    expect(proposal.currentTestAccuracy).toBeLessThan(0.65);
    expect(proposal.p).toBeLessThan(0.001);
  });
  it('does not learn from decisions whose truth nobody told', () => {
    const untold = entries(600, 1).map(({ truth: _, ...entry }) => entry);
    expect(optimizeThresholds(untold, { current })).toEqual({ status: 'too-few', known: 0, needed: 100 });
  });
  it('keeps what is in use where it cannot be beaten', () => {
    const best = { ...current, boostThreshold: 1.5 };
    const proposal = optimizeThresholds(entries(300, 2), { current: best });
    expect(proposal.status).toBe('no-better');
  });
  it('has nothing to tune where the graph never speaks', () => {
    const silent = entries(200, 3).map((entry) => ({ ...entry, topBoost: 0 }));
    expect(optimizeThresholds(silent, { current })).toEqual({ status: 'no-boosts', known: 200 });
  });
  it('gives the same proposal whatever the order of entries', () => {
    const all = entries(200, 4);
    expect(optimizeThresholds(shuffle(all, createRandom(1)), { current })).toEqual(
      optimizeThresholds(all, { current }),
    );
    expect(() => optimizeThresholds(all, { current, evaluations: 1 })).toThrow('evaluations');
  });
});

describe('GaussianProcess', () => {
  const points = Array.from({ length: 12 }, (_, i) => [i / 11]);
  const process = GaussianProcess.fit(
    points,
    points.map(([x]) => Math.sin(6 * x!)),
  );

  it('goes through smooth values and knows where it is unsure', () => {
    expect(process.predict([0.5]).mean).toBeCloseTo(Math.sin(3), 1);
    expect(process.predict([3]).deviation).toBeGreaterThan(10 * process.predict([0.5]).deviation);
  });
  it('expects no improvement where it is sure to be worse', () => {
    expect(expectedImprovement({ mean: 1, deviation: 0 }, 0)).toBe(0);
    expect(expectedImprovement({ mean: -1, deviation: 0 }, 0)).toBe(1);
    expect(expectedImprovement({ mean: 1, deviation: 1 }, 0)).toBeGreaterThan(0);
  });
});

describe('draftReorganization', () => {
  it('shows two ways in which a genre is reached', () => {
    const two = entries(60, 5).map((entry, i) => ({
      ...entry,
      margin: i % 2 ? 0.05 : 0.9,
      topBoost: i % 2 ? 0 : 3,
      topTags: [{ name: i % 2 ? 'tea' : 'cup', confidence: 1 }],
    }));
    const [draft] = draftReorganization(two);
    expect(draft!.clusters).toHaveLength(2);
    expect(draft!.clusters.map(({ topTags }) => topTags[0]).sort()).toEqual(['cup', 'tea']);
  });
  it('leaves out genres with few entries', () => {
    expect(draftReorganization(entries(10, 6))).toEqual([]);
    expect(() => draftReorganization([], { maxClusters: 1 })).toThrow('maxClusters');
  });
});
