import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { loadTextEncoder } from '@matome/primitives/embedding';
import { createMatrix, type Matrix } from '@matome/primitives/linalg';
import { integerTensor, loadOnnxRuntime, type OnnxRuntime, type OnnxTensor } from '@matome/primitives/onnx';
import { checkInteger } from '@matome/primitives/options';
import { softmaxRows } from './temperature.js';

/** Options of `loadTransformerStudent`. */
export interface TransformerStudentOptions {
  /** Folder with config.json, tokenizer.json and, in it or in `onnx/`, model.onnx or model_quantized.onnx. */
  readonly directory: string;
  /** Shares a loaded runtime. @default a runtime of its own */
  readonly runtime?: OnnxRuntime;
  /** Tokens of a text that count, special ones included. @default 256 */
  readonly maxLength?: number;
  /** Texts of one run of the model. @default 16 */
  readonly batchSize?: number;
  /** Classes the model must know, all of them and no other. */
  readonly classes?: readonly string[];
}

/** A text classifier exported to ONNX. */
export interface TransformerStudent {
  readonly modelId: string;
  /** Class names in the order of the model's outputs. */
  readonly classes: readonly string[];
  /** Probability of every class: texts × classes, every row sums to 1. */
  predictProba(texts: readonly string[], options?: { readonly signal?: AbortSignal }): Promise<Matrix>;
  /** Lets the memory of the model go. */
  dispose(): Promise<void>;
}

interface ModelConfig {
  readonly id2label?: Readonly<Record<string, string>>;
  readonly pad_token_id?: number | null;
  readonly problem_type?: string | null;
}

/**
 * Loads a text-classification model from a folder as the Hugging Face hub lays it out.
 *
 * A folder where a file should be (what a missing bind mount leaves behind), classes without names or other classes than
 * wanted are refused at once, not at the first text.
 *
 * @throws Error with one sentence when a file is missing or does not fit; RangeError when classes differ.
 * @throws OnnxRuntimeMissingError when onnxruntime-node is not installed.
 * @remarks Memory: the weights once, and `batchSize` texts of activations.
 * @example
 * await loadTransformerStudent({ directory: '/nowhere' }).catch((error: Error) => error.message) // => 'There is no file /nowhere/config.json.'
 */
export async function loadTransformerStudent(options: TransformerStudentOptions): Promise<TransformerStudent> {
  const { directory, maxLength = 256, batchSize = 16 } = options;
  checkInteger('loadTransformerStudent', 'maxLength', maxLength, { min: 3 });
  checkInteger('loadTransformerStudent', 'batchSize', batchSize, { min: 1 });
  const configPath = join(directory, 'config.json');
  await checkFile(configPath);
  const config = parseConfig(await readFile(configPath, 'utf8'), configPath);
  const classes = classNames(config, configPath);
  if (options.classes) checkClasses(classes, options.classes, directory);
  const tokenizerPath = join(directory, 'tokenizer.json');
  await checkFile(tokenizerPath);
  const path = await findModel(directory);
  const encoder = await loadTextEncoder(tokenizerPath, maxLength);
  const runtime = options.runtime ?? (await loadOnnxRuntime());
  const session = await runtime.createSession(path);
  const names = session.inputs.map(({ name }) => name);
  const output = session.outputs.find(({ name }) => name === 'logits') ?? session.outputs[0]!;
  const unknown = names.filter((name) => !['input_ids', 'attention_mask', 'token_type_ids'].includes(name));
  if (unknown.length > 0) throw new Error(`The model ${path} wants the input ${unknown[0]}, which no text gives.`);
  const score = async (texts: readonly string[]): Promise<Float32Array> => {
    const feeds = toFeeds(
      texts.map((text) => encoder.encode(text)),
      config.pad_token_id ?? 0,
      names,
    );
    const { data, dims } = (await session.run(feeds, [output.name]))[output.name]!;
    if (dims[1] !== classes.length) {
      throw new Error(
        `The model ${path} gives ${dims[1]} scores a text, its config.json names ${classes.length} classes.`,
      );
    }
    return data as Float32Array;
  };
  return {
    modelId: basename(directory),
    classes,
    async predictProba(texts, { signal } = {}) {
      const logits = createMatrix(texts.length, classes.length);
      // Texts of like length go together, so that little is spent on padding.
      const order = texts.map((_, i) => i).sort((a, b) => texts[a]!.length - texts[b]!.length || a - b);
      for (let start = 0; start < order.length; start += batchSize) {
        signal?.throwIfAborted();
        const rows = order.slice(start, start + batchSize);
        const scores = await score(rows.map((row) => texts[row]!));
        rows.forEach((row, i) => {
          logits.data.set(scores.subarray(i * classes.length, (i + 1) * classes.length), row * classes.length);
        });
      }
      return softmaxRows(logits);
    },
    dispose: () => session.dispose(),
  };
}

/** @throws Error when there is no such file, or a folder stands in its place. */
async function checkFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new Error(`There is no file ${path}.`);
  if (!found.isFile()) throw new Error(`${path} must be a file. It is a folder.`);
}

async function findModel(directory: string): Promise<string> {
  for (const folder of ['', 'onnx']) {
    for (const name of ['model.onnx', 'model_quantized.onnx']) {
      const path = join(directory, folder, name);
      const found = await stat(path).catch(() => undefined);
      if (found?.isFile()) return path;
      if (found !== undefined) throw new Error(`${path} must be a file. It is a folder.`);
    }
  }
  throw new Error(`There is no model.onnx or model_quantized.onnx in ${directory} or its onnx folder.`);
}

function parseConfig(text: string, path: string): ModelConfig {
  try {
    return JSON.parse(text) as ModelConfig;
  } catch (cause) {
    throw new Error(`${path} is not JSON.`, { cause });
  }
}

function classNames({ id2label, problem_type: problem }: ModelConfig, path: string): string[] {
  const entries = Object.entries(id2label ?? {});
  const names = entries.map((_, i) => id2label?.[String(i)]);
  if (entries.length < 2 || names.some((name) => name === undefined)) {
    throw new Error(`${path} must name at least two classes in id2label, numbered from 0.`);
  }
  if (problem === 'regression') throw new Error(`${path} describes a regression, not a classification.`);
  return names as string[];
}

function checkClasses(found: readonly string[], wanted: readonly string[], directory: string): void {
  const missing = wanted.filter((name) => !found.includes(name));
  if (missing.length === 0 && found.length === wanted.length) return;
  throw new RangeError(
    `The model in ${directory} must know the ${wanted.length} wanted classes. It knows ${found.length} and lacks ${missing.slice(0, 3).join(', ') || 'none'}.`,
  );
}

function toFeeds(ids: readonly Int32Array[], pad: number, names: readonly string[]): Record<string, OnnxTensor> {
  const length = ids.reduce((most, one) => Math.max(most, one.length), 1);
  const dims = [ids.length, length];
  const tokens = new Array<number>(ids.length * length).fill(pad);
  const mask = new Array<number>(ids.length * length).fill(0);
  ids.forEach((one, i) => {
    one.forEach((id, j) => {
      tokens[i * length + j] = id;
      mask[i * length + j] = 1;
    });
  });
  const all: Record<string, OnnxTensor> = {
    input_ids: integerTensor(dims, tokens),
    attention_mask: integerTensor(dims, mask),
    token_type_ids: integerTensor(dims, new Array<number>(tokens.length).fill(0)),
  };
  return Object.fromEntries(names.map((name) => [name, all[name]!]));
}
