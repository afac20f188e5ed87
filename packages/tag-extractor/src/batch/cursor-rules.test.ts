import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  advancePosition,
  type BatchCursor,
  type BatchPosition,
  cursorProblem,
  initialPosition,
  planBatch,
} from './cursor-rules.js';

const day = 86_400_000;
const now = 1000 * day;
const at = (time: number, id = 'a'): BatchCursor => ({ createdAt: new Date(time), id });

describe('cursorProblem', () => {
  it('tells future, stale and unreadable places from good ones', () => {
    expect(cursorProblem(at(now), now)).toBeUndefined();
    expect(cursorProblem(at(now + 3_600_000), now)).toBeUndefined();
    expect(cursorProblem(at(now + 3_600_001), now)).toBe('future');
    expect(cursorProblem(at(now - 365 * day), now)).toBeUndefined();
    expect(cursorProblem(at(now - 365 * day - 1), now)).toBe('stale');
    expect(cursorProblem(at(now - 31 * day), now, { maxAgeDays: 30 })).toBe('stale');
    expect(cursorProblem(at(Number.NaN), now)).toBe('unreadable');
    expect(cursorProblem(at(now, ''), now)).toBe('unreadable');
  });
});

describe('planBatch', () => {
  it('begins a backfill at the present, behind every id', () => {
    expect(planBatch(initialPosition, { now, newArticles: true })).toEqual({
      mode: 'backfill',
      before: at(now, 'ffffffff-ffff-ffff-ffff-ffffffffffff'),
    });
  });
  it('reads new articles first, then goes on with the backfill', () => {
    const position: BatchPosition = {
      backfill: at(1 + now - day),
      forward: at(now - 5),
      backfillCompleted: false,
      emptyPages: 0,
    };
    expect(planBatch(position, { now, newArticles: true })).toEqual({ mode: 'forward', after: at(now - 5) });
    expect(planBatch(position, { now, newArticles: false })).toEqual({ mode: 'backfill', before: at(1 + now - day) });
  });
  it('stays forward once the backfill is complete', () => {
    const position: BatchPosition = { forward: at(now - 5), backfillCompleted: true, emptyPages: 3 };
    expect(planBatch(position, { now, newArticles: false }).mode).toBe('forward');
  });
  it('begins again at the present when a place is poisoned, and says why', () => {
    const poisoned: BatchPosition = { backfill: at(now + 2 * day), backfillCompleted: false, emptyPages: 0 };
    expect(planBatch(poisoned, { now, newArticles: false })).toMatchObject({ mode: 'backfill', recovered: 'future' });
    const forward: BatchPosition = { forward: at(now + 2 * day), backfillCompleted: true, emptyPages: 3 };
    expect(planBatch(forward, { now, newArticles: true })).toEqual({ mode: 'forward' });
  });
});

describe('advancePosition', () => {
  it('moves the backfill to the oldest and the forward place to the newest article', () => {
    const plan = planBatch(initialPosition, { now, newArticles: false });
    const next = advancePosition(initialPosition, plan, [at(5, 'b'), at(5, 'c'), at(3)]);
    expect(next).toEqual({ backfill: at(3), forward: at(5, 'c'), backfillCompleted: false, emptyPages: 0 });
  });
  it('completes the backfill after three empty pages in a row', () => {
    const plan = planBatch(initialPosition, { now, newArticles: false });
    let position = initialPosition;
    for (const completed of [false, false, true]) {
      position = advancePosition(position, plan, []);
      expect(position.backfillCompleted).toBe(completed);
    }
    expect(advancePosition({ ...position, emptyPages: 2 }, plan, [at(1)]).emptyPages).toBe(0);
  });
  it('replaces a poisoned forward place instead of keeping it for ever', () => {
    const poisoned: BatchPosition = { forward: at(now + 9 * day), backfillCompleted: true, emptyPages: 3 };
    const plan = planBatch(poisoned, { now, newArticles: true });
    expect(advancePosition(poisoned, plan, [at(now - 7)]).forward).toEqual(at(now - 7));
  });
  it('visits every article exactly once in a backfill, whatever the page size and equal times', () => {
    const articles = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.constantFrom('a', 'b', 'c')), {
      selector: ([time, id]) => `${time} ${id}`,
    });
    fc.assert(
      fc.property(articles, fc.integer({ min: 1, max: 4 }), (list, size) => {
        const sorted = list.map(([time, id]) => at(now - day + time, id)).sort(newestFirst);
        let position = initialPosition;
        const seen: string[] = [];
        for (let step = 0; step < 40 && !position.backfillCompleted; step++) {
          const plan = planBatch(position, { now, newArticles: false });
          if (plan.mode !== 'backfill') break;
          const page = sorted.filter((article) => newestFirst(plan.before, article) < 0).slice(0, size);
          seen.push(...page.map(({ createdAt, id }) => `${createdAt.getTime()} ${id}`));
          position = advancePosition(position, plan, page);
        }
        expect(seen).toEqual(sorted.map(({ createdAt, id }) => `${createdAt.getTime()} ${id}`));
        expect(position.backfillCompleted).toBe(true);
      }),
    );
  });
  it('says that a date was stored as text', () => {
    const stored = JSON.parse(JSON.stringify({ createdAt: new Date(0), id: 'a' }));
    expect(() => cursorProblem(stored, 0)).toThrow(
      'The createdAt of a cursor must be a Date. Got "1970-01-01T00:00:00.000Z".',
    );
  });
});

function newestFirst(a: BatchCursor, b: BatchCursor): number {
  return b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}
