import { type Cooperative, type ProgressCallback, runAsync } from '@matome/primitives/async';
import { concatRows, type Matrix } from '@matome/primitives/linalg';
import { checkMatrix } from '@matome/primitives/options';
import { createRandom } from '@matome/primitives/random';
import { unitRows } from '../hdbscan/unit-rows.js';
import { type CrossNeighbors, crossNeighborsSteps } from '../neighbors/cross-neighbors.js';
import { curveParameters } from './curve-parameters.js';
import type { FuzzyGraph } from './fuzzy-graph.js';
import { type LayoutOptions, layoutSteps } from './optimize-layout.js';
import { smoothDistanceSteps } from './smooth-distances.js';
import { drawSeed, umap } from './umap.js';
import { type UmapRunOptions, umapSettings } from './umap-options.js';

/** What `transform` needs to know of the fit. */
interface UmapParts {
  readonly x: Matrix;
  readonly embedding: Matrix;
  readonly metric: 'euclidean' | 'cosine';
  readonly nNeighbors: number;
  readonly localConnectivity: number;
  readonly layout: Omit<LayoutOptions, 'dimensions' | 'fixedRows'>;
}

/** Options of `Umap.transform`. */
export interface TransformOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressCallback;
}

/**
 * An embedding into which new rows can be placed.
 *
 * @example
 * const x = { data: Float32Array.from({ length: 60 }, (_, i) => (i < 30 ? i : 1000 + i)), rows: 60, cols: 1 };
 * const model = await Umap.fit(x, { nEpochs: 50 });
 * (await model.transform({ data: new Float32Array([3, 1040]), rows: 2, cols: 1 })).rows // => 2
 */
export class Umap {
  /** n × nComponents: the training rows. */
  readonly embedding: Matrix;
  /** Rows that a row was compared with, itself counted. */
  readonly nNeighbors: number;
  readonly #parts: UmapParts;

  private constructor(parts: UmapParts) {
    this.embedding = parts.embedding;
    this.nNeighbors = parts.nNeighbors;
    this.#parts = parts;
  }

  /**
   * Embeds `x` as `umap` does, and keeps what `transform` needs: the rows themselves (not a copy: leave them as they are).
   *
   * @throws as `umap`.
   * @remarks As `umap`.
   * @example
   * const x = { data: Float32Array.from({ length: 30 }, (_, i) => i), rows: 30, cols: 1 };
   * (await Umap.fit(x, { nEpochs: 10 })).nNeighbors // => 10
   */
  static async fit(x: Matrix, options: UmapRunOptions = {}): Promise<Umap> {
    const random = options.random ?? createRandom();
    const settings = umapSettings('Umap.fit', x, options);
    const embedding = await umap(x, { ...options, random });
    const { metric, nNeighbors, localConnectivity, minDist, spread, nEpochs } = settings;
    const { negativeSampleRate, repulsionStrength } = settings;
    const layout = {
      ...{ negativeSampleRate, repulsionStrength },
      // New rows start among their neighbours: fewer and shorter steps settle them.
      nEpochs: Math.floor(nEpochs / 3),
      learningRate: settings.learningRate / 4,
      curve: curveParameters(minDist, spread),
      seed: drawSeed(random),
    };
    return new Umap({ x, embedding, metric, nNeighbors, localConnectivity, layout });
  }

  /**
   * Restores a model from `toJSON`.
   *
   * @throws TypeError if the value is not a UMAP model of a version this package reads.
   * @example
   * const x = { data: Float32Array.from({ length: 30 }, (_, i) => i), rows: 30, cols: 1 };
   * const model = await Umap.fit(x, { nEpochs: 10 });
   * Umap.fromJSON(JSON.parse(JSON.stringify(model))).embedding.rows // => 30
   */
  static fromJSON(json: unknown): Umap {
    const value = json as (Omit<UmapParts, 'x' | 'embedding'> & Record<'x' | 'embedding', StoredMatrix>) & StoredKind;
    if (typeof json !== 'object' || json === null || value.kind !== 'umap' || value.version !== 1) {
      throw new TypeError('The value must be a umap model of version 1.');
    }
    const { metric, nNeighbors, localConnectivity, layout } = value;
    const parts = { metric, nNeighbors, localConnectivity, layout };
    return new Umap({ ...parts, x: restoreMatrix(value.x), embedding: restoreMatrix(value.embedding) });
  }

  /**
   * Places new rows among the training rows, which stay where they are.
   *
   * Each row starts at the weighted mean of its nearest training rows and is then settled like them. Rows do not see each
   * other: a row is placed the same alone as among others, but for the random rows that push it. `densities` of the fit play
   * no part here.
   *
   * @param x - m × d, finite.
   * @returns m × nComponents.
   * @throws RangeError if the width is not that of the training rows or a value is not finite.
   * @remarks O(m n d) for the neighbours, O(m · epochs · nNeighbors) for the placing.
   * @example
   * const x = { data: Float32Array.from({ length: 60 }, (_, i) => (i < 30 ? i : 1000 + i)), rows: 60, cols: 1 };
   * const model = await Umap.fit(x, { nEpochs: 50 });
   * (await model.transform({ data: new Float32Array([3]), rows: 1, cols: 1 })).cols // => 2
   */
  async transform(x: Matrix, options: TransformOptions = {}): Promise<Matrix> {
    return runAsync(this.transformSteps(x), options);
  }

  /** `transform` as a task that yields its progress. */
  *transformSteps(x: Matrix): Cooperative<Matrix> {
    const { x: known, embedding, metric, nNeighbors, localConnectivity, layout } = this.#parts;
    const { cols: dimensions, rows: fixedRows } = embedding;
    if (x.rows > 0 && x.cols !== known.cols) {
      throw new RangeError(`The rows of Umap.transform must have ${known.cols} columns. Got ${x.cols}.`);
    }
    checkMatrix('Umap.transform', x);
    if (x.rows === 0 || fixedRows < 2) return startMatrix(x.rows, embedding);
    const knn = yield* nearestKnown(x, known, metric, Math.min(nNeighbors, fixedRows));
    const graph = yield* newRowsGraph(knn, Math.max(0, localConnectivity - 1), fixedRows);
    const start = weightedMeans(graph, embedding);
    const data = yield* layoutSteps(graph, start, { ...layout, dimensions, fixedRows });
    return { data: data.slice(fixedRows * dimensions), rows: x.rows, cols: dimensions };
  }

  /** A JSON value from which `fromJSON` restores the model. */
  toJSON(): object {
    const { x, embedding, ...rest } = this.#parts;
    return { kind: 'umap', version: 1, ...rest, x: storeMatrix(x), embedding: storeMatrix(embedding) };
  }
}

/** A few training rows or none: all new rows are placed where the first one is. */
function startMatrix(rows: number, { data, cols, rows: known }: Matrix): Matrix {
  const placed = Float32Array.from({ length: rows * cols }, (_, at) => (known > 0 ? data[at % cols]! : 0));
  return { data: placed, rows, cols };
}

function* nearestKnown(
  x: Matrix,
  known: Matrix,
  metric: 'euclidean' | 'cosine',
  k: number,
): Cooperative<CrossNeighbors> {
  if (metric === 'euclidean') return yield* crossNeighborsSteps(x, known, k);
  // Together, as rows of zeros get a coordinate of their own.
  const unit = unitRows(concatRows([x, known]));
  const queries = { data: unit.data.subarray(0, x.rows * unit.cols), rows: x.rows, cols: unit.cols };
  const targets = { data: unit.data.subarray(x.rows * unit.cols), rows: known.rows, cols: unit.cols };
  const found = yield* crossNeighborsSteps(queries, targets, k);
  return { ...found, distances: found.distances.map((distance) => distance ** 2 / 2) };
}

/** Memberships of the new rows' neighbours; the new rows stand behind the known ones, which have no edges. */
function* newRowsGraph(knn: CrossNeighbors, localConnectivity: number, known: number): Cooperative<FuzzyGraph> {
  const { rhos, sigmas } = yield* smoothDistanceSteps(knn, { localConnectivity });
  const { rows, k, indices, distances } = knn;
  const starts = new Uint32Array(known + rows + 1);
  for (let i = 0; i < rows; i++) starts[known + i + 1] = (i + 1) * k;
  const weights = distances.map((distance, at) => {
    const row = Math.floor(at / k);
    const beyond = distance - rhos[row]!;
    return beyond <= 0 || sigmas[row] === 0 ? 1 : Math.exp(-beyond / sigmas[row]!) || 0;
  });
  // Neighbours beyond all scales are equally far.
  for (let at = 0; at < weights.length; at += k) {
    const own = weights.subarray(at, at + k);
    if (own.every((weight) => weight === 0)) own.fill(1);
  }
  return { starts, targets: indices, weights, rows: known + rows };
}

/** Known positions, then the new rows at the weighted means of their neighbours. */
function weightedMeans({ starts, targets, weights, rows }: FuzzyGraph, embedding: Matrix): Float64Array {
  const { cols, rows: known, data } = embedding;
  const start = new Float64Array(rows * cols);
  start.set(data);
  for (let i = known; i < rows; i++) {
    let total = 0;
    for (let at = starts[i]!; at < starts[i + 1]!; at++) {
      total += weights[at]!;
      for (let t = 0; t < cols; t++) start[i * cols + t]! += weights[at]! * data[targets[at]! * cols + t]!;
    }
    for (let t = 0; t < cols; t++) start[i * cols + t]! /= total;
  }
  return start;
}

interface StoredKind {
  readonly kind: string;
  readonly version: number;
}

interface StoredMatrix {
  readonly rows: number;
  readonly cols: number;
  readonly data: readonly number[];
}

const storeMatrix = ({ rows, cols, data }: Matrix): StoredMatrix => ({ rows, cols, data: Array.from(data) });
const restoreMatrix = ({ rows, cols, data }: StoredMatrix): Matrix => ({ rows, cols, data: Float32Array.from(data) });
