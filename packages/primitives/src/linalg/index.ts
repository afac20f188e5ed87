export { type CsrMatrix, createCsrMatrix, csrFromRows, csrRow, csrTimesDense } from './csr-matrix.js';
export {
  cosineDistance,
  cosineSimilarities,
  euclideanDistance,
  type Metric,
  manhattanDistance,
  squaredEuclideanDistance,
} from './distance.js';
export {
  concatRows,
  createMatrix,
  type Matrix,
  matrixFromRows,
  meanRow,
  normalizeInPlace,
  normalizeRows,
  row,
  takeRows,
} from './matrix.js';
export { mean, quantile, standardDeviation } from './statistics.js';
export { topK } from './top-k.js';
export { cosineSimilarity, dot, norm } from './vector.js';
