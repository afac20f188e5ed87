import { type CsrMatrix, type Matrix, normalizeRows } from '@matome/primitives/linalg';

/** Words that make up this share of a text count half as much as rare ones (smooth inverse frequency). */
const halfWeightShare = 1e-3;

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

/** Start of the Japanese table: the English vectors of what each term translates to, in their shares. */
export function startFromTranslations(translations: CsrMatrix, english: Float32Array): Float32Array {
  const dimensions = english.length / translations.cols;
  const start = new Float32Array(translations.rows * dimensions);
  for (let word = 0; word < translations.rows; word++) {
    for (let k = translations.indptr[word]!; k < translations.indptr[word + 1]!; k++) {
      const from = translations.indices[k]! * dimensions;
      const share = translations.data[k]!;
      for (let j = 0; j < dimensions; j++) start[word * dimensions + j]! += share * english[from + j]!;
    }
  }
  return start;
}

function frequencyWeight(share: number): number {
  return halfWeightShare / (halfWeightShare + share);
}

function scaleRows({ data, cols }: Matrix, weight: (row: number) => number): Float32Array {
  return data.map((value, at) => value * weight(Math.floor(at / cols)));
}
