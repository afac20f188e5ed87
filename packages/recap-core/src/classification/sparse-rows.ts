import type { CsrMatrix, Matrix } from '@matome/primitives/linalg';

/** Dense or sparse rows: what the models of this room accept. */
export type FeatureRows = CsrMatrix | Matrix;

/** Whether rows are stored sparsely. */
export function isSparse(x: FeatureRows): x is CsrMatrix {
  return 'indptr' in x;
}

/** The same rows as a sparse matrix; a dense matrix is copied without its zeros. */
export function toSparse(x: FeatureRows): CsrMatrix {
  if (isSparse(x)) return x;
  const indptr = new Uint32Array(x.rows + 1);
  const indices: number[] = [];
  const data: number[] = [];
  for (let i = 0; i < x.rows; i++) {
    for (let j = 0; j < x.cols; j++) {
      const value = x.data[i * x.cols + j]!;
      if (value === 0) continue;
      indices.push(j);
      data.push(value);
    }
    indptr[i + 1] = indices.length;
  }
  return { indptr, indices: Uint32Array.from(indices), data: Float32Array.from(data), rows: x.rows, cols: x.cols };
}

/** Rows scaled to length 1; a row of zeros stays one. */
export function unitRows(x: CsrMatrix): CsrMatrix {
  const data = new Float32Array(x.data.length);
  for (let i = 0; i < x.rows; i++) {
    let squares = 0;
    for (let at = x.indptr[i]!; at < x.indptr[i + 1]!; at++) squares += x.data[at]! * x.data[at]!;
    const scale = squares === 0 ? 0 : 1 / Math.sqrt(squares);
    for (let at = x.indptr[i]!; at < x.indptr[i + 1]!; at++) data[at] = x.data[at]! * scale;
  }
  return { ...x, data };
}

/** The rows at `indices`, in that order. */
export function takeSparseRows(x: CsrMatrix, rows: ArrayLike<number>): CsrMatrix {
  const indptr = new Uint32Array(rows.length + 1);
  for (let i = 0; i < rows.length; i++) indptr[i + 1] = indptr[i]! + x.indptr[rows[i]! + 1]! - x.indptr[rows[i]!]!;
  const indices = new Uint32Array(indptr[rows.length]!);
  const data = new Float32Array(indices.length);
  for (let i = 0; i < rows.length; i++) {
    const start = x.indptr[rows[i]!]!;
    const end = x.indptr[rows[i]! + 1]!;
    indices.set(x.indices.subarray(start, end), indptr[i]!);
    data.set(x.data.subarray(start, end), indptr[i]!);
  }
  return { indptr, indices, data, rows: rows.length, cols: x.cols };
}

/** Classes in code point order, and for every row and class whether the row belongs to it. */
export interface EncodedLabels<L extends string> {
  readonly classes: readonly L[];
  /** First class of every row. */
  readonly codes: Int32Array;
  /** 1 where row i belongs to class c: at `i * classes.length + c`. */
  readonly members: Uint8Array;
}

/** Numbers the classes of labels; a row may have several, the first of which is its main one. */
export function encodeLabels<L extends string>(labels: readonly (L | readonly L[])[]): EncodedLabels<L> {
  const sets = labels.map((label) => (typeof label === 'string' ? [label] : label) as readonly L[]);
  const classes = [...new Set(sets.flat())].sort((a, b) => (a < b ? -1 : 1));
  const numbers = new Map(classes.map((label, i) => [label, i]));
  const members = new Uint8Array(sets.length * classes.length);
  sets.forEach((set, i) => {
    for (const label of set) members[i * classes.length + numbers.get(label)!] = 1;
  });
  return { classes, codes: Int32Array.from(sets, (set) => numbers.get(set[0]!)!), members };
}
