import { type CsrMatrix, createCsrMatrix } from '@matome/primitives/linalg';
import { checkInteger } from '@matome/primitives/options';

/** Pairs of user and item rows; equal pairs may repeat. */
export interface Interactions {
  readonly userRows: ArrayLike<number>;
  readonly itemRows: ArrayLike<number>;
}

/**
 * The items of each user as a sparse matrix of ones; repeated pairs count once, items ascend.
 *
 * @returns users × items.
 * @throws RangeError if the lists differ in length or a row is out of range.
 * @remarks O(pairs · log pairs of a user).
 * @example
 * const seen = interactionMatrix({ userRows: [0, 0, 0], itemRows: [2, 1, 2] }, 1, 3);
 * [...seen.indices] // => [1, 2]
 */
export function interactionMatrix(interactions: Interactions, users: number, items: number): CsrMatrix {
  const { userRows, itemRows } = interactions;
  checkInteger('interactionMatrix', 'users', users, { min: 0 });
  checkInteger('interactionMatrix', 'items', items, { min: 0 });
  checkPairs('interactionMatrix', interactions, users, items);
  const starts = new Uint32Array(users + 1);
  for (let i = 0; i < userRows.length; i++) starts[userRows[i]! + 1]! += 1;
  for (let u = 0; u < users; u++) starts[u + 1]! += starts[u]!;
  const fill = starts.slice();
  const all = new Uint32Array(userRows.length);
  for (let i = 0; i < userRows.length; i++) all[fill[userRows[i]!]!++] = itemRows[i]!;
  const indptr = new Uint32Array(users + 1);
  let count = 0;
  for (let u = 0; u < users; u++) {
    const own = all.subarray(starts[u]!, starts[u + 1]!).sort();
    for (let k = 0; k < own.length; k++) if (k === 0 || own[k] !== own[k - 1]) all[count++] = own[k]!;
    indptr[u + 1] = count;
  }
  return createCsrMatrix(users, items, indptr, all.slice(0, count), new Float32Array(count).fill(1));
}

/** Checks that both lists fit together and into the matrices. */
export function checkPairs(caller: string, { userRows, itemRows }: Interactions, users: number, items: number): void {
  if (userRows.length !== itemRows.length) {
    throw new RangeError(
      `The interactions of ${caller} must name as many users as items. Got ${userRows.length} and ${itemRows.length}.`,
    );
  }
  for (let i = 0; i < userRows.length; i++) {
    const user = userRows[i]!;
    const item = itemRows[i]!;
    if (!(Number.isInteger(user) && user >= 0 && user < users && Number.isInteger(item) && item >= 0 && item < items)) {
      throw new RangeError(
        `The interactions of ${caller} must name rows of ${users} users and ${items} items. Pair ${i} is (${user}, ${item}).`,
      );
    }
  }
}

/** Checks that a scorer knows the users it is asked about. */
export function checkUserRows(caller: string, rows: Uint32Array, users: number): void {
  for (const row of rows) {
    if (row >= users) throw new RangeError(`The rows given to ${caller} must be of ${users} users. Got ${row}.`);
  }
}

/**
 * Number of users of each item.
 *
 * @example
 * [...itemCounts(interactionMatrix({ userRows: [0, 1], itemRows: [1, 1] }, 2, 2))] // => [0, 2]
 */
export function itemCounts(matrix: CsrMatrix): Uint32Array {
  const counts = new Uint32Array(matrix.cols);
  for (const item of matrix.indices) counts[item]! += 1;
  return counts;
}

/**
 * Users of each item: rows and columns change places.
 *
 * @remarks O(entries).
 * @example
 * const byUser = interactionMatrix({ userRows: [0, 1], itemRows: [1, 1] }, 2, 2);
 * [...transposeCsr(byUser).indices] // => [0, 1]
 */
export function transposeCsr(matrix: CsrMatrix): CsrMatrix {
  const { rows, cols, indptr, indices, data } = matrix;
  const starts = new Uint32Array(cols + 1);
  for (const column of indices) starts[column + 1]! += 1;
  for (let c = 0; c < cols; c++) starts[c + 1]! += starts[c]!;
  const fill = starts.slice();
  const rowsOf = new Uint32Array(indices.length);
  const values = new Float32Array(indices.length);
  for (let r = 0; r < rows; r++) {
    for (let k = indptr[r]!; k < indptr[r + 1]!; k++) {
      const at = fill[indices[k]!]!++;
      rowsOf[at] = r;
      values[at] = data[k]!;
    }
  }
  return { rows: cols, cols: rows, indptr: starts, indices: rowsOf, data: values };
}
