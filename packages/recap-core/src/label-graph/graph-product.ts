import type { CsrMatrix } from '@matome/primitives/linalg';

/** A square sparse matrix in float64, as the iterations need it. */
export interface WeightedGraph {
  readonly indptr: Uint32Array;
  readonly indices: Uint32Array;
  readonly weights: Float64Array;
  readonly nodes: number;
}

/** @throws RangeError if the matrix is not square or holds a negative or infinite weight. */
export function toWeightedGraph(caller: string, graph: CsrMatrix): WeightedGraph {
  if (graph.rows !== graph.cols) {
    throw new RangeError(`The graph of ${caller} must be square. Got ${graph.rows} × ${graph.cols}.`);
  }
  const weights = Float64Array.from(graph.data);
  const bad = weights.findIndex((weight) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY));
  if (bad >= 0) throw new RangeError(`The weights of ${caller} must be finite and not negative. Got ${weights[bad]}.`);
  return { indptr: graph.indptr, indices: graph.indices, weights, nodes: graph.rows };
}

/** The same graph with every row divided by its sum; a row of zeros stays. */
export function rowNormalized(graph: WeightedGraph): WeightedGraph {
  const weights = new Float64Array(graph.weights.length);
  for (let i = 0; i < graph.nodes; i++) {
    let sum = 0;
    for (let at = graph.indptr[i]!; at < graph.indptr[i + 1]!; at++) sum += graph.weights[at]!;
    if (sum === 0) continue;
    for (let at = graph.indptr[i]!; at < graph.indptr[i + 1]!; at++) weights[at] = graph.weights[at]! / sum;
  }
  return { ...graph, weights };
}

/** D^-½ A D^-½ without the diagonal, with the incoming weights as degrees. */
export function symmetricNormalized(graph: WeightedGraph): WeightedGraph {
  const degrees = new Float64Array(graph.nodes);
  for (let i = 0; i < graph.nodes; i++) {
    for (let at = graph.indptr[i]!; at < graph.indptr[i + 1]!; at++) {
      if (graph.indices[at] !== i) degrees[graph.indices[at]!]! += graph.weights[at]!;
    }
  }
  const scale = degrees.map((degree) => (degree === 0 ? 1 : 1 / Math.sqrt(degree)));
  const weights = new Float64Array(graph.weights.length);
  for (let i = 0; i < graph.nodes; i++) {
    for (let at = graph.indptr[i]!; at < graph.indptr[i + 1]!; at++) {
      const j = graph.indices[at]!;
      weights[at] = i === j ? 0 : graph.weights[at]! * scale[i]! * scale[j]!;
    }
  }
  return { ...graph, weights };
}

/** Writes graph · values into `result`; both are nodes × columns. */
export function multiplyGraph(graph: WeightedGraph, values: Float64Array, columns: number, result: Float64Array): void {
  const { indptr, indices, weights, nodes } = graph;
  result.fill(0);
  for (let i = 0; i < nodes; i++) {
    const to = i * columns;
    for (let at = indptr[i]!; at < indptr[i + 1]!; at++) {
      const weight = weights[at]!;
      const from = indices[at]! * columns;
      for (let c = 0; c < columns; c++) result[to + c]! += weight * values[from + c]!;
    }
  }
}

/** Divides every row by its sum, in place; a row of zeros stays. */
export function normalizeDistributions(values: Float64Array, columns: number): void {
  for (let start = 0; start < values.length; start += columns) {
    let sum = 0;
    for (let c = 0; c < columns; c++) sum += values[start + c]!;
    if (sum === 0) continue;
    for (let c = 0; c < columns; c++) values[start + c]! /= sum;
  }
}

/** Largest |a − b|. */
export function largestChange(a: Float64Array, b: Float64Array): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!));
  return most;
}
