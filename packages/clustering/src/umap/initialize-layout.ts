import type { Cooperative } from '@matome/primitives/async';
import type { Matrix } from '@matome/primitives/linalg';
import { normalSample, type RandomSource } from '@matome/primitives/random';
import type { FuzzyGraph } from './fuzzy-graph.js';
import { largestEigenpairSteps } from './lanczos.js';
import { spectralLayoutSteps } from './spectral-layout.js';

/** How the first positions are found; a matrix holds them. */
export type LayoutStart = 'spectral' | 'pca' | 'random' | Matrix;

/** Width of the start layout along each axis. */
const extent = 10;
/** Keeps rows with the same start apart. */
const noise = 1e-4;

/**
 * First positions of a layout, each axis stretched to [0, 10].
 *
 * @param x - the rows themselves; only `pca` looks at them.
 * @returns n × dimensions.
 */
export function* initializeLayoutSteps(
  graph: FuzzyGraph,
  dimensions: number,
  init: LayoutStart,
  x: Matrix | undefined,
  random: RandomSource,
): Cooperative<Float64Array> {
  const layout = yield* rawLayout(graph, dimensions, init, x, random);
  if (typeof init !== 'string') return layout;
  let largest = 0;
  for (const value of layout) largest = Math.max(largest, Math.abs(value));
  const scale = largest > 0 ? extent / largest : 1;
  for (let at = 0; at < layout.length; at++) layout[at] = layout[at]! * scale + noise * normalSample(random);
  for (let t = 0; t < dimensions; t++) stretchAxis(layout, dimensions, t);
  return layout;
}

function* rawLayout(
  graph: FuzzyGraph,
  dimensions: number,
  init: LayoutStart,
  x: Matrix | undefined,
  random: RandomSource,
): Cooperative<Float64Array> {
  if (typeof init !== 'string') return Float64Array.from(init.data);
  if (init === 'spectral') return yield* spectralLayoutSteps(graph, dimensions, { random });
  if (init === 'pca' && x) return yield* principalComponents(x, dimensions, random);
  return Float64Array.from({ length: graph.rows * dimensions }, () => random() - 0.5);
}

function stretchAxis(layout: Float64Array, dimensions: number, axis: number): void {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let at = axis; at < layout.length; at += dimensions) {
    low = Math.min(low, layout[at]!);
    high = Math.max(high, layout[at]!);
  }
  const scale = high > low ? extent / (high - low) : 0;
  for (let at = axis; at < layout.length; at += dimensions) layout[at] = (layout[at]! - low) * scale;
}

/** Scores of the rows on their first principal components; columns beyond the rank are zero. */
function* principalComponents(x: Matrix, count: number, random: RandomSource): Cooperative<Float64Array> {
  const { rows, cols, data } = x;
  const means = new Float64Array(cols);
  for (let i = 0, at = 0; i < rows; i++) for (let t = 0; t < cols; t++, at++) means[t]! += data[at]! / rows;
  const covariance = (v: Float64Array, into: Float64Array) => {
    into.fill(0);
    for (let i = 0, start = 0; i < rows; i++, start += cols) {
      let score = 0;
      for (let t = 0, at = start; t < cols; t++, at++) score += (data[at]! - means[t]!) * v[t]!;
      for (let t = 0, at = start; t < cols; t++, at++) into[t]! += score * (data[at]! - means[t]!);
    }
  };
  const options = { random, tolerance: 0, maxProducts: 60 };
  const { vectors } = yield* largestEigenpairSteps(covariance, cols, Math.min(count, cols), options);
  const scores = new Float64Array(rows * count);
  for (const [c, vector] of vectors.entries()) {
    for (let i = 0; i < rows; i++) {
      let score = 0;
      for (let t = 0, at = i * cols; t < cols; t++, at++) score += (data[at]! - means[t]!) * vector[t]!;
      scores[i * count + c] = score;
    }
  }
  return scores;
}
