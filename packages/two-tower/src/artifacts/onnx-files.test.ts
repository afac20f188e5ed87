import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { fromBinary } from '@bufbuild/protobuf';
import type { Matrix } from '@matome/primitives/linalg';
import { loadOnnxRuntime } from '@matome/primitives/onnx';
import { createRandom } from '@matome/primitives/random';
import { type ModelProto, ModelProtoSchema, type ValueInfoProto } from 'onnx-buf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { itemFeatureRow, itemFeatureSpecs, userFeatureRow, userFeatureSpecs } from '../features/catalogue-features.js';
import { FeatureEncoder } from '../features/feature-encoder.js';
import { fitTwoTower } from '../training/fit.js';
import { exportArtifacts } from './artifact-files.js';

const newest = new Date(Date.UTC(2024, 5, 1));
const itemRows = Array.from({ length: 40 }, (_, i) =>
  itemFeatureRow(
    {
      price: 100 * i,
      duration_seconds: 60 + i * i,
      product_released_at: new Date(Date.UTC(2024, 0, 1 + i)).toISOString(),
      tags: [`t${i % 7}`, `t${i % 3}`, 'all'],
      performers: [`p${i % 5}`],
    },
    newest,
  ),
);
const userRows = Array.from({ length: 30 }, (_, u) =>
  userFeatureRow(
    {
      profile: { created_at: new Date(Date.UTC(2023, u % 12, 1)).toISOString() },
      decision_stats: {
        like_count: u,
        nope_count: u % 4,
        decision_count: u + (u % 4),
        recent_like_at: null,
        average_like_hour: u % 24,
      },
      price_stats: { mean: 10 * u, median: 9 * u },
      tags: [`t${u % 7}`, 'all'],
      performers: [`p${u % 5}`],
    },
    newest,
  ),
);
const embeddingDim = 24;
const sides = ['user', 'item'] as const;

/** A process that knows nothing but ONNX Runtime: it prints what it sees of the model and writes the vectors. */
const program = `
  import { readFile, writeFile } from 'node:fs/promises';
  import ort from 'onnxruntime-node';
  const [model, features, output, width, batch] = process.argv.slice(1);
  const session = await ort.InferenceSession.create(model);
  const [input] = session.inputMetadata;
  const file = await readFile(features);
  const values = new Float32Array(file.buffer, file.byteOffset, file.byteLength / 4);
  const parts = [];
  const rows = values.length / width;
  for (let from = 0; from < rows; from += Number(batch)) {
    const count = Math.min(rows - from, batch);
    const data = values.slice(from * width, (from + count) * width);
    const results = await session.run({ [input.name]: new ort.Tensor('float32', data, [count, Number(width)]) });
    const vectors = results[session.outputNames[0]];
    parts.push({ dims: vectors.dims, bytes: Buffer.from(vectors.data.slice().buffer) });
  }
  await writeFile(output, Buffer.concat(parts.map(({ bytes }) => bytes)));
  console.log(JSON.stringify({ input, outputs: session.outputMetadata, dims: parts.map(({ dims }) => dims) }));
`;

let folder: string;
const expected: Partial<Record<(typeof sides)[number], { features: Matrix; vectors: Matrix; bytes: Uint8Array }>> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'onnx-files-'));
  const runtime = await loadOnnxRuntime({ threads: 1 });
  const itemEncoder = FeatureEncoder.fit(itemRows, itemFeatureSpecs());
  const vocabularies = Object.fromEntries(itemEncoder.vocabularies);
  const userEncoder = FeatureEncoder.fit(userRows, userFeatureSpecs(), { vocabularies });
  const random = createRandom(3);
  const draw = (bound: number) => Array.from({ length: 200 }, () => Math.floor(random() * bound));
  const users = userEncoder.encode(userRows);
  const items = itemEncoder.encode(itemRows);
  const interactions = { userRows: draw(30), itemRows: draw(40) };
  const options = { runtime, embeddingDim, epochs: 3, user: { hidden: [32, 16] }, item: { hidden: [32, 16] } };
  const model = await fitTwoTower({ users, items, interactions }, options);
  const files = exportArtifacts({ model, userEncoder, itemEncoder }, { exportedAt: newest, newestRelease: newest });
  const bytesOf = (path: string) => files.find((file) => file.path === path)!.bytes;
  expected.user = {
    features: userEncoder.transform(userRows),
    vectors: await model.embedUsers(users),
    bytes: bytesOf('user_tower.onnx'),
  };
  expected.item = {
    features: itemEncoder.transform(itemRows),
    vectors: await model.embedItems(items),
    bytes: bytesOf('item_tower.onnx'),
  };
  await runtime.dispose();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function runElsewhere(side: (typeof sides)[number], batch: number) {
  const { features, bytes } = expected[side]!;
  const [model, input, output] = ['onnx', 'features', 'vectors'].map((end) => join(folder, `${side}_tower.${end}`));
  await writeFile(model!, bytes);
  await writeFile(input!, new Uint8Array(features.data.buffer, features.data.byteOffset, features.data.byteLength));
  const args = ['--input-type=module', '-e', program, model!, input!, output!, String(features.cols), String(batch)];
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd });
  const written = await readFile(output!);
  const vectors = new Float32Array(written.buffer, written.byteOffset, written.byteLength / 4);
  return { seen: JSON.parse(stdout) as Record<string, unknown>, vectors };
}

describe.each(sides)('the exported %s tower', (side) => {
  it.each([1, 7, 1000])('gives the vectors of the model in a process of its own, %i rows at a time', async (batch) => {
    const { features, vectors } = expected[side]!;
    const elsewhere = await runElsewhere(side, batch);
    expect(elsewhere.seen).toMatchObject({
      input: { name: `${side}_features`, isTensor: true, type: 'float32', shape: ['batch', features.cols] },
      outputs: [{ name: `${side}_embedding`, isTensor: true, type: 'float32', shape: ['batch', embeddingDim] }],
    });
    expect(elsewhere.vectors.length).toBe(vectors.data.length);
    const furthest = vectors.data.reduce((most, v, i) => Math.max(most, Math.abs(v - elsewhere.vectors[i]!)), 0);
    expect(furthest).toBeLessThan(1e-5);
  });

  it('is a well-formed model of opset 17', () => {
    const model = fromBinary(ModelProtoSchema, expected[side]!.bytes);
    expect(model.opsetImport.map(({ domain, version }) => [domain, version])).toEqual([['', 17n]]);
    expect(model.irVersion).toBe(9n);
    const graph = model.graph!;
    expect(graph.input.map(describeValue)).toEqual([
      { name: `${side}_features`, type: 1, shape: ['batch', expected[side]!.features.cols] },
    ]);
    expect(graph.output.map(describeValue)).toEqual([
      { name: `${side}_embedding`, type: 1, shape: ['batch', embeddingDim] },
    ]);
    expect(faultsOf(model)).toEqual([]);
  });
});

function describeValue({ name, type }: ValueInfoProto) {
  const tensor = type!.value.case === 'tensorType' ? type!.value.value : undefined;
  const shape = tensor?.shape?.dim.map(({ value }) => (value.case === 'dimValue' ? Number(value.value) : value.value));
  return { name, type: tensor?.elemType, shape };
}

/** What the checker of the ONNX project looks for beside types: single assignment, order, known operators, full tensors. */
function faultsOf(model: ModelProto): string[] {
  const { node, input, output, initializer } = model.graph!;
  const faults: string[] = [];
  const defined = new Set(input.map(({ name }) => name));
  for (const { name, dims, dataType, rawData } of initializer) {
    if (defined.has(name)) faults.push(`${name} is defined twice`);
    defined.add(name);
    const size = dims.reduce((product, dim) => product * Number(dim), 1);
    // 1 is float32, 7 is int64.
    if (rawData.byteLength !== size * (dataType === 7 ? 8 : 4)) faults.push(`${name} has ${rawData.byteLength} bytes`);
  }
  for (const { opType, domain, input: inputs, output: outputs } of node) {
    if (domain !== '') faults.push(`${opType} stands in the domain ${domain}`);
    for (const name of inputs) if (name !== '' && !defined.has(name)) faults.push(`${opType} reads ${name} too early`);
    for (const name of outputs) {
      if (defined.has(name)) faults.push(`${name} is defined twice`);
      defined.add(name);
    }
  }
  for (const { name } of output) if (!defined.has(name)) faults.push(`the output ${name} is never made`);
  return faults;
}
