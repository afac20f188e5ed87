import {
  add,
  buildModel,
  cast,
  Graph,
  type GraphValue,
  gather,
  gelu,
  gemm,
  l2Normalize,
  layerNorm,
  matMul,
  multiply,
  reduceSum,
  reshape,
  reshapeLike,
  type Shape,
  softmax,
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
 * Inputs: `ids` (length × texts), `positions` (length × 1), `mask` (texts × 1 × 1 × length; 0 for a token, a large negative
 * number for padding), `pooled` (numbers of the texts that get a vector) and, for the mean, `shares` (length × texts × 1;
 * the weight of each token). Outputs: `vectors` (pooled × hidden), L2-normalised, and `tokens` (length × texts × hidden), those of the
 * middle layer: when `pooled` is empty, the upper layers have nothing to do and cost nothing.
 *
 * Tokens come before texts so that queries, keys and values are multiplied where they lie: onnxruntime can step over inner
 * axes, but the rows of a product must be the outermost one. Biases that another one can carry are folded into it.
 *
 * @see Devlin et al. (2019), BERT, arXiv:1810.04805
 */
export function buildBertModel({ config, path, tensors, storage, pooling }: BertCheckpoint): Uint8Array {
  const graph = new Graph();
  const weights = new BertWeights(graph, path, tensors, storage);
  const ids = graph.input('ids', ['length', 'texts'], 'int64');
  const positions = graph.input('positions', ['length', 1], 'int64');
  let x = embeddings(weights, config, ids, positions);
  const mask = graph.input('mask', ['texts', 1, 1, 'length']);
  const middle = Math.ceil(config.layers / 2);
  for (let layer = 0; layer < middle; layer++) x = encoderLayer(weights, config, layer, x, mask);
  const tokens = x;
  const pooled = graph.input('pooled', ['pooled'], 'int64');
  x = gatherTexts(x, pooled);
  const pooledMask = gather(mask, pooled);
  for (let layer = middle; layer < config.layers; layer++) x = encoderLayer(weights, config, layer, x, pooledMask);
  const sum = () => {
    const shares = gatherTexts(graph.input('shares', ['length', 'texts', 1]), pooled);
    return reduceSum(multiply(x, shares), { axes: [0] });
  };
  return buildModel(graph, { vectors: l2Normalize(pooling === 'mean' ? sum() : firstTokens(x)), tokens });
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
  const y = normalize(weights, config, `${prefix}attention.output.LayerNorm.`, attended);
  const inner = dense(weights, `${prefix}intermediate.dense.`, reshape(y, ['rows', config.hidden]));
  const outer = dense(weights, `${prefix}output.dense.`, gelu(inner));
  return normalize(weights, config, `${prefix}output.LayerNorm.`, residual(y, reshapeLike(outer, y)));
}

/** A dense layer on rows: onnxruntime adds the bias while it multiplies, at no cost worth naming. */
function dense(weights: BertWeights, prefix: string, rows: GraphValue, shift?: GraphValue): GraphValue {
  const bias = weights.vector(`${prefix}bias`);
  return gemm(rows, weights.matrix(`${prefix}weight`), {}, shift ? add(bias, shift) : bias);
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
  const texts = x.shape[1]!;
  const project = (name: string) => matMul(x, weights.matrix(`${prefix}self.${name}.weight`));
  const split = (y: GraphValue) => reshape(y, ['length', texts, heads, size]);
  const key = split(project('key'));
  const query = reshapeLike(dense(weights, `${prefix}self.query.`, reshape(x, ['rows', hidden])), key);
  const value = split(project('value'));
  const scores = fused(
    'FusedMatMul',
    [query, key],
    { transBatchA: 1, transBatchB: 1, transB: 1, alpha: { float: 1 / Math.sqrt(size) } },
    [texts, heads, 'length', 'length'],
  );
  const context = fused('FusedMatMul', [softmax(add(scores, mask)), value], { transBatchB: 1 }, [
    texts,
    heads,
    'length',
    size,
  ]);
  const rows = reshape(transpose(context, [2, 0, 1, 3]), ['rows', hidden]);
  const valueBias = rowTimes(
    weights.vector(`${prefix}self.value.bias`),
    weights.matrix(`${prefix}output.dense.weight`),
  );
  return reshapeLike(dense(weights, `${prefix}output.dense.`, rows, valueBias), x);
}

function normalize(weights: BertWeights, config: BertConfig, prefix: string, x: GraphValue): GraphValue {
  return layerNorm(x, weights.vector(`${prefix}weight`), weights.vector(`${prefix}bias`), config.epsilon);
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

/** The texts of those numbers. */
function gatherTexts(x: GraphValue, texts: GraphValue): GraphValue {
  const shape = [x.shape[0]!, texts.shape[0]!, ...x.shape.slice(2)];
  return x.graph.node('Gather', [x, texts], { attributes: { axis: 1 }, outputs: [{ type: x.type, shape }] })[0]!;
}

function firstTokens(x: GraphValue): GraphValue {
  return gather(x, x.graph.constant([], BigInt64Array.of(0n), 'int64'));
}
