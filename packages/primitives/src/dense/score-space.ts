import type { Matrix } from '../linalg/index.js';
import type { ExactScores } from './exact-scores.js';

const unit = 2 ** -24;

/**
 * Rows prepared so that one float32 product gives the score: the cosine, or minus half the squared distance. For the
 * Euclidean metric the rows are moved to the targets' mean and scaled to length at most 1, which keeps far-off data
 * from losing its digits, and two columns carry the squared lengths.
 */
export interface ScoreSpace {
  readonly metric: 'euclidean' | 'cosine';
  readonly queries: Matrix;
  readonly targets: Matrix;
  /** Lengths of the prepared query rows, without the extra columns. */
  readonly queryNorms: Float64Array;
  /** Exact squared distances times this are those of the prepared rows. */
  readonly squaredScale: number;
}

/** Moves the rows that exact scores compare into one score space. */
export function createScoreSpace(exact: ExactScores): ScoreSpace {
  return exact.metric === 'cosine' ? cosineSpace(exact) : euclideanSpace(exact);
}

function cosineSpace(exact: ExactScores): ScoreSpace {
  const scaled = ({ data, rows, cols }: Matrix, norms: Float64Array): Matrix => {
    const result = new Float32Array(rows * cols);
    for (let i = 0; i < rows; i++) {
      const factor = norms[i] === 0 ? 0 : 1 / norms[i]!;
      for (let t = i * cols; t < (i + 1) * cols; t++) result[t] = data[t]! * factor;
    }
    return { data: result, rows, cols };
  };
  const targets = scaled(exact.targets, exact.targetNorms);
  const queries = exact.queries === exact.targets ? targets : scaled(exact.queries, exact.queryNorms);
  return { metric: 'cosine', queries, targets, queryNorms: exact.queryNorms, squaredScale: 1 };
}

function euclideanSpace({ queries, targets }: ExactScores): ScoreSpace {
  const centre = columnMeans(targets);
  const targetNorms = distancesTo(centre, targets);
  const queryNorms = queries === targets ? targetNorms : distancesTo(centre, queries);
  const longest = Math.max(largest(targetNorms), largest(queryNorms));
  const scale = longest === 0 ? 1 : 1 / longest;
  return {
    metric: 'euclidean',
    queries: augmented(queries, centre, queryNorms, scale, false),
    targets: augmented(targets, centre, targetNorms, scale, true),
    queryNorms: queryNorms.map((norm) => norm * scale),
    squaredScale: scale * scale,
  };
}

/** A query carries (1, -|q|²/2) and a target (-|t|²/2, 1): their product adds both squares to q·t. */
function augmented(
  matrix: Matrix,
  centre: Float64Array,
  norms: Float64Array,
  scale: number,
  ofTarget: boolean,
): Matrix {
  const { rows, cols, data } = matrix;
  const width = cols + 2;
  const result = new Float32Array(rows * width);
  for (let i = 0; i < rows; i++) {
    const to = i * width;
    for (let c = 0; c < cols; c++) result[to + c] = (data[i * cols + c]! - centre[c]!) * scale;
    const half = -((norms[i]! * scale) ** 2) / 2;
    result[to + cols] = ofTarget ? half : 1;
    result[to + cols + 1] = ofTarget ? 1 : half;
  }
  return { data: result, rows, cols: width };
}

function distancesTo(centre: Float64Array, { rows, cols, data }: Matrix): Float64Array {
  const distances = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let c = 0; c < cols; c++) {
      const difference = data[i * cols + c]! - centre[c]!;
      sum += difference * difference;
    }
    distances[i] = Math.sqrt(sum);
  }
  return distances;
}

function largest(values: Float64Array): number {
  let result = 0;
  for (let i = 0; i < values.length; i++) if (values[i]! > result) result = values[i]!;
  return result;
}

function columnMeans(matrix: Matrix): Float64Array {
  const { rows, cols, data } = matrix;
  const means = new Float64Array(cols);
  for (let i = 0; i < rows; i++) for (let c = 0; c < cols; c++) means[c] = means[c]! + data[i * cols + c]!;
  for (let c = 0; c < cols; c++) means[c] = rows === 0 ? 0 : means[c]! / rows;
  return means;
}

/** The score that a target of this exact score has in the space, without rounding. */
export function idealScore(space: ScoreSpace, exactScore: number): number {
  return space.metric === 'cosine' ? exactScore : (exactScore * space.squaredScale) / 2;
}

/**
 * How far the float32 score of query `i` with a target can be from the ideal one, for all targets that could be as near
 * as `exactScore`: the rounding of n products and additions is at most n · 2⁻²⁴ of the sum of their absolute values.
 *
 * @see Higham (2002), Accuracy and stability of numerical algorithms, section 3.1, doi:10.1137/1.9780898718027
 */
export function scoreError(space: ScoreSpace, i: number, exactScore: number): number {
  const terms = space.queries.cols + 8;
  if (space.metric === 'cosine') return terms * unit;
  const q = space.queryNorms[i]!;
  // Triangle inequality: a target longer than this is farther away than the distance in question.
  const t = q + Math.sqrt(Math.max(0, -exactScore * space.squaredScale));
  return (terms * unit * (q + t) ** 2) / 2;
}
