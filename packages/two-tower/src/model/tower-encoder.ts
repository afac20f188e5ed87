import { nextTurn } from '@matome/primitives/async';
import { createMatrix, type Matrix } from '@matome/primitives/linalg';
import {
  buildModel,
  floatTensor,
  Graph,
  type OnnxRuntime,
  type OnnxSession,
  type OnnxTensor,
} from '@matome/primitives/onnx';
import { checkInteger } from '@matome/primitives/options';
import type { EncodedRows } from '../features/encoded-rows.js';
import {
  addTowerParameters,
  buildTower,
  layerWidths,
  type TowerShape,
  type TowerSide,
  type TowerWeights,
  weightNames,
} from './tower.js';

/** Options of embedding. */
export interface EmbedOptions {
  /** Rows of one run of the graph. @default 2048 */
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
}

/** The forward pass of a tower; the weights are fed with every run, so that one session serves all epochs. */
export class TowerEncoder {
  private constructor(
    private readonly side: TowerSide,
    private readonly shape: TowerShape,
    private readonly session: OnnxSession,
  ) {}

  static async create(
    runtime: OnnxRuntime,
    side: TowerSide,
    shape: TowerShape,
    weights: TowerWeights,
  ): Promise<TowerEncoder> {
    const graph = new Graph();
    const parameters = addTowerParameters(graph, side, shape, weights);
    const width = layerWidths(shape)[0]!;
    const vectors = buildTower(side, shape, parameters, {
      ...(shape.dense > 0 ? { dense: graph.input('dense', ['rows', shape.dense]) } : {}),
      bags: shape.bags.map(({ name }) => graph.input(`bag:${name}`, ['rows', width])),
    });
    return new TowerEncoder(side, shape, await runtime.createSession(buildModel(graph, { vectors })));
  }

  /** @returns n × embeddingDim, rows of length 1. */
  async embed(rows: EncodedRows, weights: TowerWeights, options: EmbedOptions = {}): Promise<Matrix> {
    const { batchSize = 2048, signal } = options;
    checkInteger('embed', 'batchSize', batchSize, { min: 1 });
    const { shape } = this;
    checkWidths(this.side, shape, rows);
    const fixed: Record<string, OnnxTensor> = {};
    for (const { name, shape: dims } of this.session.inputs) {
      const values = weights[name];
      if (values) fixed[name] = floatTensor(dims as number[], values);
    }
    const result = createMatrix(rows.dense.rows, shape.embeddingDim);
    for (let start = 0; start < rows.dense.rows; start += batchSize) {
      signal?.throwIfAborted();
      const end = Math.min(rows.dense.rows, start + batchSize);
      const { vectors } = await this.session.run({ ...fixed, ...this.feeds(rows, weights, start, end) });
      result.data.set(vectors!.data as Float32Array, start * shape.embeddingDim);
      // A turn of the event loop, so that an abort arrives.
      await nextTurn();
    }
    return result;
  }

  private feeds(rows: EncodedRows, weights: TowerWeights, start: number, end: number): Record<string, OnnxTensor> {
    const { dense, bags } = this.shape;
    const width = layerWidths(this.shape)[0]!;
    const feeds: Record<string, OnnxTensor> = {};
    if (dense > 0)
      feeds.dense = floatTensor([end - start, dense], rows.dense.data.subarray(start * dense, end * dense));
    for (const { name } of bags) {
      const table = weights[weightNames.bag(this.side, name)]!;
      feeds[`bag:${name}`] = floatTensor([end - start, width], poolRows(rows.bags[name]!, table, width, start, end));
    }
    return feeds;
  }

  async dispose(): Promise<void> {
    await this.session.dispose();
  }
}

/** @throws RangeError if the rows are not as wide as the tower. */
function checkWidths(side: TowerSide, shape: TowerShape, rows: EncodedRows): void {
  if (rows.dense.cols !== shape.dense) {
    throw new RangeError(`The ${side} features must have ${shape.dense} dense columns. Got ${rows.dense.cols}.`);
  }
  for (const { name, rows: size } of shape.bags) {
    const cols = rows.bags[name]?.cols;
    if (cols !== size) {
      throw new RangeError(
        `The bag ${name} of the ${side} features must have ${size} columns. Got ${cols ?? 'no such bag'}.`,
      );
    }
  }
}

/**
 * Σ value · row of a table over the entries of each row of a bag.
 *
 * Four entries at a time: one pass over the sums serves four rows of the table.
 */
function poolRows(
  bag: { readonly indptr: Uint32Array; readonly indices: Uint32Array; readonly data: Float32Array },
  table: Float32Array,
  width: number,
  start: number,
  end: number,
): Float32Array {
  const { indptr, indices, data } = bag;
  const pooled = new Float32Array((end - start) * width);
  for (let r = start; r < end; r++) {
    const to = (r - start) * width;
    const last = indptr[r + 1]!;
    let k = indptr[r]!;
    for (; k + 3 < last; k += 4) {
      const a = indices[k]! * width;
      const b = indices[k + 1]! * width;
      const c = indices[k + 2]! * width;
      const d = indices[k + 3]! * width;
      const u = data[k]!;
      const v = data[k + 1]!;
      const w = data[k + 2]!;
      const x = data[k + 3]!;
      for (let j = 0; j < width; j++) {
        pooled[to + j] =
          pooled[to + j]! + u * table[a + j]! + v * table[b + j]! + w * table[c + j]! + x * table[d + j]!;
      }
    }
    for (; k < last; k++) {
      const from = indices[k]! * width;
      const value = data[k]!;
      for (let j = 0; j < width; j++) pooled[to + j] = pooled[to + j]! + value * table[from + j]!;
    }
  }
  return pooled;
}
