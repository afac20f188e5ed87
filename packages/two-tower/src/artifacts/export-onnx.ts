import {
  atLeast,
  buildModel,
  divide,
  Graph,
  type GraphValue,
  gather,
  multiply,
  reduceSum,
  reshape,
  sqrt,
} from '@matome/primitives/onnx';
import { isSparse } from '../features/feature-encoder.js';
import type { FeatureSegment } from '../features/feature-schema.js';
import {
  addTowerParameters,
  buildTower,
  layerWidths,
  type TowerInputs,
  type TowerShape,
  type TowerSide,
  weightNames,
} from '../model/tower.js';
import type { TwoTowerParts } from '../model/two-tower-model.js';

/** Options of `encodeTowerOnnx`. */
export interface EncodeTowerOptions {
  /** Layout of the input vector. @default the dense part, then the bags in their order */
  readonly segments?: readonly Pick<FeatureSegment, 'name' | 'size' | 'type'>[];
  /** @default 'user_features' or 'item_features' */
  readonly inputName?: string;
  /** @default 'user_embedding' or 'item_embedding' */
  readonly outputName?: string;
  /**
   * Bags that stay lists: each becomes two inputs of its own, `<bag>_ids` (int64) and `<bag>_weights` (float32), both
   * [batch, n], instead of columns of the input vector. For ids and histories, whose columns would be as many as items.
   *
   * @default none
   */
  readonly lists?: readonly string[];
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The version of the standard operators that exported files ask for. */
export const exportOpset = 17;

/**
 * Writes the forward pass of a tower as an ONNX file: input [batch, width], output [batch, embeddingDim] of length 1.
 *
 * @throws RangeError if the segments do not match the tower, or a list names no bag.
 * @see https://onnx.ai/onnx/intro/concepts.html
 * @example
 * const parts = { embeddingDim: 2, dense: 1, bags: [], hidden: [] };
 * const weights = { 'user.dense': new Float32Array([1, 0]), 'user.bias0': new Float32Array(2) };
 * const bytes = encodeTowerOnnx({ user: parts, item: parts, weights }, 'user');
 * const session = await (await loadOnnxRuntime({ threads: 1 })).createSession(bytes);
 * session.inputs[0].shape // => ['batch', 1]
 */
export function encodeTowerOnnx(
  parts: Pick<TwoTowerParts, 'user' | 'item' | 'weights'>,
  side: TowerSide,
  options: EncodeTowerOptions = {},
): Uint8Array {
  const { inputName = `${side}_features`, outputName = `${side}_embedding`, lists = [], metadata = {} } = options;
  const shape = parts[side];
  const unknown = lists.find((name) => !shape.bags.some((bag) => bag.name === name));
  if (unknown) throw new RangeError(`The lists option of encodeTowerOnnx names no bag ${JSON.stringify(unknown)}.`);
  const first = firstLayer(parts, side, shape, options.segments ?? ownSegments(shape), lists);
  // Everything that is no list stands in one matrix, so that the first layer is one product.
  const flat: TowerShape = { ...shape, dense: first.length / layerWidths(shape)[0]!, bags: [] };
  const weights: Record<string, Float32Array> = { ...parts.weights, [weightNames.dense(side)]: first };
  const graph = new Graph();
  const parameters = addTowerParameters(graph, side, flat, weights);
  const inputs: TowerInputs = {
    ...(flat.dense > 0 ? { dense: graph.input(inputName, ['batch', flat.dense]) } : {}),
    bags: lists.map((name) => listInput(graph, side, shape, name, weights)),
  };
  const vectors = buildTower(side, flat, parameters, inputs, unitLength);
  return buildModel(graph, { [outputName]: vectors }, { weights, metadata, opset: exportOpset });
}

function ownSegments(shape: TowerShape): Pick<FeatureSegment, 'name' | 'size' | 'type'>[] {
  const bags = shape.bags.map(({ name, rows }) => ({ name, size: rows, type: 'id' as const }));
  return [{ name: 'dense', size: shape.dense, type: 'standard_score' }, ...bags];
}

/** Rows of the first layer in the order of the input vector. */
function firstLayer(
  { weights }: Pick<TwoTowerParts, 'weights'>,
  side: TowerSide,
  shape: TowerShape,
  segments: readonly Pick<FeatureSegment, 'name' | 'size' | 'type'>[],
  lists: readonly string[],
): Float32Array {
  const width = layerWidths(shape)[0]!;
  const kept = segments.filter(({ name }) => !lists.includes(name));
  const rows = new Float32Array(kept.reduce((sum, { size }) => sum + size, 0) * width);
  let at = 0;
  let denseFrom = 0;
  for (const { name, size, type } of kept) {
    const bag = isSparse(type) ? weights[weightNames.bag(side, name)] : undefined;
    const source = bag ?? weights[weightNames.dense(side)]?.subarray(denseFrom * width, (denseFrom + size) * width);
    if (size > 0 && source?.length !== size * width) {
      throw new RangeError(`The segment ${name} of encodeTowerOnnx does not fit the ${side} tower.`);
    }
    if (size > 0) rows.set(source!, at);
    at += size * width;
    if (!isSparse(type)) denseFrom += size;
  }
  if (denseFrom !== shape.dense) {
    throw new RangeError(
      `The segments of encodeTowerOnnx must hold ${shape.dense} dense columns of the ${side} tower. They hold ${denseFrom}.`,
    );
  }
  return rows;
}

/** Σ weight · row over a padded list; padding has weight 0. */
function listInput(
  graph: Graph,
  side: TowerSide,
  shape: TowerShape,
  name: string,
  weights: Readonly<Record<string, Float32Array>>,
): GraphValue {
  const width = layerWidths(shape)[0]!;
  const { rows } = shape.bags.find((bag) => bag.name === name)!;
  const full = weightNames.bag(side, name);
  const table = graph.parameter(full, [rows, width], weights[full]!);
  const ids = graph.input(`${name}_ids`, ['batch', `${name}_length`], 'int64');
  const factors = graph.input(`${name}_weights`, ['batch', `${name}_length`]);
  const column = graph.node('Unsqueeze', [factors, graph.integers([2])], {
    outputs: [{ type: 'float32', shape: ['batch', `${name}_length`, 1] }],
  })[0]!;
  return reduceSum(multiply(gather(table, ids), column), { axes: [1] });
}

/** The operators of opset 17 know no reduction to a length with axes as an input. */
function unitLength(x: GraphValue): GraphValue {
  const length = sqrt(reduceSum(multiply(x, x), { axes: [1], keepDims: true }));
  return divide(x, atLeast(reshape(length, [x.shape[0]!, 1]), 1e-12));
}
