import type { CsrMatrix } from '@matome/primitives/linalg';
import { type RandomSource, sampleIndices } from '@matome/primitives/random';
import { interactionMatrix } from '@matome/two-tower';

/** Pairs of a matrix that a test on user and item lets through, with columns renumbered where asked. */
function filterPairs(
  matrix: CsrMatrix,
  wanted: (user: number, item: number, place: number) => boolean,
  columns: { readonly count: number; readonly of: (item: number) => number } = { count: matrix.cols, of: (i) => i },
): CsrMatrix {
  const userRows: number[] = [];
  const itemRows: number[] = [];
  for (let u = 0; u < matrix.rows; u++) {
    const first = matrix.indptr[u]!;
    for (let k = first; k < matrix.indptr[u + 1]!; k++) {
      const item = matrix.indices[k]!;
      if (!wanted(u, item, k - first)) continue;
      userRows.push(u);
      itemRows.push(columns.of(item));
    }
  }
  return interactionMatrix({ userRows, itemRows }, matrix.rows, columns.count);
}

/** Takes a tenth of every user's items, at least one of two, out of a matrix. @returns what is left, and what was taken. */
export function holdOut(known: CsrMatrix, random: RandomSource): [CsrMatrix, CsrMatrix] {
  const held = Array.from({ length: known.rows }, (_, u) => {
    const count = known.indptr[u + 1]! - known.indptr[u]!;
    return new Set(count < 2 ? [] : sampleIndices(count, Math.max(1, Math.floor(count / 10)), random));
  });
  return [
    filterPairs(known, (u, _, place) => !held[u]!.has(place)),
    filterPairs(known, (u, _, place) => held[u]!.has(place)),
  ];
}

/** The pairs with items of a set. */
export function keepItems(matrix: CsrMatrix, items: ReadonlySet<number>): CsrMatrix {
  return filterPairs(matrix, (_, item) => items.has(item));
}

/** The columns of some items, in their order: a catalogue that never heard of the others. */
export function selectItems(matrix: CsrMatrix, items: ArrayLike<number>): CsrMatrix {
  const places = new Map(Array.from(items, (item, place) => [item, place]));
  const columns = { count: items.length, of: (item: number) => places.get(item)! };
  return filterPairs(matrix, (_, item) => places.has(item), columns);
}

/** The pairs of two matrices of one size. */
export function union(a: CsrMatrix, b: CsrMatrix): CsrMatrix {
  const rowsOf = ({ rows, indptr }: CsrMatrix) =>
    Array.from({ length: rows }, (_, u) => new Array<number>(indptr[u + 1]! - indptr[u]!).fill(u)).flat();
  return interactionMatrix(
    { userRows: [...rowsOf(a), ...rowsOf(b)], itemRows: [...a.indices, ...b.indices] },
    a.rows,
    a.cols,
  );
}
