import type { CsrMatrix } from '../linalg/index.js';

/** Options of `classTfidf`. */
export interface ClassTfidfOptions {
  /** Uses the BM25 form of the class idf, which punishes frequent words harder. @default false */
  readonly bm25Weighting?: boolean;
  /** Takes the square root of the relative frequency. @default false */
  readonly reduceFrequentWords?: boolean;
  /** One factor a column, for instance above 1 for seed words. @default all 1 */
  readonly multiplier?: ArrayLike<number>;
}

/** The weights in float64, before they are stored. */
export interface ClassWeights {
  readonly indptr: Uint32Array;
  readonly indices: Uint32Array;
  readonly weights: Float64Array;
  readonly classes: number;
}

/**
 * c-TF-IDF: what is frequent in a class and rare in the others.
 *
 * The documents of a class are read as one. tf is the term's share of the class, idf is ln(1 + A / f) with f the term's
 * count over all classes and A the whole part of the mean class length.
 *
 * @param counts - documents × terms.
 * @param labels - the class of every document from 0 on; -1 leaves a document out.
 * @returns classes × terms, columns of a row ascending; a class without documents is an empty row.
 * @throws RangeError if the sizes do not fit or a label is below -1.
 * @remarks O(non-zero counts + classes · terms of the largest class).
 * @see Grootendorst (2022), BERTopic, arXiv:2203.05794
 * @example
 * const { counts } = CountVectorizer.fitTransform([['sun', 'sky'], ['sun', 'sea'], ['rate', 'sky']]);
 * const weights = classTfidf(counts, Int32Array.of(0, 0, 1));
 * weights.rows // => 2
 */
export function classTfidf(counts: CsrMatrix, labels: ArrayLike<number>, options: ClassTfidfOptions = {}): CsrMatrix {
  const { indptr, indices, weights, classes } = classTfidfWeights(counts, labels, options);
  return { indptr, indices, data: Float32Array.from(weights), rows: classes, cols: counts.cols };
}

/** `classTfidf` before rounding to float32. */
export function classTfidfWeights(
  counts: CsrMatrix,
  labels: ArrayLike<number>,
  options: ClassTfidfOptions = {},
): ClassWeights {
  const { bm25Weighting = false, reduceFrequentWords = false, multiplier } = options;
  if (labels.length !== counts.rows) {
    throw new RangeError(`The labels of classTfidf must be one for each row. Got ${labels.length} for ${counts.rows}.`);
  }
  if (multiplier && multiplier.length !== counts.cols) {
    throw new RangeError(
      `The multiplier option of classTfidf must have ${counts.cols} values. Got ${multiplier.length}.`,
    );
  }
  const sums = sumByClass(counts, labels);
  const lengths = Float64Array.from({ length: sums.classes }, (_, c) => {
    let length = 0;
    for (let k = sums.indptr[c]!; k < sums.indptr[c + 1]!; k++) length += sums.weights[k]!;
    return length;
  });
  const frequency = new Float64Array(counts.cols);
  for (let k = 0; k < sums.indices.length; k++) frequency[sums.indices[k]!]! += sums.weights[k]!;
  const average = Math.floor(lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, sums.classes));
  const factor = frequency.map((f, j) => {
    const idf = bm25Weighting ? Math.log(1 + (average - f + 0.5) / (f + 0.5)) : Math.log(1 + average / f);
    return idf * (multiplier?.[j] ?? 1);
  });
  for (let c = 0; c < sums.classes; c++) {
    for (let k = sums.indptr[c]!; k < sums.indptr[c + 1]!; k++) {
      const tf = sums.weights[k]! / lengths[c]!;
      sums.weights[k] = (reduceFrequentWords ? Math.sqrt(tf) : tf) * factor[sums.indices[k]!]!;
    }
  }
  return sums;
}

function sumByClass(counts: CsrMatrix, labels: ArrayLike<number>): ClassWeights {
  let classes = 0;
  for (let i = 0; i < labels.length; i++) {
    if (!Number.isInteger(labels[i]) || labels[i]! < -1) {
      throw new RangeError(`A label of classTfidf must be an integer from -1 on. Got ${labels[i]} at ${i}.`);
    }
    classes = Math.max(classes, labels[i]! + 1);
  }
  const members: number[][] = Array.from({ length: classes }, () => []);
  for (let i = 0; i < labels.length; i++) if (labels[i]! >= 0) members[labels[i]!]!.push(i);

  const indptr = new Uint32Array(classes + 1);
  const indices: Uint32Array[] = [];
  const weights: Float64Array[] = [];
  const sums = new Float64Array(counts.cols);
  members.forEach((documents, c) => {
    const touched: number[] = [];
    for (const i of documents) {
      for (let k = counts.indptr[i]!; k < counts.indptr[i + 1]!; k++) {
        const j = counts.indices[k]!;
        if (sums[j] === 0 && counts.data[k] !== 0) touched.push(j);
        sums[j]! += counts.data[k]!;
      }
    }
    const columns = Uint32Array.from(touched).sort();
    indices.push(columns);
    weights.push(Float64Array.from(columns, (j) => sums[j]!));
    for (const j of touched) sums[j] = 0;
    indptr[c + 1] = indptr[c]! + columns.length;
  });
  const allIndices = new Uint32Array(indptr[classes]!);
  const allWeights = new Float64Array(indptr[classes]!);
  indices.forEach((columns, c) => {
    allIndices.set(columns, indptr[c]!);
    allWeights.set(weights[c]!, indptr[c]!);
  });
  return { indptr, indices: allIndices, weights: allWeights, classes };
}
