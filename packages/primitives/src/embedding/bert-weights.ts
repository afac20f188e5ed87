import { basename } from 'node:path';
import { cast, type Graph, type GraphValue, matMul, reshape, type TensorType, transpose } from '../onnx/index.js';
import type { StoredTensor } from './safetensors.js';

/** Sizes of a BERT encoder. */
export interface BertConfig {
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  readonly epsilon: number;
  /** Row of the position table that the first token reads. */
  readonly firstPosition: number;
  /** Positions a text can use. */
  readonly maxPositions: number;
}

/** How the tables of token and position vectors are held in memory. */
export type WeightStorage = 'float32' | 'float16';

const families = ['bert', 'roberta', 'xlm-roberta', 'camembert'];
const weightTypes: Readonly<Record<string, TensorType>> = { F32: 'float32', F16: 'float16' };

/**
 * Reads the sizes from config.json.
 *
 * @throws Error with one sentence for a model that is not of the BERT family or uses another activation.
 */
export function parseBertConfig(path: string, json: Readonly<Record<string, unknown>>): BertConfig {
  const family = String(json.model_type);
  if (!families.includes(family)) {
    throw new Error(`The checkpoint ${path} must be one of ${families.join(', ')}. Its config.json says ${family}.`);
  }
  const act = json.hidden_act ?? 'gelu';
  if (act !== 'gelu') {
    throw new Error(`The checkpoint ${path} must use the activation gelu. Its config.json says ${act}.`);
  }
  if ((json.position_embedding_type ?? 'absolute') !== 'absolute') {
    throw new Error(`The checkpoint ${path} must use absolute positions.`);
  }
  const size = (name: string): number => {
    const value = json[name];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 1) {
      throw new Error(`The config.json of ${path} must hold a positive integer ${name}. Got ${value}.`);
    }
    return value;
  };
  // RoBERTa counts positions from the padding id plus one.
  const firstPosition = family === 'bert' ? 0 : Number(json.pad_token_id ?? 1) + 1;
  const [hidden, heads] = [size('hidden_size'), size('num_attention_heads')];
  if (hidden % heads !== 0) {
    throw new Error(
      `The hidden_size of ${path} must be a multiple of its num_attention_heads. Got ${hidden} and ${heads}.`,
    );
  }
  const epsilon = json.layer_norm_eps ?? 1e-12;
  if (typeof epsilon !== 'number') {
    throw new Error(`The config.json of ${path} must hold a number layer_norm_eps. Got ${epsilon}.`);
  }
  return {
    hidden,
    layers: size('num_hidden_layers'),
    heads,
    epsilon,
    firstPosition,
    maxPositions: size('max_position_embeddings') - firstPosition,
  };
}

/**
 * The weights of a checkpoint as constants of a graph. The runtime reads them out of the safetensors file itself and
 * folds casts and transpositions when it loads the model, so they never pass through JavaScript.
 */
export class BertWeights {
  private readonly prefix: string;
  private readonly known = new Map<string, GraphValue>();

  /** @throws Error if the checkpoint has no word embeddings. */
  constructor(
    private readonly graph: Graph,
    private readonly path: string,
    private readonly tensors: ReadonlyMap<string, StoredTensor>,
    private readonly storage: WeightStorage,
  ) {
    const mark = 'embeddings.word_embeddings.weight';
    const name = [...tensors.keys()].find((key) => key.endsWith(mark));
    if (name === undefined) throw new Error(`The checkpoint ${path} has no tensor ${mark}.`);
    this.prefix = name.slice(0, -mark.length);
  }

  /** A table, in float16 where it is stored or wanted so. */
  table(name: string): GraphValue {
    const value = this.stored(name);
    return this.storage === 'float16' ? cast(value, 'float16') : value;
  }

  /** A vector in float32. */
  vector(name: string): GraphValue {
    return cast(this.stored(name), 'float32');
  }

  /** A dense layer's weights, transposed to input × output. */
  matrix(name: string): GraphValue {
    return transpose(cast(this.stored(name), 'float32'));
  }

  private stored(name: string): GraphValue {
    const value = this.known.get(name) ?? this.read(name);
    this.known.set(name, value);
    return value;
  }

  private read(name: string): GraphValue {
    const tensor = this.tensors.get(this.prefix + name);
    if (!tensor) throw new Error(`The checkpoint ${this.path} has no tensor ${this.prefix}${name}.`);
    const type = weightTypes[tensor.type];
    if (!type) {
      throw new Error(`The tensor ${this.prefix}${name} of ${this.path} must be F32 or F16. It is ${tensor.type}.`);
    }
    const { offset, sizeBytes, shape } = tensor;
    return this.graph.externalConstant(shape, type, { location: basename(this.path), offset, sizeBytes });
  }
}

/** Row vector times matrix, folded when the model is loaded. */
export function rowTimes(row: GraphValue, matrix: GraphValue): GraphValue {
  const size = row.shape[0]!;
  return reshape(matMul(reshape(row, [1, size]), matrix), [matrix.shape[1]!]);
}
