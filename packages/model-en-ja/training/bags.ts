import { type CsrMatrix, csrFromRows } from '@matome/primitives/linalg';

/** A bag of terms for every text: row i holds the root of the counts of the terms of text i, as the embedder does. */
export function bagsOf(texts: readonly Iterable<number>[], terms: number): CsrMatrix {
  return csrFromRows(
    texts.map((rows) => {
      const counts = new Map<number, number>();
      for (const row of rows) counts.set(row, (counts.get(row) ?? 0) + 1);
      for (const [row, count] of counts) counts.set(row, Math.sqrt(count));
      return counts;
    }),
    terms,
  );
}

/** Copies the bags at `indices`. */
export function takeBags(bags: CsrMatrix, indices: ArrayLike<number>): CsrMatrix {
  const indptr = new Uint32Array(indices.length + 1);
  for (let i = 0; i < indices.length; i++) {
    indptr[i + 1] = indptr[i]! + bags.indptr[indices[i]! + 1]! - bags.indptr[indices[i]!]!;
  }
  const columns = new Uint32Array(indptr[indices.length]!);
  const data = new Float32Array(columns.length);
  for (let i = 0; i < indices.length; i++) {
    const from = bags.indptr[indices[i]!]!;
    const to = bags.indptr[indices[i]! + 1]!;
    columns.set(bags.indices.subarray(from, to), indptr[i]!);
    data.set(bags.data.subarray(from, to), indptr[i]!);
  }
  return { rows: indices.length, cols: bags.cols, indptr, indices: columns, data };
}
