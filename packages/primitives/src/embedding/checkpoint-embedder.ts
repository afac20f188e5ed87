import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { floatTensor, integerTensor, loadOnnxRuntime, type OnnxSession } from '../onnx/index.js';
import { checkInteger, checkOneOf } from '../options/index.js';
import { type BertCheckpoint, buildBertModel } from './bert-graph.js';
import { type BertConfig, parseBertConfig, type WeightStorage } from './bert-weights.js';
import type { LoadedEmbedder } from './embedder.js';
import { hashFile } from './hash-file.js';
import { type TransformerOptions, tokensPerThread } from './onnx-embedder.js';
import { listSafetensors } from './safetensors.js';
import { SharedFiles } from './shared-files.js';
import { loadTextEncoder } from './text-encoder.js';
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
  const modelId = options.modelId ?? basename(directory);
  const identity = `${key} ${encoder.digest} ${maxLength}`;
  return createTransformerEmbedder({
    modelId,
    dimensions: config.hidden,
    fingerprint: `${modelId}-${createHash('sha256').update(identity).digest('hex').slice(0, 16)}`,
    encoder,
    batching: 'padded',
    maxBatchTokens: options.maxBatchTokens ?? tokensPerThread * runtime.threads,
    run: (batch) => runBatch(lease.session, config.firstPosition, batch, 'vectors'),
    runTokens: (batch) => runBatch(lease.session, config.firstPosition, batch, 'tokens'),
    dispose: lease.release,
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

async function runBatch(
  session: OnnxSession,
  firstPosition: number,
  { ids, lengths, length }: TokenBatch,
  wanted: 'vectors' | 'tokens',
): Promise<Float32Array> {
  const texts = lengths.length;
  const [turned, shares] = [new Int32Array(ids.length), new Float32Array(ids.length)];
  const mask = new Float32Array(ids.length);
  for (let i = 0; i < texts; i++) {
    mask.fill(-1e9, i * length + lengths[i]!, (i + 1) * length);
    for (let t = 0; t < lengths[i]!; t++) {
      turned[t * texts + i] = ids[i * length + t]!;
      shares[t * texts + i] = 1 / lengths[i]!;
    }
  }
  const positions = Int32Array.from({ length }, (_, t) => firstPosition + t);
  const pooled = wanted === 'vectors' ? texts : 0;
  const feeds = {
    ids: integerTensor([length, texts], turned),
    positions: integerTensor([length, 1], positions),
    mask: floatTensor([texts, 1, 1, length], mask),
    pooled: integerTensor(
      [pooled],
      Int32Array.from({ length: pooled }, (_, i) => i),
    ),
    shares: floatTensor([length, texts, 1], shares),
  };
  return (await session.run(feeds, [wanted]))[wanted]!.data as Float32Array;
}

async function readConfig(directory: string): Promise<Record<string, unknown>> {
  const path = join(directory, 'config.json');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new Error(`There is no config.json in ${directory}.`, { cause });
  }
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    throw new Error(`${path} is not JSON.`, { cause });
  }
}
