import { type Matrix, matrixFromRows, takeRows } from '@matome/primitives/linalg';
import { createRandom, normalSample, shuffle } from '@matome/primitives/random';
import { describe, expect, it } from 'vitest';
import type { GenreAssignment } from '../genre/genre-types.js';
import { inspectGenreDrift } from './genre-drift.js';
import { filterOutliers } from './outlier-filter.js';
import { scoreArticle } from './score-article.js';
import { selectArticles } from './select-articles.js';
import { subdivideGenre } from './subdivide-genre.js';

const now = new Date('2026-03-08T00:00:00Z');
const assignment = (articleId: string, genre: string, confidence = 0.5): GenreAssignment => ({
  articleId,
  genre,
  confidence,
  candidates: [],
  strategy: 'coarse-only',
  belowThreshold: false,
  accepted: true,
  plausible: [genre],
});

/** Points around given directions, `per` of each, interleaved. */
function cloud(directions: readonly (readonly number[])[], per: number, noise: number, seed = 1): Matrix {
  const random = createRandom(seed);
  return matrixFromRows(
    Array.from({ length: per * directions.length }, (_, i) =>
      directions[i % directions.length]!.map((value) => value + noise * normalSample(random)),
    ),
  );
}

describe('scoreArticle', () => {
  it('adds confidence, freshness by whole hours, and tags up to five', () => {
    const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000);
    expect(scoreArticle({ confidence: 0.6, publishedAt: hoursAgo(10.9), tagOverlap: 2 }, now)).toBeCloseTo(
      0.3 + 0.3 * Math.exp(-0.05) + 0.08,
      12,
    );
    expect(scoreArticle({ confidence: 0, tagOverlap: 9 }, now)).toBeCloseTo(0.3 * Math.exp(-0.12) + 0.2, 12);
    expect(scoreArticle({ confidence: 0, publishedAt: hoursAgo(-5) }, now)).toBeCloseTo(0.3, 12);
    expect(scoreArticle({ confidence: 0, publishedAt: new Date(Number.NaN) }, now)).toBeCloseTo(
      0.3 * Math.exp(-0.12),
      12,
    );
  });
});

describe('filterOutliers', () => {
  it('removes what is far from the middle and not coherent with it', () => {
    const vectors = matrixFromRows([...Array.from({ length: 8 }, (_, i) => [1, 0.02 * i]), [-1, 1], [0, -1]]);
    const { kept, removed, similarities } = filterOutliers(vectors);
    expect([...removed].sort()).toEqual([8, 9]);
    expect(similarities[kept[0]!]).toBe(Math.max(...similarities));
  });
  it('keeps all where all are coherent, however the shares fall', () => {
    expect(filterOutliers(cloud([[1, 0, 0]], 20, 0.1)).removed).toEqual([]);
  });
  it('takes the best rejected back when too few would stay', () => {
    const vectors = matrixFromRows([
      [1, 0],
      [0.9, 0.1],
      [-0.2, 1],
      [-1, 0.1],
    ]);
    const { kept, readmitted } = filterOutliers(vectors, { keptShare: 0.3, coherenceThreshold: 0.99, minDocuments: 4 });
    expect(kept).toHaveLength(4);
    expect(readmitted.length).toBeGreaterThan(0);
  });
  it('leaves fewer than three alone', () => {
    expect(
      filterOutliers(
        matrixFromRows([
          [1, 0],
          [-1, 0],
        ]),
      ).removed,
    ).toEqual([]);
    expect(filterOutliers(matrixFromRows([])).kept).toEqual([]);
    expect(() => filterOutliers(matrixFromRows([[1]]), { keptShare: 0 })).toThrow('keptShare');
  });
});

describe('subdivideGenre', () => {
  it('finds the groups and numbers them by their first article', () => {
    const vectors = cloud(
      [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
      30,
      0.05,
    );
    const { parts, count, silhouette } = subdivideGenre(vectors, { targetSize: 30 });
    expect(count).toBe(3);
    expect([...parts].every((part, i) => part === i % 3)).toBe(true);
    expect(silhouette).toBeGreaterThan(0.8);
  });
  it('leaves an article alone in its group with the parent', () => {
    const vectors = matrixFromRows([
      [1, 0],
      [1, 0.01],
      [1, 0.02],
      [0, 1],
      [0, 1.01],
      [0.01, 1],
      [-1, -1],
    ]);
    const { parts } = subdivideGenre(vectors, { targetSize: 3, maxParts: 3 });
    expect(parts[6]).toBe(-1);
  });
  it('does not divide what is too small', () => {
    expect(subdivideGenre(matrixFromRows([[1, 0]]))).toMatchObject({ count: 1, silhouette: 0 });
    expect(subdivideGenre(matrixFromRows([])).count).toBe(0);
  });
});

describe('selectArticles', () => {
  const articles = Array.from({ length: 30 }, (_, i) => ({ id: `a${String(i).padStart(2, '0')}`, publishedAt: now }));
  const assignments = articles.map(({ id }, i) => assignment(id, i < 25 ? 'sports' : 'food', (i % 10) / 10));

  it('keeps the best twenty of a genre in order of their score, and says what is left', () => {
    const { genres, left } = selectArticles(assignments, articles, { now });
    expect(genres.map(({ genre, articles: chosen }) => [genre, chosen.length])).toEqual([
      ['food', 5],
      ['sports', 20],
    ]);
    const scores = genres[1]!.articles.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(left).toHaveLength(5);
    expect(left.every(({ reason, genre }) => reason === 'over-limit' && genre === 'sports')).toBe(true);
  });
  it('breaks ties by id and gives the same whatever the order of articles', () => {
    const order = shuffle(
      articles.map((_, i) => i),
      createRandom(4),
    );
    const mixed = selectArticles(
      order.map((i) => assignments[i]!),
      order.map((i) => articles[i]!),
      { now },
    );
    expect(mixed).toEqual(selectArticles(assignments, articles, { now }));
    const equal = articles.map(({ id }) => assignment(id, 'g'));
    expect(
      selectArticles(equal, articles, { now, maxPerGenre: 2 }).genres[0]!.articles.map(({ articleId }) => articleId),
    ).toEqual(['a00', 'a01']);
  });
  it('leaves out a genre with too few articles and names them', () => {
    const { genres, left } = selectArticles(assignments, articles, { now, minDocumentsByGenre: { food: 6 } });
    expect(genres.map(({ genre }) => genre)).toEqual(['sports']);
    expect(left.filter(({ reason }) => reason === 'too-few')).toHaveLength(5);
  });
  it('divides a large genre, and articles without a genre always', () => {
    const vectors = cloud(
      [
        [1, 0, 0, 0],
        [0, 1, 0, 0],
      ],
      15,
      0.03,
    );
    const large = articles.map(({ id }) => assignment(id, 'sports'));
    const { genres } = selectArticles(large, articles, {
      now,
      vectors,
      divideAbove: 20,
      subdivide: { targetSize: 15 },
    });
    expect(genres.map(({ genre, parent }) => [genre, parent])).toEqual([
      ['sports_001', 'sports'],
      ['sports_002', 'sports'],
    ]);
    const others = articles.map(({ id }) => assignment(id, ''));
    const parts = selectArticles(others, articles, { now, vectors }).genres;
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.every(({ genre, parent }) => parent === 'other' && /^other\.\d$/.test(genre))).toBe(true);
  });
  it('removes outliers where vectors are given, unless told not to', () => {
    const vectors = matrixFromRows(
      articles.map((_, i) => (i === 3 ? [-1, -1, 0] : i < 25 ? [1, 0.01 * i, 0] : [0, 0, 1])),
    );
    const found = selectArticles(assignments, articles, { now, vectors, maxPerGenre: 50 });
    expect(found.left).toEqual([{ articleId: 'a03', genre: 'sports', reason: 'outlier' }]);
    expect(selectArticles(assignments, articles, { now, vectors, maxPerGenre: 50, outliers: false }).left).toEqual([]);
  });
  it('never loses an article', () => {
    const vectors = cloud(
      [
        [1, 0],
        [0, 1],
        [1, 1],
      ],
      10,
      0.4,
      9,
    );
    const { genres, left } = selectArticles(assignments, articles, { now, vectors, divideAbove: 10, maxPerGenre: 3 });
    const ids = [...genres.flatMap((genre) => genre.articles), ...left].map(({ articleId }) => articleId).sort();
    expect(ids).toEqual(articles.map(({ id }) => id));
  });
  it('refuses assignments of other articles and vectors of other length', () => {
    expect(() => selectArticles([], articles, { now })).toThrow('in the same order');
    expect(() => selectArticles(assignments, articles, { now, vectors: takeRows(cloud([[1]], 3, 0), [0]) })).toThrow(
      '30 rows. Got 1.',
    );
  });
});

describe('inspectGenreDrift', () => {
  const run = (counts: Record<string, number>, belowThreshold = false) =>
    Object.entries(counts).flatMap(([genre, count]) =>
      Array.from({ length: count }, () => ({ genre, belowThreshold })),
    );
  const even = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`g${i}`, 10]));

  it('finds an even run normal, with evenness 1', () => {
    const report = inspectGenreDrift(run(even), { genres: 30, reference: even });
    expect(report).toMatchObject({ status: 'normal', alarms: [], distance: 0 });
    expect(report.evenness).toBeCloseTo(1, 12);
  });
  it('finds the collapse into two genres, though every answer may look sure', () => {
    const report = inspectGenreDrift(run({ g0: 200, g1: 100 }), { genres: 30, reference: even });
    expect(report.status).toBe('suspicious');
    expect(report.alarms.map(({ measure }) => measure)).toEqual(['evenness', 'largest-share', 'distance']);
    expect(report.largest).toEqual({ genre: 'g0', share: 2 / 3 });
  });
  it('finds a run that no genre claims', () => {
    expect(inspectGenreDrift(run(even, true), { genres: 30 }).alarms.map(({ measure }) => measure)).toEqual([
      'unclaimed',
    ]);
  });
  it('has distance 1 from a reference without common genres, and does not judge a few articles', () => {
    expect(inspectGenreDrift(run({ a: 40 }), { reference: { b: 5 } }).distance).toBeCloseTo(1, 9);
    expect(inspectGenreDrift(run({ a: 10 }))).toMatchObject({ status: 'too-few', alarms: [] });
    expect(inspectGenreDrift([])).toMatchObject({ status: 'too-few', evenness: 0, unclaimedShare: 0 });
    expect(() => inspectGenreDrift([], { maxShare: 2 })).toThrow('maxShare');
  });
});
