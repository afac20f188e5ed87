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
  reduceMean,
  reshape,
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
 * It takes texts of one length, so that no token is padding: inputs `ids` (texts × length) and `positions` (length),
 * output `vectors` (texts × hidden), L2-normalised. Fused operators of onnxruntime carry attention, bias with GELU, and
 * the residual sums with layer normalisation.
 *
 * @see Devlin et al. (2019), BERT, arXiv:1810.04805
 */
export function buildBertModel({ config, path, tensors, storage, pooling }: BertCheckpoint): Uint8Array {
  const graph = new Graph();
  const weights = new BertWeights(graph, path, tensors, storage);
  const ids = graph.input('ids', ['texts', 'length'], 'int64');
  const positions = graph.input('positions', ['length'], 'int64');
  let x = embeddings(weights, config, ids, positions);
  for (let layer = 0; layer < config.layers; layer++) x = encoderLayer(weights, config, layer, x);
  const pooled = pooling === 'mean' ? reduceMean(x, { axes: [1] }) : firstToken(x, config.hidden);
  return buildModel(graph, { vectors: l2Normalize(pooled) });
}

function embeddings(weights: BertWeights, config: BertConfig, ids: GraphValue, positions: GraphValue): GraphValue {
  // Rows are widened after they are read: a float16 table stays at half the memory, at no cost worth naming.
  const word = cast(gather(weights.table('embeddings.word_embeddings.weight'), ids), 'float32');
  const position = cast(gather(weights.table('embeddings.position_embeddings.weight'), positions), 'float32');
  const zero = ids.graph.constant([], BigInt64Array.of(0n), 'int64');
  const type = cast(gather(weights.table('embeddings.token_type_embeddings.weight'), zero), 'float32');
  const sum = add(add(word, position), reshape(type, [config.hidden]));
  const scale = weights.vector('embeddings.LayerNorm.weight');
  return layerNorm(sum, scale, weights.vector('embeddings.LayerNorm.bias'), config.epsilon);
}

function encoderLayer(weights: BertWeights, config: BertConfig, layer: number, x: GraphValue): GraphValue {
  const prefix = `encoder.layer.${layer}.`;
  const context = attention(weights, config, `${prefix}attention.self.`, x);
  const attended = addAndNormalize(weights, config, `${prefix}attention.output.`, context, x);
  const wide = matMul(attended, weights.matrix(`${prefix}intermediate.dense.weight`));
  const active = fused('BiasGelu', [wide, weights.vector(`${prefix}intermediate.dense.bias`)]);
  return addAndNormalize(weights, config, `${prefix}output.`, active, attended);
}

function attention(weights: BertWeights, config: BertConfig, prefix: string, x: GraphValue): GraphValue {
  const { hidden, heads } = config;
  const names = ['query', 'key', 'value'];
  const joined = matMul(x, weights.matrix(...names.map((name) => `${prefix}${name}.weight`)));
  const bias = weights.joinedVector(...names.map((name) => `${prefix}${name}.bias`));
  const sizes = x.graph.integers([hidden, hidden, hidden]);
  const outputs = names.map(() => ({ type: x.type, shape: x.shape }));
  const parts = x.graph.node('Split', [joined, sizes], { attributes: { axis: -1 }, outputs });
  return fused('MultiHeadAttention', [...parts, bias], { num_heads: heads });
}

/** Dense layer, sum with the layer's input, layer normalisation. */
function addAndNormalize(
  weights: BertWeights,
  config: BertConfig,
  prefix: string,
  x: GraphValue,
  residual: GraphValue,
): GraphValue {
  const y = matMul(x, weights.matrix(`${prefix}dense.weight`));
  const vectors = ['LayerNorm.weight', 'LayerNorm.bias', 'dense.bias'].map((name) => weights.vector(prefix + name));
  return fused('SkipLayerNormalization', [y, residual, ...vectors], { epsilon: { float: config.epsilon } });
}

function fused(
  op: string,
  inputs: readonly GraphValue[],
  attributes: Record<string, number | { readonly float: number }> = {},
): GraphValue {
  const [{ graph, type, shape }] = inputs as [GraphValue];
  return graph.node(op, inputs, { domain: 'com.microsoft', attributes, outputs: [{ type, shape }] })[0]!;
}

function firstToken(x: GraphValue, hidden: number): GraphValue {
  const zero = x.graph.constant([], BigInt64Array.of(0n), 'int64');
  const outputs = [{ type: x.type, shape: [x.shape[0]!, hidden] }];
  return x.graph.node('Gather', [x, zero], { attributes: { axis: 1 }, outputs })[0]!;
}
