import type { CsrMatrix } from '@matome/primitives/linalg';
import { type RandomSource, shuffle } from '@matome/primitives/random';

/** How centroids learn from the rows they label wrongly. */
export interface FeedbackSettings {
  /** Passes over the rows; 0 leaves the centroids as they are. */
  readonly passes: number;
  /** Share of a row that is added to its own centroid and taken from the rival. */
  readonly rate: number;
  /** Lead in cosine below which a rightly labelled row counts as wrong. */
  readonly margin: number;
}

/** Centroids column by column: value of centroid c in column j at `j * count + c`. */
export interface CentroidTable {
  readonly values: Float32Array;
  readonly count: number;
  /** Class of every centroid. */
  readonly classOf: Int32Array;
}

/**
 * Rocchio's relevance feedback with the training labels as judgements: a row whose own class does not lead by `margin`
 * is added to its nearest own centroid and taken from the nearest other one, until a pass changes nothing.
 *
 * @param x - n × d, rows of length 1.
 * @param members - 1 where row i belongs to class c, at `i * classes + c`.
 * @param table - is changed in place; centroids have length 1 afterwards.
 * @remarks O(passes · nnz · centroids).
 * @see Tan (2008), An improved centroid classifier for text categorization, doi:10.1016/j.eswa.2007.06.028
 * @see Rocchio (1971), Relevance feedback in information retrieval
 */
export function applyFeedback(
  x: CsrMatrix,
  members: Uint8Array,
  table: CentroidTable,
  settings: FeedbackSettings,
  random: RandomSource,
): void {
  const { values, count, classOf } = table;
  const { rate, margin } = settings;
  const classes = members.length / x.rows;
  const squares = new Float64Array(count).fill(1);
  const scores = new Float64Array(count);
  const order = Array.from({ length: x.rows }, (_, i) => i);
  for (let pass = 0; pass < settings.passes; pass++) {
    let changed = 0;
    for (const i of shuffle(order, random)) {
      scoreRow(x, i, values, count, scores);
      let own = -1;
      let rival = -1;
      for (let c = 0; c < count; c++) {
        const cosine = scores[c]! / Math.sqrt(squares[c]!);
        if (members[i * classes + classOf[c]!] === 1) {
          if (own < 0 || cosine > scores[own]! / Math.sqrt(squares[own]!)) own = c;
        } else if (rival < 0 || cosine > scores[rival]! / Math.sqrt(squares[rival]!)) rival = c;
      }
      if (own < 0 || rival < 0) continue;
      if (scores[own]! / Math.sqrt(squares[own]!) - scores[rival]! / Math.sqrt(squares[rival]!) >= margin) continue;
      changed++;
      squares[own]! += 2 * rate * scores[own]! + rate * rate;
      // A rival pushed down to nothing would have no direction left.
      squares[rival] = Math.max(1e-6, squares[rival]! - 2 * rate * scores[rival]! + rate * rate);
      for (let at = x.indptr[i]!; at < x.indptr[i + 1]!; at++) {
        const start = x.indices[at]! * count;
        const step = rate * x.data[at]!;
        values[start + own]! += step;
        values[start + rival]! -= step;
      }
    }
    if (changed === 0) break;
  }
  normalizeCentroids(table);
}

/** Writes the product of row `i` with every centroid into `scores`. */
export function scoreRow(x: CsrMatrix, i: number, values: Float32Array, count: number, scores: Float64Array): void {
  scores.fill(0);
  const { indices, data } = x;
  const end = x.indptr[i + 1]!;
  for (let at = x.indptr[i]!; at < end; at++) {
    const value = data[at]!;
    const start = indices[at]! * count;
    for (let c = 0; c < count; c++) scores[c]! += value * values[start + c]!;
  }
}

function normalizeCentroids({ values, count }: CentroidTable): void {
  const squares = new Float64Array(count);
  for (let at = 0; at < values.length; at++) squares[at % count]! += values[at]! * values[at]!;
  const scales = squares.map((value) => (value === 0 ? 0 : 1 / Math.sqrt(value)));
  for (let at = 0; at < values.length; at++) values[at]! *= scales[at % count]!;
}
