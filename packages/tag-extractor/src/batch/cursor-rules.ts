import { checkInteger, checkNumber } from '@matome/primitives/options';

/** A place in a list sorted by time and then id, newest first. */
export interface BatchCursor {
  readonly createdAt: Date;
  readonly id: string;
}

/** Where tagging stands: remembered by the caller between batches. */
export interface BatchPosition {
  /** Everything at or before it (newer) was tagged once: the backfill goes on behind it. */
  readonly backfill?: BatchCursor;
  /** The newest article that was tagged: the forward run goes on above it. */
  readonly forward?: BatchCursor;
  readonly backfillCompleted: boolean;
  /** Backfill pages in a row that held nothing. */
  readonly emptyPages: number;
}

/** The next page to read. */
export type BatchPlan =
  /** Untagged articles strictly newer than `after`, oldest first; without it from the newest on. */
  | { readonly mode: 'forward'; readonly after?: BatchCursor }
  /** Untagged articles strictly older than `before`, newest first. */
  | { readonly mode: 'backfill'; readonly before: BatchCursor; readonly recovered?: CursorProblem };

/** Why a remembered place cannot be trusted. */
export type CursorProblem = 'future' | 'stale' | 'unreadable';

/** Options of the cursor rules. */
export interface CursorRuleOptions {
  /** A place older than this is stale. @default 365 */
  readonly maxAgeDays?: number;
  /** How far a place may lie in the future, for clocks that disagree. @default 3_600_000 */
  readonly toleranceMs?: number;
  /** Empty backfill pages in a row after which the backfill is complete. @default 3 */
  readonly maxEmptyPages?: number;
}

const dayMs = 86_400_000;
/** Behind every id of one moment. */
const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** The place of a run that has not begun. */
export const initialPosition: BatchPosition = { backfillCompleted: false, emptyPages: 0 };

/**
 * What is wrong with a remembered place, if anything.
 *
 * @param now - milliseconds since 1970.
 * @throws RangeError if an option is out of range.
 * @example
 * cursorProblem({ createdAt: new Date(Number.NaN), id: 'a' }, 0) // => 'unreadable'
 */
export function cursorProblem(
  cursor: BatchCursor,
  now: number,
  options: CursorRuleOptions = {},
): CursorProblem | undefined {
  const { toleranceMs = 3_600_000 } = options;
  const maxAgeDays = checkNumber('cursorProblem', 'maxAgeDays', options.maxAgeDays ?? 365, {
    min: 0,
    exclusiveMin: true,
  });
  checkNumber('cursorProblem', 'toleranceMs', toleranceMs, { min: 0 });
  if (Number.isNaN(now)) throw new RangeError('The now of cursorProblem must be a number. Got NaN.');
  const time = timeOf(cursor);
  if (Number.isNaN(time) || cursor.id === '') return 'unreadable';
  if (time > now + toleranceMs) return 'future';
  return now - time > maxAgeDays * dayMs ? 'stale' : undefined;
}

/**
 * Chooses the next page: new articles first, then the backfill; from the present again when a remembered place is poisoned.
 *
 * @param newArticles - whether articles newer than `position.forward` exist.
 * @param now - milliseconds since 1970.
 * @throws RangeError if an option is out of range.
 * @example
 * planBatch(initialPosition, { now: 0, newArticles: false }).mode // => 'backfill'
 */
export function planBatch(
  position: BatchPosition,
  { now, newArticles }: { readonly now: number; readonly newArticles: boolean },
  options: CursorRuleOptions = {},
): BatchPlan {
  const { forward, backfill, backfillCompleted } = position;
  const trusted = forward !== undefined && cursorProblem(forward, now, options) === undefined;
  if (trusted && (newArticles || backfillCompleted)) return { mode: 'forward', after: forward };
  if (backfillCompleted) return { mode: 'forward' };
  const present: BatchCursor = { createdAt: new Date(now), id: lastId };
  if (backfill === undefined) return { mode: 'backfill', before: present };
  const problem = cursorProblem(backfill, now, options);
  return problem === undefined
    ? { mode: 'backfill', before: backfill }
    : { mode: 'backfill', before: present, recovered: problem };
}

/**
 * Moves the place behind a page that was worked off.
 *
 * Failed articles do not hold it back: they stay untagged, so a later run meets them again until their attempts are used
 * up.
 *
 * @param page - places of all articles of the page, in any order.
 * @throws RangeError if `maxEmptyPages` is below 1.
 * @example
 * const page = [{ createdAt: new Date(2000), id: 'b' }, { createdAt: new Date(1000), id: 'a' }];
 * const next = advancePosition(initialPosition, { mode: 'backfill', before: page[0] }, page);
 * [next.backfill.id, next.forward.id] // => ['a', 'b']
 */
export function advancePosition(
  position: BatchPosition,
  plan: BatchPlan,
  page: readonly BatchCursor[],
  options: CursorRuleOptions = {},
): BatchPosition {
  const maxEmptyPages = checkInteger('advancePosition', 'maxEmptyPages', options.maxEmptyPages ?? 3, { min: 1 });
  const readable = page.filter((cursor) => !Number.isNaN(timeOf(cursor)));
  const newest = extreme(readable, 1);
  if (plan.mode === 'forward') {
    if (newest === undefined) return position;
    // Without a trusted place the page began at the newest article, whatever was remembered.
    return { ...position, forward: plan.after === undefined ? newest : later(position.forward, newest) };
  }
  if (newest === undefined) {
    const emptyPages = position.emptyPages + 1;
    return { ...position, emptyPages, backfillCompleted: emptyPages >= maxEmptyPages };
  }
  const oldest = extreme(readable, -1)!;
  return { backfill: oldest, forward: later(position.forward, newest), backfillCompleted: false, emptyPages: 0 };
}

/** @throws TypeError for a date that was stored as text and not read back into a `Date`. */
function timeOf({ createdAt }: BatchCursor): number {
  if (createdAt instanceof Date) return createdAt.getTime();
  throw new TypeError(`The createdAt of a cursor must be a Date. Got ${JSON.stringify(createdAt)}.`);
}

/** By time, then by id: the order of the list. */
function compare(a: BatchCursor, b: BatchCursor): number {
  return timeOf(a) - timeOf(b) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

function later(known: BatchCursor | undefined, candidate: BatchCursor): BatchCursor {
  const valid = known !== undefined && !Number.isNaN(timeOf(known));
  return valid && compare(known, candidate) > 0 ? known : { createdAt: candidate.createdAt, id: candidate.id };
}

function extreme(page: readonly BatchCursor[], sign: 1 | -1): BatchCursor | undefined {
  let best: BatchCursor | undefined;
  for (const cursor of page) if (best === undefined || compare(cursor, best) * sign > 0) best = cursor;
  return best && { createdAt: best.createdAt, id: best.id };
}
