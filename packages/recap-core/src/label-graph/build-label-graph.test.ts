import { describe, expect, it } from 'vitest';
import { buildLabelGraph, type LabelRecord } from './build-label-graph.js';
import { createLabelGraphSource, LabelGraph } from './label-graph.js';

const now = new Date('2026-03-08T00:00:00Z');
const record = (genre: string, tags: Record<string, number>, extra: Partial<LabelRecord> = {}): LabelRecord => ({
  genre,
  tags: Object.entries(tags).map(([name, confidence]) => ({ name, confidence })),
  observedAt: new Date('2026-03-05T00:00:00Z'),
  ...extra,
});
const options = { now, windowDays: 7 } as const;

describe('buildLabelGraph', () => {
  it('weighs an edge by mean confidence and rareness', () => {
    const records = [0.6, 0.8, 1].map((confidence) => record('sports', { League: confidence }));
    const edges = buildLabelGraph([...records, record('food', {})], options);
    const idf = Math.log(4 / (3 + 1) + 1);
    const expected = Math.round(0.8 * (0.7 + (0.3 * idf) / Math.log(5)) * 1e6) / 1e6;
    expect(edges).toEqual([
      { genre: 'sports', tag: 'league', weight: expected, support: 3, lastSeen: new Date('2026-03-05T00:00:00Z') },
    ]);
  });
  it('reads six tags, those sure enough, once each, in one spelling', () => {
    const tags = { a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1 };
    expect(buildLabelGraph([record('x', tags)], { ...options, minSupport: 1 }).map(({ tag }) => tag)).toHaveLength(6);
    const twice = buildLabelGraph([record('x', { Tea: 0.5, ' tea ': 0.9, weak: 0.2, ' ': 1 })], {
      ...options,
      minSupport: 1,
    });
    expect(twice.map(({ tag, support }) => [tag, support])).toEqual([['tea', 1]]);
  });
  it('leaves out what is too old, in the future, or too rare', () => {
    const old = record('x', { tea: 1 }, { observedAt: new Date('2026-02-28T00:00:00Z') });
    const future = record('x', { tea: 1 }, { observedAt: new Date('2026-03-09T00:00:00Z') });
    expect(buildLabelGraph([old, old, old, future, future, future], options)).toEqual([]);
    expect(buildLabelGraph([record('x', { tea: 1 }), record('x', { tea: 1 })], options)).toEqual([]);
    expect(buildLabelGraph([], options)).toEqual([]);
  });
  it('believes a person before a decision about the same article, and can leave decisions out', () => {
    const decided = record('wrong', { tea: 1 }, { articleId: 'a' });
    const corrected = record('right', { tea: 1 }, { articleId: 'a', origin: 'feedback' });
    const edges = (records: LabelRecord[], extra = {}) =>
      buildLabelGraph(records, { ...options, minSupport: 1, ...extra }).map(({ genre }) => genre);
    expect(edges([decided, corrected])).toEqual(['right']);
    expect(edges([corrected, decided])).toEqual(['right']);
    expect(edges([record('x', { tea: 1 }), corrected], { origins: ['feedback', 'golden'] })).toEqual(['right']);
  });
  it('sorts by genre, falling weight and tag, whatever the order of records', () => {
    const records = [record('b', { z: 0.9, y: 0.9, x: 1 }), record('a', { q: 0.5 })];
    const edges = buildLabelGraph(records, { ...options, minSupport: 1 });
    expect(edges.map(({ genre, tag }) => genre + tag)).toEqual(['aq', 'bx', 'by', 'bz']);
    expect(buildLabelGraph([...records].reverse(), { ...options, minSupport: 1 })).toEqual(edges);
  });
  it('refuses options out of range', () => {
    expect(() => buildLabelGraph([], { now, windowDays: 0 })).toThrow('windowDays');
    expect(() => buildLabelGraph([], { ...options, minSupport: 0 })).toThrow('minSupport');
  });
});

describe('LabelGraph', () => {
  const edge = { genre: 'sports', tag: 'league', weight: 0.8, support: 3, lastSeen: now };
  const graph = new LabelGraph([edge, { ...edge, genre: 'business', weight: 0.25 }], now);

  it('adds up weight times confidence per genre, in a fixed order', () => {
    const boosts = graph.boosts([
      { name: 'LEAGUE', confidence: 0.5 },
      { name: 'other', confidence: 1 },
    ]);
    expect([...boosts]).toEqual([
      ['business', 0.125],
      ['sports', 0.4],
    ]);
    expect(graph.weight('sports', 'other')).toBe(0);
  });
  it('grows stale after a quarter of an hour', () => {
    expect(graph.isStale(new Date(now.getTime() + 900_000))).toBe(false);
    expect(graph.isStale(new Date(now.getTime() + 900_001))).toBe(true);
  });
});

describe('createLabelGraphSource', () => {
  it('loads once for all who ask, again when stale, and serves the last graph when a load fails', async () => {
    let time = 0;
    let loads = 0;
    let broken = false;
    const errors: unknown[] = [];
    const edge = { genre: 'g', tag: 't', weight: 1, support: 3, lastSeen: now };
    const source = createLabelGraphSource({
      load: async () => {
        loads++;
        if (broken) throw new Error('no connection');
        return [edge];
      },
      now: () => new Date(time),
      maxAgeMs: 10,
      onError: (error) => errors.push(error),
    });
    const [a, b] = await Promise.all([source(), source()]);
    expect(a).toBe(b);
    expect([loads, a.isEmpty]).toEqual([1, false]);
    time = 11;
    broken = true;
    expect((await source()).weight('g', 't')).toBe(1);
    expect([loads, errors.length]).toEqual([2, 1]);
  });
  it('is empty when the first load fails', async () => {
    const source = createLabelGraphSource({ load: () => Promise.reject(new Error('x')), now: () => now });
    expect((await source()).isEmpty).toBe(true);
  });
});
