import { checkNumber } from '@matome/primitives/options';

/** A position in a list sorted by time and then id, newest first; the next page holds what is strictly older. */
export interface Cursor {
  readonly createdAt: Date;
  readonly id: string;
}

/**
 * Returns the position of a row.
 *
 * @example
 * cursorOf({ id: 'a', createdAt: new Date(0), title: 'kept out' }) // => { createdAt: new Date(0), id: 'a' }
 */
export function cursorOf(row: Cursor): Cursor {
  return { createdAt: row.createdAt, id: row.id };
}

/** Whether a remembered position can be trusted. */
export type CursorHealth =
  | { readonly status: 'ok' }
  | { readonly status: 'poisoned'; readonly reason: 'invalid' | 'future' | 'stale' };

/** Options of {@link inspectCursor}. */
export interface InspectCursorOptions {
  /** Age in days beyond which a position is stale. @default 30 */
  readonly maxAgeDays?: number;
  /** How far in milliseconds a position may lie in the future, for clocks that disagree. @default 60000 */
  readonly toleranceMs?: number;
}

const dayMs = 86_400_000;

/**
 * Tells whether a position is usable: one in the future hides every new row, one far in the past re-reads everything.
 *
 * @param now - the present, in milliseconds since 1970.
 * @throws RangeError if `maxAgeDays` is not above 0.
 * @example
 * inspectCursor({ createdAt: new Date(1e12 + 1e9), id: 'a' }, 1e12) // => { status: 'poisoned', reason: 'future' }
 */
export function inspectCursor(cursor: Cursor, now: number, options: InspectCursorOptions = {}): CursorHealth {
  const maxAgeDays = checkNumber('inspectCursor', 'maxAgeDays', options.maxAgeDays ?? 30, {
    min: 0,
    exclusiveMin: true,
  });
  const { toleranceMs = 60_000 } = options;
  const time = cursor.createdAt.getTime();
  if (Number.isNaN(time)) return { status: 'poisoned', reason: 'invalid' };
  if (time > now + toleranceMs) return { status: 'poisoned', reason: 'future' };
  if (now - time > maxAgeDays * dayMs) return { status: 'poisoned', reason: 'stale' };
  return { status: 'ok' };
}
