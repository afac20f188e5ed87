import type { CsrMatrix } from '@matome/primitives/linalg';
import { checkPairs, type Interactions, interactionMatrix } from '../data/interactions.js';
import type { EncodedRows } from '../features/encoded-rows.js';

/** What a model learns from. */
export interface TrainingData {
  /** One row a user, or one a user and moment when aggregates change over time. */
  readonly users: EncodedRows;
  readonly items: EncodedRows;
  /** Pairs of rows. */
  readonly interactions: Interactions;
  /** 1 for a like and 0 otherwise, pair by pair. @default all 1 */
  readonly labels?: ArrayLike<number>;
  /** Which rows of `users` are the same user, so that what one liked never counts as negative for it. @default each row a user of its own */
  readonly userGroups?: ArrayLike<number>;
  /**
   * Name of a bag of `users` whose columns are rows of `items`. The item of a pair is left out of its own history, and the
   * rest is weighed up to the length it would have without it, so that the history never tells the answer.
   */
  readonly history?: string;
}

/** Training data after the checks, with everything derived once. */
export interface PreparedData extends TrainingData {
  readonly pairs: number;
  readonly labels: Float32Array;
  /** Pairs with label 1, the only ones the softmax learns from. */
  readonly positives: Uint32Array;
  readonly userGroups: Uint32Array;
  /** groups × items: what each user liked. */
  readonly liked: CsrMatrix;
  /** Share of the likes that an item has. */
  readonly itemShare: Float64Array;
}

/** @throws RangeError if lengths or rows do not fit, labels are neither 0 nor 1, or the history has other columns. */
export function prepareData(caller: string, data: TrainingData): PreparedData {
  const { users, items, interactions, history } = data;
  const userCount = users.dense.rows;
  const itemCount = items.dense.rows;
  checkRows(caller, 'user', users);
  checkRows(caller, 'item', items);
  checkPairs(caller, interactions, userCount, itemCount);
  const pairs = interactions.userRows.length;
  if (pairs === 0) throw new RangeError(`The interactions of ${caller} must hold at least one pair. Got none.`);
  const labels = data.labels ? Float32Array.from(data.labels) : new Float32Array(pairs).fill(1);
  if (labels.length !== pairs || labels.some((label) => label !== 0 && label !== 1)) {
    throw new RangeError(`The labels of ${caller} must be 0 or 1, one for each of the ${pairs} pairs.`);
  }
  if (history !== undefined && users.bags[history]?.cols !== itemCount) {
    throw new RangeError(`The history of ${caller} must be a user bag with ${itemCount} columns, one an item.`);
  }
  const userGroups = data.userGroups ? numbered(data.userGroups) : Uint32Array.from({ length: userCount }, (_, i) => i);
  if (userGroups.length !== userCount) {
    throw new RangeError(`The userGroups of ${caller} must name ${userCount} groups. Got ${userGroups.length}.`);
  }
  const positives = Uint32Array.from(Array.from(labels.keys()).filter((i) => labels[i] === 1));
  const groups = userGroups.reduce((most, group) => Math.max(most, group + 1), 0);
  const likedRows = Array.from(positives, (i) => interactions.itemRows[i]!);
  const likedBy = Array.from(positives, (i) => userGroups[interactions.userRows[i]!]!);
  const liked = interactionMatrix({ userRows: likedBy, itemRows: likedRows }, groups, itemCount);
  const itemShare = new Float64Array(itemCount);
  for (const item of likedRows) itemShare[item]! += 1 / positives.length;
  return { ...data, pairs, labels, positives, userGroups, liked, itemShare };
}

/** Equal groups get equal numbers from 0 on, so that memory grows with their number and not with their names. */
function numbered(groups: ArrayLike<number>): Uint32Array {
  const numbers = new Map<number, number>();
  const result = new Uint32Array(groups.length);
  for (let i = 0; i < groups.length; i++) {
    const known = numbers.get(groups[i]!);
    result[i] = known ?? numbers.size;
    if (known === undefined) numbers.set(groups[i]!, numbers.size);
  }
  return result;
}

function checkRows(caller: string, side: string, { dense, bags }: EncodedRows): void {
  for (const [name, bag] of Object.entries(bags)) {
    if (bag.rows !== dense.rows) {
      throw new RangeError(
        `The bag ${name} of the ${side} features of ${caller} must have ${dense.rows} rows. Got ${bag.rows}.`,
      );
    }
  }
  if ([dense, ...Object.values(bags)].some(({ data }) => data.some((value) => !Number.isFinite(value)))) {
    throw new RangeError(`The ${side} features of ${caller} must hold finite numbers.`);
  }
}
