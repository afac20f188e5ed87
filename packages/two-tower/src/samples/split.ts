import { checkNumber } from '@matome/primitives/options';
import { createRandom, type RandomSource, shuffle } from '@matome/primitives/random';
import { timeOf } from '../data/records.js';

/** Two parts of a list. */
export interface Split<T> {
  readonly train: readonly T[];
  readonly validation: readonly T[];
}

/** Something that belongs to a user and may have a time. */
export interface DatedOfUser {
  readonly userId: string;
  readonly decisionTs: Date | null;
}

/**
 * Shuffles the rows and takes the first `floor(n · ratio)` for validation, as the Python pipeline does. Rows of one user
 * come to stand on both sides: `splitByTime` and `splitPerUser` do not let the future into training.
 *
 * @param ratio - share of the validation part in [0, 1]; 0 or too little for one row leaves validation empty.
 * @throws RangeError if the ratio is out of range.
 * @example
 * splitAtRandom([1, 2, 3, 4], 0.5, createRandom(1)).validation.length // => 2
 */
export function splitAtRandom<T>(rows: readonly T[], ratio: number, random: RandomSource = createRandom(42)): Split<T> {
  checkNumber('splitAtRandom', 'ratio', ratio, { min: 0, max: 1 });
  const count = Math.floor(rows.length * ratio);
  if (count === 0) return { train: rows, validation: [] };
  const shuffled = shuffle(rows, random);
  return { train: shuffled.slice(count), validation: shuffled.slice(0, count) };
}

/**
 * Cuts at one moment: rows at or after it are for validation. The moment is the latest that leaves at least
 * `floor(n · ratio)` dated rows behind it; rows without a time train.
 *
 * @throws RangeError if the ratio is out of range.
 * @remarks O(n log n).
 * @example
 * const row = (day) => ({ userId: 'u', decisionTs: new Date(day * 86400000) });
 * splitByTime([row(3), row(1), row(2)], 0.4).validation.map(({ decisionTs }) => decisionTs.getUTCDate()) // => [4]
 */
export function splitByTime<T extends DatedOfUser>(rows: readonly T[], ratio: number): Split<T> {
  checkNumber('splitByTime', 'ratio', ratio, { min: 0, max: 1 });
  const times = rows.map(({ decisionTs }) => timeOf(decisionTs) ?? Number.NEGATIVE_INFINITY);
  const count = Math.floor(rows.length * ratio);
  const cut = count === 0 ? Number.POSITIVE_INFINITY : [...times].sort((a, b) => b - a)[count - 1]!;
  if (cut === Number.NEGATIVE_INFINITY) return { train: rows, validation: [] };
  return {
    train: rows.filter((_, i) => times[i]! < cut),
    validation: rows.filter((_, i) => times[i]! >= cut),
  };
}

/**
 * Takes each user's last rows for validation: `max(1, floor(rows of the user · ratio))`, but always leaves one to train.
 *
 * @throws RangeError if the ratio is out of range.
 * @remarks O(n log n). Rows without a time count as the oldest; equal times keep their order.
 * @example
 * const row = (day) => ({ userId: 'u', decisionTs: new Date(day * 86400000) });
 * splitPerUser([row(3), row(1), row(2)], 0.4).validation.map(({ decisionTs }) => decisionTs.getUTCDate()) // => [4]
 */
export function splitPerUser<T extends DatedOfUser>(rows: readonly T[], ratio: number): Split<T> {
  checkNumber('splitPerUser', 'ratio', ratio, { min: 0, max: 1 });
  if (ratio === 0) return { train: rows, validation: [] };
  const groups = new Map<string, number[]>();
  rows.forEach(({ userId }, i) => {
    const group = groups.get(userId);
    if (group) group.push(i);
    else groups.set(userId, [i]);
  });
  const held = new Set<number>();
  const timeAt = (i: number) => timeOf(rows[i]!.decisionTs) ?? Number.NEGATIVE_INFINITY;
  for (const group of groups.values()) {
    const count = Math.min(group.length - 1, Math.max(1, Math.floor(group.length * ratio)));
    const byTime = [...group].sort((a, b) => (timeAt(a) === timeAt(b) ? a - b : timeAt(a) - timeAt(b)));
    for (const i of byTime.slice(byTime.length - count)) held.add(i);
  }
  return { train: rows.filter((_, i) => !held.has(i)), validation: rows.filter((_, i) => held.has(i)) };
}
