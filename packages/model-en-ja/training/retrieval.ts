import { cosineSimilarities, type Matrix, row } from '@matome/primitives/linalg';

/** Share of rows whose nearest row on the other side is the one of the same place, both ways. */
export function retrieval(a: Matrix, b: Matrix): { readonly forward: number; readonly backward: number } {
  return { forward: hits(a, b), backward: hits(b, a) };
}

function hits(queries: Matrix, targets: Matrix): number {
  let right = 0;
  for (let i = 0; i < queries.rows; i++) {
    const scores = cosineSimilarities(row(queries, i), targets);
    if (scores.every((score, j) => j === i || score < scores[i]!)) right++;
  }
  return right / queries.rows;
}
