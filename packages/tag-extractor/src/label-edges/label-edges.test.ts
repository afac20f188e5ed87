import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildLabelEdges, type LabelEdge, type LabelRecord } from './build-label-edges.js';
import { refreshLabelEdges } from './refresh-label-edges.js';

const day = 86_400_000;
const now = 100 * day;
const record = (genre: string, tags: Record<string, number>, daysAgo = 1): LabelRecord => ({
  genre,
  tags: Object.entries(tags).map(([name, confidence]) => ({ name, confidence })),
  observedAt: new Date(now - daysAgo * day),
});
const thrice = <T>(value: T): T[] => [value, value, value];

describe('buildLabelEdges', () => {
  it('takes the mean confidence and counts the articles', () => {
    const records = [record('ai', { gpu: 0.6 }), record('AI ', { ' GPU': 0.9 }, 2), record('ai', { gpu: 0.7 }, 3)];
    expect(buildLabelEdges(records, { now, windowDays: 7 })).toEqual([
      { genre: 'ai', tag: 'gpu', weight: 0.733333, sampleSize: 3, lastObservedAt: new Date(now - day) },
    ]);
  });
  it('leaves out old and future records, weak tags and thin edges', () => {
    const records = [
      ...thrice(record('ai', { old: 0.9 }, 8)),
      ...thrice(record('ai', { future: 0.9 }, -1)),
      ...thrice(record('ai', { weak: 0.54 })),
      record('ai', { thin: 0.9 }),
    ];
    expect(buildLabelEdges(records, { now, windowDays: 7 })).toEqual([]);
  });
  it('reads only the first maxTags tags', () => {
    const tags = { a: 0.9, b: 0.9, c: 0.9 };
    const edges = buildLabelEdges(thrice(record('ai', tags)), { now, windowDays: 7, maxTags: 2 });
    expect(edges.map((edge) => edge.tag)).toEqual(['a', 'b']);
  });
  it('counts a tag once an article, and no genre as other', () => {
    const twice: LabelRecord = {
      genre: '',
      tags: [
        { name: 'GPU', confidence: 0.6 },
        { name: 'gpu', confidence: 0.8 },
      ],
      observedAt: new Date(now),
    };
    const edges = buildLabelEdges([twice], { now, windowDays: 7, minSupport: 0 });
    expect(edges).toMatchObject([{ genre: 'other', sampleSize: 1, weight: 0.8 }]);
  });
  it('does not depend on the order of the records and orders its edges', () => {
    const records = fc.array(
      fc.record({
        genre: fc.constantFrom('ai', 'law'),
        tags: fc.array(fc.record({ name: fc.constantFrom('a', 'b', 'c'), confidence: fc.constantFrom(0.5, 0.75, 1) }), {
          maxLength: 4,
        }),
        observedAt: fc.constantFrom(new Date(now), new Date(now - day)),
      }),
    );
    fc.assert(
      fc.property(records, (list) => {
        const edges = buildLabelEdges(list, { now, windowDays: 7, minSupport: 1 });
        expect(buildLabelEdges([...list].reverse(), { now, windowDays: 7, minSupport: 1 })).toEqual(edges);
        const keys = edges.map((edge) => [edge.genre, 1 - edge.weight, edge.tag].join(' '));
        expect(keys).toEqual([...keys].sort());
      }),
    );
  });
  it('refuses a window of 0 days', () => {
    expect(() => buildLabelEdges([], { now, windowDays: 0 })).toThrow('The windowDays option of buildLabelEdges');
  });
});

describe('refreshLabelEdges', () => {
  const storeOf = (records: readonly LabelRecord[]) => {
    const stored = new Map<number, readonly LabelEdge[]>();
    const asked: Date[] = [];
    return {
      stored,
      asked,
      findLabelRecords: async (since: Date) => {
        asked.push(since);
        return records;
      },
      replaceLabelEdges: async (windowDays: number, edges: readonly LabelEdge[]) => {
        stored.set(windowDays, edges);
      },
    };
  };
  it('replaces each window from one reading, and keeps a window without edges', async () => {
    const store = storeOf(thrice(record('ai', { gpu: 0.9 }, 20)));
    const refreshes = await refreshLabelEdges(store, { now: () => now });
    expect(refreshes.map(({ windowDays, status }) => [windowDays, status])).toEqual([
      [7, 'kept'],
      [30, 'replaced'],
    ]);
    expect(store.asked).toEqual([new Date(now - 30 * day)]);
    expect([...store.stored.keys()]).toEqual([30]);
  });
  it('stores nothing in a dry run', async () => {
    const store = storeOf(thrice(record('ai', { gpu: 0.9 })));
    const refreshes = await refreshLabelEdges(store, { now: () => now, dryRun: true });
    expect(refreshes[0]).toMatchObject({ status: 'dry-run', edges: [{ tag: 'gpu' }] });
    expect(store.stored.size).toBe(0);
  });
  it('looks at every window before it reads or replaces any', async () => {
    const touched: string[] = [];
    const store = {
      findLabelRecords: async () => {
        touched.push('read');
        return [];
      },
      replaceLabelEdges: async () => undefined,
    };
    const refresh = (windowsDays: number[]) => refreshLabelEdges(store, { now: () => 0, windowsDays });
    await expect(refresh([7, -1])).rejects.toThrow('The windowDays option of buildLabelEdges');
    await expect(refresh([])).rejects.toThrow('The windowsDays option of refreshLabelEdges must hold a window.');
    expect(touched).toEqual([]);
  });
});
