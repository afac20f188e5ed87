import { type CsrMatrix, createMatrix } from '@matome/primitives/linalg';
import type { EncodedRows } from '../features/encoded-rows.js';
import type { TrainingData } from '../training/training-data.js';
import { itemCounts } from './interactions.js';

/** Options of `collaborativeData`. */
export interface CollaborativeDataOptions {
  /** Further features of the users, row by row. */
  readonly users?: EncodedRows;
  /** Further features of the items, row by row. */
  readonly items?: EncodedRows;
  /** Gives every user a vector of its own; a user met later has none. @default true */
  readonly userIds?: boolean;
  /** @default true */
  readonly itemIds?: boolean;
  /** Describes a user by the items it has, each with a vector of its own on the user side. @default true */
  readonly histories?: boolean;
}

/**
 * Training data of who has what: ids, histories and, where there are any, features. An item that nobody has, and so
 * cannot learn a vector of its own, goes without an id and is known by its features alone.
 *
 * @param train - users × items.
 * @returns data for `fitTwoTower`; its `users` are what to embed afterwards.
 * @throws RangeError if the features have other numbers of rows.
 * @example
 * const train = interactionMatrix({ userRows: [0, 0], itemRows: [0, 1] }, 1, 3);
 * const data = collaborativeData(train);
 * [...data.items.bags.id.indptr] // => [0, 1, 2, 2]
 */
export function collaborativeData(train: CsrMatrix, options: CollaborativeDataOptions = {}): TrainingData {
  const { userIds = true, itemIds = true, histories = true } = options;
  const users = options.users ?? { dense: createMatrix(train.rows, 0), bags: {} };
  const items = options.items ?? { dense: createMatrix(train.cols, 0), bags: {} };
  checkRows('users', users, train.rows);
  checkRows('items', items, train.cols);
  const counts = itemCounts(train);
  const hasAny = Array.from({ length: train.rows }, (_, u) => train.indptr[u + 1]! > train.indptr[u]!);
  const itemBags = itemIds ? { ...items.bags, id: identity(train.cols, (item) => counts[item]! > 0) } : items.bags;
  const userBags = {
    ...users.bags,
    ...(userIds ? { id: identity(train.rows, (user) => hasAny[user]!) } : {}),
    ...(histories ? { history: weighed(train) } : {}),
  };
  const userRows = new Uint32Array(train.indices.length);
  for (let u = 0; u < train.rows; u++) userRows.fill(u, train.indptr[u]!, train.indptr[u + 1]!);
  return {
    users: { dense: users.dense, bags: userBags },
    items: { dense: items.dense, bags: itemBags },
    interactions: { userRows, itemRows: train.indices },
    ...(histories ? { history: 'history' } : {}),
  };
}

function checkRows(side: string, { dense }: EncodedRows, rows: number): void {
  if (dense.rows !== rows) {
    throw new RangeError(`The ${side} given to collaborativeData must number ${rows}. Got ${dense.rows}.`);
  }
}

/** One entry of 1 on the diagonal of each row that is kept. */
function identity(size: number, keep: (row: number) => boolean): CsrMatrix {
  const indptr = new Uint32Array(size + 1);
  const kept: number[] = [];
  for (let i = 0; i < size; i++) {
    if (keep(i)) kept.push(i);
    indptr[i + 1] = kept.length;
  }
  return { rows: size, cols: size, indptr, indices: Uint32Array.from(kept), data: new Float32Array(kept.length).fill(1) };
}

/** Histories of k items with weights 1/√k, so that long ones are not long vectors. */
function weighed(train: CsrMatrix): CsrMatrix {
  const data = new Float32Array(train.indices.length);
  for (let u = 0; u < train.rows; u++) {
    const count = train.indptr[u + 1]! - train.indptr[u]!;
    data.fill(1 / Math.sqrt(Math.max(1, count)), train.indptr[u]!, train.indptr[u + 1]!);
  }
  return { ...train, data };
}
