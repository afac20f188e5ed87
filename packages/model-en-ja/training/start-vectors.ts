import { type CsrMatrix, type Matrix, meanRow, normalizeRows } from '@matome/primitives/linalg';

/** Words that make up this share of a text count half as much as rare ones (smooth inverse frequency). */
const halfWeightShare = 1e-3;
/** A term seen less often than this starts shorter: its few sentences say little about it. */
const trustedCount = 3;

/** How often each term occurs in the bags. */
export function termCounts(bags: CsrMatrix): Float64Array {
  const counts = new Float64Array(bags.cols);
  for (let k = 0; k < bags.indices.length; k++) counts[bags.indices[k]!]! += bags.data[k]!;
  return counts;
}

/**
 * Start of the English table: the teacher's vector of each term alone, less the mean of all words, shorter for frequent
 * terms.
 *
 * @see Arora, Liang, Ma (2017), A simple but tough-to-beat baseline for sentence embeddings, ICLR, for the weights
 */
export function startFromTeacher(alone: Matrix, counts: Float64Array): Float32Array {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const { rows, cols } = alone;
  const middle = new Float64Array(cols);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) middle[j]! += (counts[i]! / total) * alone.data[i * cols + j]!;
  }
  const centred = Float32Array.from(alone.data, (value, at) => value - middle[at % cols]!);
  return scaleRows(normalizeRows({ data: centred, rows, cols }), (i) => frequencyWeight(counts[i]! / total));
}

/** Start of the Japanese table: the mean of the teacher's vectors of the sentences that hold a term, less the mean of all. */
export function startFromSentences(bags: CsrMatrix, sentences: Matrix): Float32Array {
  const { cols } = sentences;
  const middle = meanRow(sentences);
  const sums = new Float32Array(bags.cols * cols);
  for (let i = 0; i < bags.rows; i++) {
    for (let k = bags.indptr[i]!; k < bags.indptr[i + 1]!; k++) {
      const start = bags.indices[k]! * cols;
      for (let j = 0; j < cols; j++) sums[start + j]! += bags.data[k]! * (sentences.data[i * cols + j]! - middle[j]!);
    }
  }
  const counts = termCounts(bags);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const weight = (i: number) => frequencyWeight(counts[i]! / total) * Math.min(1, counts[i]! / trustedCount);
  return scaleRows(normalizeRows({ data: sums, rows: bags.cols, cols }), weight);
}

function frequencyWeight(share: number): number {
  return halfWeightShare / (halfWeightShare + share);
}

function scaleRows({ data, cols }: Matrix, weight: (row: number) => number): Float32Array {
  return data.map((value, at) => value * weight(Math.floor(at / cols)));
}
