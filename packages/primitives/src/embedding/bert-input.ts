import {
  add,
  cast,
  concat,
  type Graph,
  type GraphValue,
  gather,
  matMul,
  multiply,
  reduceMean,
  reshape,
  subtract,
} from '../onnx/index.js';
import { type BertConfig, type BertWeights, rowTimes } from './bert-weights.js';

/** What the first layer of attention compares and mixes: length × texts × hidden each. */
export interface Projections {
  readonly query: GraphValue;
  /** Without what shifts all keys alike. */
  readonly key: GraphValue;
  /** Without `valueShift`. */
  readonly value: GraphValue;
  /** Added to every value, which attention passes on as it is. */
  readonly valueShift: GraphValue;
}

/** The part of an encoder below its first layer. */
export interface BertInput {
  /** Normalised sums of token, position and type vectors: length × texts × hidden. */
  readonly x: GraphValue;
  readonly projections: Projections;
  /** Rows for the table: fresh × (3 · hidden). */
  readonly projected: GraphValue;
}

/**
 * Token vectors and the queries, keys and values that the first layer makes of them.
 *
 * Inputs: `ids` (length × texts), `positions` (length × 1), `table` (projections of tokens from earlier runs, one after the other,
 * each 3 · hidden), `rows` (length × texts; the row of each token in it) and `fresh` (ids of tokens to be projected for later runs).
 *
 * Normalising subtracts the mean, which can be folded into the matrix, and divides by a number per token and place. So
 * W · normalised(token + position) is (W' · token + W' · position) · scale + shift: W' · token depends on the token alone and is
 * worked out once for all its places, texts and runs, W' · position when the model is loaded.
 */
export function bertInput(weights: BertWeights, config: BertConfig, graph: Graph): BertInput {
  const { hidden, epsilon } = config;
  const ids = graph.input('ids', ['length', 'texts'], 'int64');
  const positions = graph.input('positions', ['length', 1], 'int64');
  const table = weights.table('embeddings.word_embeddings.weight');
  // Rows are widened after they are read: a float16 table stays at half the memory, at no cost worth naming.
  const words = (at: GraphValue) => cast(gather(table, at), 'float32');
  const zero = graph.constant([], BigInt64Array.of(0n), 'int64');
  const type = cast(gather(weights.table('embeddings.token_type_embeddings.weight'), zero), 'float32');
  const places = add(weights.vector('embeddings.position_embeddings.weight'), reshape(type, [hidden]));
  const gain = weights.vector('embeddings.LayerNorm.weight');
  const shift = weights.vector('embeddings.LayerNorm.bias');
  const stats = { type: 'float32', shape: ['length', 'texts', 1] } as const;
  const sum = add(words(ids), gather(places, positions));
  const [x, , scale] = graph.node('LayerNormalization', [sum, gain, shift], {
    attributes: { axis: -1, epsilon: { float: epsilon } },
    outputs: [sum, stats, stats],
  }) as [GraphValue, GraphValue, GraphValue];

  const self = 'encoder.layer.0.attention.self.';
  const matrices = ['query', 'key', 'value'].map((name) => {
    const scaled = multiply(weights.matrix(`${self}${name}.weight`), reshape(gain, [hidden, 1]));
    return subtract(scaled, reduceMean(scaled, { axes: [0], keepDims: true }));
  });
  const fresh = graph.input('fresh', ['fresh'], 'int64');
  const projected = matMul(words(fresh), concat(matrices, 1));
  const thirds = reshape(graph.input('table', ['known', 3 * hidden]), ['thirds', hidden]);
  const rows = graph.input('rows', ['length', 'texts'], 'int64');
  const [query, key, value] = matrices.map((matrix, third) => {
    const row = whole('Add', whole('Mul', rows, 3), third);
    return multiply(add(gather(thirds, row), gather(matMul(places, matrix), positions)), scale);
  }) as [GraphValue, GraphValue, GraphValue];
  const shiftOf = (name: string) => rowTimes(shift, weights.matrix(`${self}${name}.weight`));
  const queryShift = add(weights.vector(`${self}query.bias`), shiftOf('query'));
  const projections = { query: add(query, queryShift), key, value, valueShift: shiftOf('value') };
  return { x, projections, projected };
}

/** Arithmetic on whole numbers. */
function whole(op: 'Add' | 'Mul', x: GraphValue, number: number): GraphValue {
  return x.graph.node(op, [x, x.graph.integers([number])], { outputs: [x] })[0]!;
}
