import type { CsrMatrix } from '@matome/primitives/linalg';

/** Options of `similarPairs`. */
export interface SimilarPairsOptions {
  /** Pairs below this are left out. */
  readonly minSimilarity: number;
  /** Factor in [0, 1] on the similarity of two rows. */
  readonly discount: (a: number, b: number) => number;
}

/**
 * Cosines of all pairs of unit-length sparse rows that share a column, through an inverted index.
 *
 * @returns n × n, symmetric, without the diagonal.
 * @remarks Time is the sum over columns of the squared number of rows that hold it.
 */
export function similarPairs(matrix: CsrMatrix, options: SimilarPairsOptions): CsrMatrix {
  const { minSimilarity, discount } = options;
  const { rows, indptr, indices, data } = matrix;
  const postings = transpose(matrix);
  const sums = new Float64Array(rows);
  const columns = new Uint32Array(rows);
  const values = new Float32Array(rows);
  const upper: UpperRow[] = [];
  for (let a = 0; a < rows; a++) {
    sums.fill(0, a);
    for (let k = indptr[a]!; k < indptr[a + 1]!; k++) {
      const value = data[k]!;
      const column = indices[k]!;
      for (let p = postings.indptr[column + 1]! - 1; p >= postings.indptr[column]!; p--) {
        const b = postings.indices[p]!;
        // Rows of a posting list ascend: everything further down was paired with `a` before.
        if (b <= a) break;
        sums[b]! += value * postings.data[p]!;
      }
    }
    let count = 0;
    for (let b = a + 1; b < rows; b++) {
      if (sums[b]! < minSimilarity) continue;
      const similarity = sums[b]! * discount(a, b);
      if (similarity < minSimilarity) continue;
      columns[count] = b;
      values[count++] = similarity;
    }
    upper.push({ columns: columns.slice(0, count), values: values.slice(0, count) });
  }
  return symmetric(upper);
}

/** The pairs of a row with rows after it, by column. */
interface UpperRow {
  readonly columns: Uint32Array;
  readonly values: Float32Array;
}

/** Rows that hold each column, ascending. */
function transpose({ rows, cols, indptr, indices, data }: CsrMatrix): CsrMatrix {
  const starts = new Uint32Array(cols + 1);
  for (const column of indices) starts[column + 1]!++;
  for (let c = 0; c < cols; c++) starts[c + 1]! += starts[c]!;
  const next = starts.slice(0, cols);
  const members = new Uint32Array(indices.length);
  const values = new Float32Array(indices.length);
  for (let i = 0; i < rows; i++) {
    for (let k = indptr[i]!; k < indptr[i + 1]!; k++) {
      const at = next[indices[k]!]!++;
      members[at] = i;
      values[at] = data[k]!;
    }
  }
  return { rows: cols, cols: rows, indptr: starts, indices: members, data: values };
}

function symmetric(upper: readonly UpperRow[]): CsrMatrix {
  const n = upper.length;
  const indptr = new Uint32Array(n + 1);
  upper.forEach(({ columns }, a) => {
    indptr[a + 1]! += columns.length;
    for (const b of columns) indptr[b + 1]!++;
  });
  for (let i = 0; i < n; i++) indptr[i + 1]! += indptr[i]!;
  const next = indptr.slice(0, n);
  const indices = new Uint32Array(indptr[n]!);
  const data = new Float32Array(indices.length);
  // Row a is written after all rows before it have put their lower half there: its columns ascend.
  upper.forEach(({ columns, values }, a) => {
    for (let k = 0; k < columns.length; k++) {
      const at = next[columns[k]!]!++;
      indices[at] = a;
      data[at] = values[k]!;
    }
    indices.set(columns, next[a]!);
    data.set(values, next[a]!);
  });
  return { rows: n, cols: n, indptr, indices, data };
}
