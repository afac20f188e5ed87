import {
  add,
  buildModel,
  concat,
  type Dimension,
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
  type Shape,
  softmax,
  subtract,
  transpose,
} from '../onnx/index.js';
import { bertInput, type Projections } from './bert-input.js';
import { type BertConfig, BertWeights, rowTimes, type WeightStorage } from './bert-weights.js';
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
 * Inputs: those of {@link bertInput}; `mask` (texts × 1 × length × length; 0 for a token, a large negative number for padding; or a
 * single 0 where nothing is padded), `pooled` (numbers of the texts that get a vector) and, for the mean, `shares` (length ×
 * texts × 1; the weight of each token). Outputs: `vectors` (pooled × hidden), L2-normalised; `tokens` (length × texts × hidden), those
 * of the middle layer: when `pooled` is empty, the upper layers have nothing to do and cost nothing; and `projected` of `bertInput`.
 *
 * Tokens come before texts so that queries, keys and values are multiplied where they lie: onnxruntime can step over inner
 * axes, but the rows of a product must be the outermost one. Biases that another one can carry are folded into it. Where
 * only the first token is pooled, the last layer works out that one.
 *
 * @see Devlin et al. (2019), BERT, arXiv:1810.04805
 */
export function buildBertModel({ config, path, tensors, storage, pooling }: BertCheckpoint): Uint8Array {
  const graph = new Graph();
  const weights = new BertWeights(graph, path, tensors, storage);
  const input = bertInput(weights, config, graph);
  const mask = graph.input('mask', ['maskedTexts', 1, 'maskedTokens', 'maskedKeys']);
  const pooled = graph.input('pooled', ['pooled'], 'int64');
  const [middle, last] = [Math.ceil(config.layers / 2), config.layers - 1];
  let x = tokensOf(input.x);
  for (let layer = 0; layer < middle; layer++) {
    x = encoderLayer(weights, config, layer, { x, mask, ...(layer === 0 && { projections: input.projections }) });
  }
  const tokens = unfold(x);
  x = tokensOf(gatherAxis(tokens, pooled, 1));
  const pooledMask = gather(mask, atMost(pooled, sizesOf(mask, 0, 1)));
  for (let layer = middle; layer < last; layer++) x = encoderLayer(weights, config, layer, { x, mask: pooledMask });
  const asking = pooling === 'cls' ? firstTokens(x) : x;
  if (last >= middle) x = encoderLayer(weights, config, last, { x, mask: pooledMask, asking });
  const mean = () => {
    const shares = gatherAxis(graph.input('shares', ['length', 'texts', 1]), pooled, 1);
    return reduceSum(multiply(unfold(x), shares), { axes: [0] });
  };
  const vectors = l2Normalize(pooling === 'mean' ? mean() : firstTokens(x).rows);
  return buildModel(graph, { vectors, tokens, projected: input.projected });
}

/** Tokens of texts as rows: the first tokens of all texts, then all second ones. */
interface Tokens {
  /** (length · texts) × hidden. */
  readonly rows: GraphValue;
  /** Length and texts, known when the graph runs. */
  readonly sizes: GraphValue;
  readonly length: Dimension;
  readonly texts: Dimension;
}

/** Rows of a length × texts × hidden value. */
function tokensOf(x: GraphValue): Tokens {
  const [length, texts, hidden] = x.shape as [Dimension, Dimension, Dimension];
  return { rows: reshape(x, [`rows of ${texts}`, hidden]), sizes: sizesOf(x, 0, 2), length, texts };
}

/** Rows as length × texts × `last`. */
function unfold({ sizes, length, texts, rows }: Tokens, y = rows, last: readonly number[] = [Number(rows.shape[1])]) {
  const inputs = [y, concat([sizes, y.graph.integers(last)], 0)];
  const outputs = [{ type: y.type, shape: [length, texts, ...last] }];
  // These are sizes as they are: 0 is no row, not a size to be copied.
  return y.graph.node('Reshape', inputs, { attributes: { allowzero: 1 }, outputs })[0]!;
}

function firstTokens(tokens: Tokens): Tokens {
  if (tokens.length === 1) return tokens;
  const x = unfold(tokens);
  return { ...tokensOf(gatherAxis(x, x.graph.integers([0]), 0)), length: 1 };
}

/** What a layer works on. */
interface LayerInput {
  readonly x: Tokens;
  readonly mask: GraphValue;
  /** The tokens that are worked out; all when absent. */
  readonly asking?: Tokens;
  /** Queries, keys and values of the first layer. */
  readonly projections?: Projections;
}

function encoderLayer(weights: BertWeights, config: BertConfig, layer: number, input: LayerInput): Tokens {
  const prefix = `encoder.layer.${layer}.`;
  const { asking = input.x } = input;
  const attended = residual(asking.rows, attention(weights, config, `${prefix}attention.`, input));
  const weight = (name: string) => weights.matrix(`${prefix}${name}.dense.weight`);
  const bias = (name: string) => weights.vector(`${prefix}${name}.dense.bias`);
  // The output bias rides on the normalised tokens, so that the product can start from them instead of being added to them.
  const y = normalize(weights, config, `${prefix}attention.output.LayerNorm.`, attended, bias('output'));
  const shifted = subtract(bias('intermediate'), rowTimes(bias('output'), weight('intermediate')));
  const inner = gelu(gemm(y, weight('intermediate'), {}, shifted));
  const outer = gemm(inner, weight('output'), {}, y);
  return { ...asking, rows: normalize(weights, config, `${prefix}output.LayerNorm.`, outer) };
}

/**
 * Self-attention with its output layer. The bias of the keys shifts all scores of a token alike, which softmax does not
 * see; the bias of the values passes through the weights, which sum to 1, into the output bias. Neither needs a pass.
 */
function attention(weights: BertWeights, config: BertConfig, prefix: string, input: LayerInput): GraphValue {
  const { x, mask, asking = x, projections } = input;
  const { hidden, heads } = config;
  const size = hidden / heads;
  const weight = (name: string) => weights.matrix(`${prefix}self.${name}.weight`);
  const split = (tokens: Tokens, y: GraphValue) => unfold(tokens, y, [heads, size]);
  const query =
    projections?.query ?? gemm(asking.rows, weight('query'), {}, weights.vector(`${prefix}self.query.bias`));
  const key = split(x, projections?.key ?? matMul(x.rows, weight('key')));
  const value = split(x, projections?.value ?? matMul(x.rows, weight('value')));
  const scores = fused(
    'FusedMatMul',
    [split(asking, query), key],
    { transBatchA: 1, transBatchB: 1, transB: 1, alpha: { float: 1 / Math.sqrt(size) } },
    [x.texts, heads, asking.length, x.length],
  );
  const queries = asking === x ? mask : gatherAxis(mask, mask.graph.integers([0]), 2);
  const shared = softmax(masked(scores, queries));
  const context = fused('FusedMatMul', [shared, value], { transBatchB: 1 }, [x.texts, heads, asking.length, size]);
  const rows = reshape(transpose(context, [2, 0, 1, 3]), [asking.rows.shape[0]!, hidden]);
  const output = weights.matrix(`${prefix}output.dense.weight`);
  const own = weights.vector(`${prefix}self.value.bias`);
  const valueBias = rowTimes(projections ? add(own, projections.valueShift) : own, output);
  return gemm(rows, output, {}, add(weights.vector(`${prefix}output.dense.bias`), valueBias));
}

/** Scores plus a mask of fewer sizes. */
function masked(scores: GraphValue, mask: GraphValue): GraphValue {
  return scores.graph.node('Add', [scores, mask], { outputs: [scores] })[0]!;
}

function normalize(weights: BertWeights, config: BertConfig, prefix: string, x: GraphValue, shift?: GraphValue) {
  const bias = weights.vector(`${prefix}bias`);
  return layerNorm(x, weights.vector(`${prefix}weight`), shift ? add(bias, shift) : bias, config.epsilon);
}

// As Sum, because onnxruntime fuses Add with the normalisation after it into a plain loop: five times their time.
function residual(x: GraphValue, y: GraphValue): GraphValue {
  return x.graph.node('Sum', [x, y], { outputs: [x] })[0]!;
}

function fused(
  op: string,
  inputs: readonly GraphValue[],
  attributes: Record<string, number | { readonly float: number }>,
  shape: Shape,
): GraphValue {
  const [{ graph, type }] = inputs as [GraphValue];
  return graph.node(op, inputs, { domain: 'com.microsoft', attributes, outputs: [{ type, shape }] })[0]!;
}

/** Slices of those numbers along an axis. */
function gatherAxis(x: GraphValue, numbers: GraphValue, axis: number): GraphValue {
  const shape = x.shape.map((dim, i) => (i === axis ? numbers.shape[0]! : dim));
  return x.graph.node('Gather', [x, numbers], { attributes: { axis }, outputs: [{ type: x.type, shape }] })[0]!;
}

/** The sizes from axis `start` to before `end`, known when the graph runs. */
function sizesOf(x: GraphValue, start: number, end: number): GraphValue {
  const outputs = [{ type: 'int64' as const, shape: [end - start] }];
  return x.graph.node('Shape', [x], { attributes: { start, end }, outputs })[0]!;
}

/** Numbers of rows, those beyond the last row becoming the last. */
function atMost(numbers: GraphValue, count: GraphValue): GraphValue {
  const { graph } = numbers;
  const [last] = graph.node('Sub', [count, graph.integers([1])], { outputs: [count] });
  return graph.node('Min', [numbers, last], { outputs: [numbers] })[0]!;
}
