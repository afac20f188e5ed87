import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  type Feeds,
  floatTensor,
  integerTensor,
  loadOnnxRuntime,
  type OnnxSession,
  type OnnxTensor,
} from '../onnx/index.js';
import { checkInteger, checkOneOf } from '../options/index.js';
import { type BertCheckpoint, buildBertModel } from './bert-graph.js';
import { type BertConfig, parseBertConfig, type WeightStorage } from './bert-weights.js';
import type { LoadedEmbedder } from './embedder.js';
import { hashFile } from './hash-file.js';
import { type TransformerOptions, tokensPerThread } from './onnx-embedder.js';
import { listSafetensors } from './safetensors.js';
import { SharedFiles } from './shared-files.js';
import { loadTextEncoder } from './text-encoder.js';
import { TokenProjections } from './token-projections.js';
import { createTransformerEmbedder, type TokenBatch } from './transformer-embedder.js';

/** Options of `createCheckpointEmbedder`. */
export interface CheckpointEmbedderOptions extends TransformerOptions {
  /** Folder with config.json, tokenizer.json and the weights. */
  readonly directory: string;
  /** File name of the weights. @default 'model.safetensors' */
  readonly weights?: string;
  /** SHA-256 in hex that the weights must have. @default not checked */
  readonly sha256?: string;
  /** `'float16'` halves the memory of the token table and rounds float32 weights to float16. @default 'float32' */
  readonly storage?: WeightStorage;
  /** @default 'mean' */
  readonly pooling?: 'mean' | 'cls';
}

/**
 * Loads a safetensors checkpoint of the BERT family (BERT, RoBERTa, XLM-RoBERTa) without an export step: the encoder is
 * written as an ONNX graph of our own.
 *
 * `embedTokens` gives the vectors of the middle layer (the third of MiniLM's six) and leaves the layers above it out: what a word
 * does in its sentence stands there more plainly than at the top, for half the time.
 *
 * Texts of similar length share a run; a vector does not depend on the texts beside it but for the last bit.
 *
 * @throws Error with one sentence when a file is missing, truncated, of another family, or has another hash.
 * @throws OnnxRuntimeMissingError when onnxruntime-node is not installed.
 * @remarks The weights are read by onnxruntime and never pass through JavaScript.
 * @example
 * const load = (directory: string) => createCheckpointEmbedder({ directory });
 * await load('/nowhere').catch((error: Error) => error.message) // => 'There is no config.json in /nowhere.'
 */
export async function createCheckpointEmbedder(options: CheckpointEmbedderOptions): Promise<LoadedEmbedder> {
  const { directory, storage = 'float32', pooling = 'mean' } = options;
  checkOneOf('createCheckpointEmbedder', 'storage', storage, ['float32', 'float16']);
  checkOneOf('createCheckpointEmbedder', 'pooling', pooling, ['mean', 'cls']);
  checkInteger('createCheckpointEmbedder', 'maxBatchTokens', options.maxBatchTokens ?? 1, { min: 1 });
  const config = parseBertConfig(directory, await readConfig(directory));
  const maxLength = checkInteger(
    'createCheckpointEmbedder',
    'maxLength',
    options.maxLength ?? Math.min(256, config.maxPositions),
    { min: 1, max: config.maxPositions },
  );
  const checkpoint = await loadCheckpoint(options, config, { storage, pooling });
  const encoder = await loadTextEncoder(join(directory, 'tokenizer.json'), maxLength);
  const runtime = options.runtime ?? (await loadOnnxRuntime({ threads: options.threads }));
  const key = [checkpoint.digest, storage, pooling].join(' ');
  // The same weights under another config.json are another model.
  const lease = await runtime.acquire(`${key} ${JSON.stringify(config)}`, async () => checkpoint.model, {
    externalDataFolder: dirname(checkpoint.path),
  });
  const runs = new BertRuns(lease.session, config);
  const modelId = options.modelId ?? basename(directory);
  const identity = `${key} ${encoder.digest} ${maxLength}`;
  return createTransformerEmbedder({
    modelId,
    dimensions: config.hidden,
    fingerprint: `${modelId}-${createHash('sha256').update(identity).digest('hex').slice(0, 16)}`,
    encoder,
    batching: 'padded',
    maxBatchTokens: options.maxBatchTokens ?? tokensPerThread * runtime.threads,
    run: (batch) => runs.run(batch, 'vectors'),
    runTokens: (batch) => runs.run(batch, 'tokens'),
    async dispose() {
      runs.clear();
      await lease.release();
    },
  });
}

/** A checkpoint without its weights, which stay in the file. */
interface Checkpoint {
  /** Path of the weights. */
  readonly path: string;
  /** SHA-256 of the weights in hex. */
  readonly digest: string;
  /** The encoder as an ONNX model. */
  readonly model: Uint8Array;
}

const checkpoints = new SharedFiles<Checkpoint>();

async function loadCheckpoint(
  { directory, weights = 'model.safetensors', sha256 }: CheckpointEmbedderOptions,
  config: BertConfig,
  form: Pick<BertCheckpoint, 'storage' | 'pooling'>,
): Promise<Checkpoint> {
  const path = join(directory, weights);
  const name = [form.storage, form.pooling, sha256].join(' ');
  return checkpoints.get(name, [join(directory, 'config.json'), path], async () => {
    const digest = await checkedDigest(path, sha256);
    const tensors = await listSafetensors(path);
    return { path, digest, model: buildBertModel({ config, path, tensors, ...form }) };
  });
}

async function checkedDigest(path: string, expected: string | undefined): Promise<string> {
  const digest = await hashFile(path).catch((cause: unknown) => {
    throw new Error(`There are no weights at ${path}.`, { cause });
  });
  if (expected !== undefined && digest !== expected) {
    throw new Error(`The weights ${path} are truncated or changed: their SHA-256 is ${digest}, not ${expected}.`);
  }
  return digest;
}

/** The runs of a checkpoint; tokens whose projections are known skip a twenty-fourth of the products of MiniLM. */
class BertRuns {
  private readonly projections: TokenProjections;
  private readonly width: number;

  constructor(
    private readonly session: OnnxSession,
    private readonly config: BertConfig,
  ) {
    this.width = 3 * config.hidden;
    this.projections = new TokenProjections(this.width, (ids) => this.project(ids));
  }

  async run(batch: TokenBatch, wanted: 'vectors' | 'tokens'): Promise<Float32Array> {
    const ids = byPlace(batch);
    return this.projections.use(ids, async (table, rows) => {
      const feeds = this.feeds(batch, ids, { table, rows, pooled: wanted === 'vectors' });
      return (await this.session.run(feeds, [wanted]))[wanted]!.data as Float32Array;
    });
  }

  /** Lets go what was kept from run to run, which an embedder that is disposed of may outlive. */
  clear(): void {
    this.projections.clear();
  }

  /** A run without texts. */
  private async project(fresh: Int32Array): Promise<Float32Array> {
    const none = new Int32Array(0);
    const batch = { ids: none, lengths: none, length: 1 };
    const feeds = this.feeds(batch, none, { table: new Float32Array(0), rows: none, pooled: false });
    const results = await this.session.run({ ...feeds, fresh: integerTensor([fresh.length], fresh) }, ['projected']);
    return results.projected!.data as Float32Array;
  }

  private feeds(
    batch: TokenBatch,
    ids: Int32Array,
    { table, rows, pooled }: { table: Float32Array; rows: Int32Array; pooled: boolean },
  ): Feeds {
    const { lengths, length } = batch;
    const texts = lengths.length;
    const shares = new Float32Array(ids.length);
    for (let i = 0; i < texts; i++) {
      for (let t = 0; t < lengths[i]!; t++) shares[t * texts + i] = 1 / lengths[i]!;
    }
    const positions = Int32Array.from({ length }, (_, t) => this.config.firstPosition + t);
    return {
      ids: integerTensor([length, texts], ids),
      positions: integerTensor([length, 1], positions),
      table: floatTensor([table.length / this.width, this.width], table),
      rows: integerTensor([length, texts], rows),
      fresh: integerTensor([0], []),
      mask: maskOf(batch),
      pooled: integerTensor(pooled ? [texts] : [0], pooled ? [...lengths.keys()] : []),
      shares: floatTensor([length, texts, 1], shares),
    };
  }
}

/** length × texts ids, 0 where a text has ended. */
function byPlace({ ids, lengths, length }: TokenBatch): Int32Array {
  const texts = lengths.length;
  const turned = new Int32Array(ids.length);
  for (let i = 0; i < texts; i++) {
    for (let t = 0; t < lengths[i]!; t++) turned[t * texts + i] = ids[i * length + t]!;
  }
  return turned;
}

/** Keeps padding out of attention: one plane a text, as a whole run of numbers is added faster than row by row. */
function maskOf({ ids, lengths, length }: TokenBatch): OnnxTensor {
  if (lengths.every((own) => own === length)) return floatTensor([1, 1, 1, 1], new Float32Array(1));
  const mask = new Float32Array(ids.length * length);
  for (let row = 0; row < ids.length; row++) {
    const own = lengths[Math.floor(row / length)]!;
    mask.fill(-1e9, row * length + own, (row + 1) * length);
  }
  return floatTensor([lengths.length, 1, length, length], mask);
}

async function readConfig(directory: string): Promise<Record<string, unknown>> {
  const path = join(directory, 'config.json');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new Error(`There is no config.json in ${directory}.`, { cause });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${path} is not JSON.`, { cause });
  }
  if (typeof json !== 'object' || json === null) throw new Error(`${path} does not describe a model.`);
  return json as Record<string, unknown>;
}
