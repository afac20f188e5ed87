import {
  add,
  buildModel,
  cast,
  Graph,
  type GraphValue,
  gather,
  l2Normalize,
  layerNorm,
  matMul,
  multiply,
  reduceSum,
  reshape,
  type Shape,
  softmax,
  subtract,
  transpose,
} from '../onnx/index.js';
import { type BertConfig, BertWeights, type WeightStorage } from './bert-weights.js';
import type { StoredTensor } from './safetensors.js';

/** What `buildBertModel` reads. */
export interface BertCheckpoint {
  readonly config: BertConfig;
  /** Path of the safetensors file. */
  readonly path: string;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly storage: WeightStorage;
  readonly pooling: 'mean' | 'cls';
}

/**
 * Writes a BERT encoder with mean or first-token pooling as an ONNX model that reads its weights out of the checkpoint.
 *
 * Inputs: `ids` (texts × length), `positions` (length), `mask` (texts × 1 × 1 × length; 0 for a token, a large negative
 * number for padding), `pooled` (numbers of the texts that get a vector) and, for the mean, `shares` (texts × length × 1;
 * the weight of each token). Outputs: `vectors` (pooled × hidden), L2-normalised, and `tokens` (texts × length × hidden), those of the
 * middle layer: when `pooled` is empty, the upper layers have nothing to do and cost nothing.
 * Biases that another one can carry are folded into it.
 *
 * @see Devlin et al. (2019), BERT, arXiv:1810.04805
 */
export function buildBertModel({ config, path, tensors, storage, pooling }: BertCheckpoint): Uint8Array {
  const graph = new Graph();
  const weights = new BertWeights(graph, path, tensors, storage);
  const ids = graph.input('ids', ['texts', 'length'], 'int64');
  const positions = graph.input('positions', ['length'], 'int64');
  let x = embeddings(weights, config, ids, positions);
  const mask = graph.input('mask', ['texts', 1, 1, 'length']);
  const middle = Math.ceil(config.layers / 2);
  for (let layer = 0; layer < middle; layer++) x = encoderLayer(weights, config, layer, x, mask);
  const tokens = x;
  const pooled = graph.input('pooled', ['pooled'], 'int64');
  x = gather(x, pooled);
  const pooledMask = gather(mask, pooled);
  for (let layer = middle; layer < config.layers; layer++) x = encoderLayer(weights, config, layer, x, pooledMask);
  const sum = () => {
    const shares = gather(graph.input('shares', ['texts', 'length', 1]), pooled);
    return reduceSum(multiply(x, shares), { axes: [1] });
  };
  return buildModel(graph, { vectors: l2Normalize(pooling === 'mean' ? sum() : firstToken(x, config.hidden)), tokens });
}

function embeddings(weights: BertWeights, config: BertConfig, ids: GraphValue, positions: GraphValue): GraphValue {
  // Rows are widened after they are read: a float16 table stays at half the memory, at no cost worth naming.
  const word = cast(gather(weights.table('embeddings.word_embeddings.weight'), ids), 'float32');
  const position = cast(gather(weights.table('embeddings.position_embeddings.weight'), positions), 'float32');
  const zero = ids.graph.constant([], BigInt64Array.of(0n), 'int64');
  const type = cast(gather(weights.table('embeddings.token_type_embeddings.weight'), zero), 'float32');
  const sum = add(add(word, position), reshape(type, [config.hidden]));
  return normalize(weights, config, 'embeddings.LayerNorm.', sum);
}

function encoderLayer(
  weights: BertWeights,
  config: BertConfig,
  layer: number,
  x: GraphValue,
  mask: GraphValue,
): GraphValue {
  const prefix = `encoder.layer.${layer}.`;
  const attended = residual(x, attention(weights, config, `${prefix}attention.`, x, mask));
  const [inner, outer] = [`${prefix}intermediate.dense.`, `${prefix}output.dense.`];
  const innerWeights = weights.matrix(`${inner}weight`);
  // The outer bias rides on the normalisation's bias into the sum below, and the inner bias takes it out again.
  const outerBias = weights.vector(`${outer}bias`);
  const innerBias = subtract(weights.vector(`${inner}bias`), rowTimes(outerBias, innerWeights));
  const y = normalize(weights, config, `${prefix}attention.output.LayerNorm.`, attended, outerBias);
  const active = fused('BiasGelu', [matMul(y, innerWeights), innerBias]);
  const sum = residual(y, matMul(active, weights.matrix(`${outer}weight`)));
  return normalize(weights, config, `${prefix}output.LayerNorm.`, sum);
}

/**
 * Self-attention with its output layer. The bias of the keys shifts all scores of a token alike, which softmax does not
 * see; the bias of the values passes through the weights, which sum to 1, into the output bias. Neither needs a pass.
 */
function attention(
  weights: BertWeights,
  config: BertConfig,
  prefix: string,
  x: GraphValue,
  mask: GraphValue,
): GraphValue {
  const { hidden, heads } = config;
  const size = hidden / heads;
  const texts = x.shape[0]!;
  const project = (name: string) => weights.matrix(`${prefix}self.${name}.weight`);
  const split = (y: GraphValue) => transpose(reshape(y, [texts, 'length', heads, size]), [0, 2, 1, 3]);
  const query = split(add(matMul(x, project('query')), weights.vector(`${prefix}self.query.bias`)));
  const key = split(matMul(x, project('key')));
  const value = split(matMul(x, project('value')));
  const scores = fused('FusedMatMul', [query, key], { transB: 1, alpha: { float: 1 / Math.sqrt(size) } }, [
    ...query.shape.slice(0, 3),
    'length',
  ]);
  const context = transpose(matMul(softmax(add(scores, mask)), value), [0, 2, 1, 3]);
  const output = weights.matrix(`${prefix}output.dense.weight`);
  const valueBias = rowTimes(weights.vector(`${prefix}self.value.bias`), output);
  const bias = add(weights.vector(`${prefix}output.dense.bias`), valueBias);
  return add(matMul(reshape(context, [texts, 'length', hidden]), output), bias);
}

function normalize(
  weights: BertWeights,
  config: BertConfig,
  prefix: string,
  x: GraphValue,
  shift?: GraphValue,
): GraphValue {
  const bias = weights.vector(`${prefix}bias`);
  return layerNorm(x, weights.vector(`${prefix}weight`), shift ? add(bias, shift) : bias, config.epsilon);
}

// As Sum, because onnxruntime fuses Add with the normalisation after it into a plain loop: five times their time.
function residual(x: GraphValue, y: GraphValue): GraphValue {
  return x.graph.node('Sum', [x, y], { outputs: [x] })[0]!;
}

/** Row vector times matrix, folded when the model is loaded. */
function rowTimes(row: GraphValue, matrix: GraphValue): GraphValue {
  const size = row.shape[0]!;
  return reshape(matMul(reshape(row, [1, size]), matrix), [matrix.shape[1]!]);
}

function fused(
  op: string,
  inputs: readonly GraphValue[],
  attributes: Record<string, number | { readonly float: number }> = {},
  outputShape?: Shape,
): GraphValue {
  const [{ graph, type, shape }] = inputs as [GraphValue];
  const outputs = [{ type, shape: outputShape ?? shape }];
  return graph.node(op, inputs, { domain: 'com.microsoft', attributes, outputs })[0]!;
}

function firstToken(x: GraphValue, hidden: number): GraphValue {
  const zero = x.graph.constant([], BigInt64Array.of(0n), 'int64');
  const outputs = [{ type: x.type, shape: [x.shape[0]!, hidden] }];
  return x.graph.node('Gather', [x, zero], { attributes: { axis: 1 }, outputs })[0]!;
}
