/** Counts of pairs of labels: how often true class i meets found cluster j. */
export interface Contingency {
  readonly n: number;
  /** Size of every true class. */
  readonly rows: Float64Array;
  /** Size of every found cluster. */
  readonly columns: Float64Array;
  /** Non-zero counts with their class and cluster. */
  readonly cells: readonly { readonly row: number; readonly column: number; readonly count: number }[];
}

/**
 * Counts the pairs of labels of two labellings; every label value, also -1, is a class of its own.
 *
 * @throws RangeError if the lengths differ.
 */
export function contingency(caller: string, truth: ArrayLike<number>, found: ArrayLike<number>): Contingency {
  const n = truth.length;
  if (found.length !== n) {
    throw new RangeError(`The labellings of ${caller} must have one length. Got ${n} and ${found.length}.`);
  }
  const rowOf = numbering(truth);
  const columnOf = numbering(found);
  const rows = new Float64Array(rowOf.size);
  const columns = new Float64Array(columnOf.size);
  const counts = new Map<number, number>();
  for (let i = 0; i < n; i++) {
    const row = rowOf.get(truth[i]!)!;
    const column = columnOf.get(found[i]!)!;
    rows[row]!++;
    columns[column]!++;
    const key = row * columnOf.size + column;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const cells = [...counts].map(([key, count]) => {
    const column = key % columnOf.size;
    return { row: (key - column) / columnOf.size, column, count };
  });
  return { n, rows, columns, cells };
}

function numbering(labels: ArrayLike<number>): Map<number, number> {
  const numbers = new Map<number, number>();
  for (let i = 0; i < labels.length; i++) if (!numbers.has(labels[i]!)) numbers.set(labels[i]!, numbers.size);
  return numbers;
}
