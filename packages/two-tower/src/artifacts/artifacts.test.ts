import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { matrixFromRows, row } from '@matome/primitives/linalg';
import { floatTensor, integerTensor, loadOnnxRuntime, type OnnxRuntime } from '@matome/primitives/onnx';
import { createRandom } from '@matome/primitives/random';
import { beforeAll, describe, expect, it } from 'vitest';
import { collaborativeData } from '../data/collaborative-data.js';
import { interactionMatrix } from '../data/interactions.js';
import { itemFeatureRow, itemFeatureSpecs, userFeatureRow, userFeatureSpecs } from '../features/catalogue-features.js';
import { FeatureEncoder } from '../features/feature-encoder.js';
import type { TwoTowerModel } from '../model/two-tower-model.js';
import { fitTwoTower } from '../training/fit.js';
import { type ArtifactFile, exportArtifacts, jsonFile } from './artifact-files.js';
import { directorySource, urlSource } from './artifact-sources.js';
import { type ArtifactStore, createMemoryArtifactStore, sourceBelow } from './artifact-store.js';
import { readEmbeddingsParquet, writeEmbeddingsParquet } from './embeddings-parquet.js';
import { encodeTowerOnnx } from './export-onnx.js';
import { catalogueScore, ItemIndex, rerank } from './item-index.js';
import { createUserTowerCache, loadUserTower } from './load-user-tower.js';
import { buildManifest, manifestEntry, readManifest, verifyFile } from './manifest.js';
import { activateRelease, currentRelease, listReleases, publishRelease } from './publish.js';

const newest = new Date(Date.UTC(2024, 5, 1));
const itemRows = Array.from({ length: 12 }, (_, i) =>
  itemFeatureRow(
    {
      price: 100 * i,
      duration_seconds: 60 + i,
      product_released_at: new Date(Date.UTC(2024, 4, 1 + i)).toISOString(),
      tags: [`t${i % 3}`, 'all'],
      performers: [`p${i % 4}`],
    },
    newest,
  ),
);
const payload = (u: number) => ({
  profile: { created_at: '2024-01-01T00:00:00Z' },
  decision_stats: {
    like_count: u,
    nope_count: 1,
    decision_count: u + 1,
    recent_like_at: null,
    average_like_hour: u % 24,
  },
  price_stats: { mean: 10 * u, median: 9 * u },
  tags: [`t${u % 3}`],
  performers: [`p${u % 4}`],
});
const userRows = Array.from({ length: 9 }, (_, u) => userFeatureRow(payload(u), newest));

let runtime: OnnxRuntime;
let model: TwoTowerModel;
let userEncoder: FeatureEncoder;
let itemEncoder: FeatureEncoder;
let files: ArtifactFile[];
beforeAll(async () => {
  runtime = await loadOnnxRuntime({ threads: 1 });
  itemEncoder = FeatureEncoder.fit(itemRows, itemFeatureSpecs());
  const vocabularies = Object.fromEntries(itemEncoder.vocabularies);
  userEncoder = FeatureEncoder.fit(userRows, userFeatureSpecs(), { vocabularies });
  const random = createRandom(1);
  const pairs = Array.from({ length: 60 }, () => [Math.floor(random() * 9), Math.floor(random() * 12)] as const);
  model = await fitTwoTower(
    {
      users: userEncoder.encode(userRows),
      items: itemEncoder.encode(itemRows),
      interactions: { userRows: pairs.map(([u]) => u), itemRows: pairs.map(([, i]) => i) },
    },
    { runtime, embeddingDim: 6, epochs: 2, user: { hidden: [10, 8] }, item: { hidden: [10, 8] } },
  );
  files = exportArtifacts(
    { model, userEncoder, itemEncoder },
    { exportedAt: newest, config: { seed: 42 }, newestRelease: newest },
  );
});

const json = (path: string) => JSON.parse(new TextDecoder().decode(files.find((file) => file.path === path)!.bytes));
const release = (version: string, changed = files) =>
  buildManifest(changed.map(manifestEntry), { version, generatedAt: new Date(0), modelMeta: json('model_meta.json') });

async function published(version = 'v1', store: ArtifactStore = createMemoryArtifactStore()): Promise<ArtifactStore> {
  await publishRelease(store, files, release(version));
  return store;
}

/** A store that cannot switch folders at once, as object stores over HTTP. */
function flatStore(): ArtifactStore {
  const { link: _, ...store } = createMemoryArtifactStore();
  return store;
}

describe('encodeTowerOnnx', () => {
  it('gives the vectors of the model from one matrix of features', async () => {
    for (const [side, encoder, rows] of [
      ['user', userEncoder, userRows],
      ['item', itemEncoder, itemRows],
    ] as const) {
      const bytes = encodeTowerOnnx(model.parts, side, { segments: encoder.schema.segments });
      const session = await runtime.createSession(bytes);
      expect(session.inputs).toEqual([
        { name: `${side}_features`, type: 'float32', shape: ['batch', encoder.schema.width] },
      ]);
      expect(session.outputs).toEqual([{ name: `${side}_embedding`, type: 'float32', shape: ['batch', 6] }]);
      const features = encoder.transform(rows);
      const result = await session.run({
        [`${side}_features`]: floatTensor([rows.length, features.cols], features.data),
      });
      const expected = await (side === 'user'
        ? model.embedUsers(encoder.encode(rows))
        : model.embedItems(encoder.encode(rows)));
      (result[`${side}_embedding`]!.data as Float32Array).forEach((value, i) => {
        expect(Math.abs(value - expected.data[i]!)).toBeLessThan(1e-5);
      });
    }
  });

  it('asks for opset 17 only', () => {
    const text = new TextDecoder('latin1').decode(encodeTowerOnnx(model.parts, 'user'));
    // opset_import: field 8, a message of an empty domain (which may be left out) and version = 17.
    expect(text.match(/\x42(\x02|\x04\x0a\x00)\x10./gs)?.map((found) => found.charCodeAt(found.length - 1))).toEqual([
      17,
    ]);
  });

  it('takes ids and histories as lists where asked', async () => {
    const train = interactionMatrix({ userRows: [0, 0, 1, 1, 1], itemRows: [0, 1, 1, 2, 3] }, 2, 4);
    const data = collaborativeData(train);
    const small = await fitTwoTower(data, {
      runtime,
      embeddingDim: 4,
      epochs: 1,
      user: { hidden: [] },
      item: { hidden: [] },
    });
    const bytes = encodeTowerOnnx(small.parts, 'user', { lists: ['id', 'history'] });
    const session = await runtime.createSession(bytes);
    expect(session.inputs.map(({ name }) => name).sort()).toEqual([
      'history_ids',
      'history_weights',
      'id_ids',
      'id_weights',
    ]);
    const weight = 1 / Math.sqrt(3);
    const result = await session.run({
      id_ids: integerTensor([2, 1], [1, 0]),
      id_weights: floatTensor([2, 1], new Float32Array([1, 1])),
      history_ids: integerTensor([2, 3], [1, 2, 3, 0, 1, 0]),
      history_weights: floatTensor([2, 3], new Float32Array([weight, weight, weight, Math.SQRT1_2, Math.SQRT1_2, 0])),
    });
    const expected = await small.embedUsers(data.users);
    const got = result.user_embedding!.data as Float32Array;
    expect([...got.subarray(0, 4)].map((v) => v.toFixed(5))).toEqual([...row(expected, 1)].map((v) => v.toFixed(5)));
    expect([...got.subarray(4)].map((v) => v.toFixed(5))).toEqual([...row(expected, 0)].map((v) => v.toFixed(5)));
    expect(() => encodeTowerOnnx(small.parts, 'user', { lists: ['x'] })).toThrow('names no bag "x"');
  });

  it('refuses segments of another layout', () => {
    const segments = itemEncoder.schema.segments;
    expect(() => encodeTowerOnnx(model.parts, 'user', { segments })).toThrow(/encodeTowerOnnx/);
  });
});

describe('exportArtifacts', () => {
  it('writes the files and shapes that serving processes know', () => {
    expect(files.map(({ path }) => path)).toEqual([
      'feature_schema.json',
      'item_feature_schema.json',
      'item_tower.onnx',
      'model_meta.json',
      'normalizer.json',
      'user_tower.onnx',
      'vocab_actress.json',
      'vocab_tag.json',
    ]);
    const schema = json('feature_schema.json');
    expect(schema).toMatchObject({ version: 'v2', input_name: 'user_features', input_dim: 17, embedding_dim: 6 });
    expect(schema.segments).toMatchObject([
      { name: 'numeric', size: 8, type: 'standard_score', features: expect.arrayContaining(['like_ratio']) },
      { name: 'hour_of_day', size: 1, type: 'scaled_bucket', range: [0, 1] },
      { name: 'tag_vector', size: 4, type: 'l2_normalized_bow' },
      { name: 'actress_vector', size: 4, type: 'l2_normalized_bow' },
    ]);
    expect(json('vocab_tag.json')).toEqual({ tokens: ['all', 't0', 't1', 't2'] });
    expect(Object.keys(json('normalizer.json').user_numeric)).toHaveLength(8);
    expect(json('normalizer.json').item_numeric.price).toEqual({ mean: 550, std: expect.any(Number) });
    expect(json('model_meta.json')).toMatchObject({
      exported_at: '2024-06-01T00:00:00.000Z',
      embedding_dim: 6,
      user_feature_dim: 17,
      item_feature_dim: 11,
      tag_vocab_size: 4,
      actress_vocab_size: 4,
      config: { seed: 42 },
    });
  });

  it('gives the same bytes again', () => {
    const again = exportArtifacts(
      { model, userEncoder, itemEncoder },
      { exportedAt: newest, config: { seed: 42 }, newestRelease: newest },
    );
    expect(again).toEqual(files);
  });
});

describe('buildManifest', () => {
  it('sorts by path and never lists itself', () => {
    const entries = ['b', 'manifest.json', 'a'].map((path) => manifestEntry({ path, bytes: new Uint8Array(1) }));
    const manifest = buildManifest(entries, { version: 'v1', generatedAt: new Date(0), commitSha: 'abc' });
    expect(manifest.files.map(({ path }) => path)).toEqual(['a', 'b']);
    expect(manifest).toMatchObject({
      model_version: 'v1',
      generated_at: '1970-01-01T00:00:00.000Z',
      commit_sha: 'abc',
    });
    expect(manifest).not.toHaveProperty('model_meta');
    expect(readManifest(JSON.parse(JSON.stringify(manifest)))).toEqual(manifest);
  });

  it('refuses no files, repeated and leaving paths and versions that are no names', () => {
    const entry = manifestEntry({ path: 'a', bytes: new Uint8Array(1) });
    const build = (entries = [entry], version = 'v1') => buildManifest(entries, { version, generatedAt: new Date(0) });
    expect(() => build([])).toThrow('must not be none');
    expect(() => build([entry, entry])).toThrow('hold a twice');
    expect(() => build([{ ...entry, path: '../a' }])).toThrow('"../a" of buildManifest leaves its folder');
    for (const version of ['', '.', '../x', 'a/b', 'current', 'v 1'])
      expect(() => build([entry], version)).toThrow('The version option');
  });

  it('notices every changed byte', () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const entry = manifestEntry({ path: 'a', bytes });
    for (let i = 0; i < 3; i++) {
      const changed = bytes.slice();
      changed[i]! ^= 1;
      expect(() => verifyFile(entry, changed)).toThrow(expect.objectContaining({ code: 'CHECKSUM_MISMATCH' }));
    }
    expect(() => verifyFile(entry, bytes.slice(1))).toThrow('must have 3 bytes. Got 2.');
  });
});

describe('publishRelease', () => {
  it.each([
    ['with folders that can be switched', createMemoryArtifactStore],
    ['over HTTP', flatStore],
  ])('puts the version first and current last, %s', async (_, create) => {
    const store = create();
    expect(await currentRelease(store)).toBeUndefined();
    await published('v1', store);
    await published('v2', store);
    expect((await currentRelease(store))!.model_version).toBe('v2');
    expect(await listReleases(store)).toEqual(['v1', 'v2']);
    expect(await store.read('two-tower/v3/current/user_tower.onnx')).toEqual(
      files.find((f) => f.path === 'user_tower.onnx')!.bytes,
    );
    await activateRelease(store, 'v1');
    expect((await currentRelease(store))!.model_version).toBe('v1');
    const tower = await loadUserTower(sourceBelow(store, 'two-tower/v3/current'), { runtime });
    expect(tower.modelVersion).toBe('v1');
    await tower.dispose();
  });

  it.each([
    ['with folders that can be switched', createMemoryArtifactStore],
    ['over HTTP', flatStore],
  ])('killed at any write leaves current complete, %s', async (_, create) => {
    const other = files.map((file) =>
      file.path === 'model_meta.json' ? jsonFile(file.path, { ...json(file.path), config: 'other' }) : file,
    );
    for (let allowed = 0; ; allowed++) {
      const store = create();
      await published('v1', store);
      let writes = 0;
      const count = () => {
        if (writes++ >= allowed) throw new Error('killed');
      };
      const dying: ArtifactStore = {
        ...store,
        write: async (path, bytes) => {
          count();
          await store.write(path, bytes);
        },
        ...(store.link && {
          link: async (path, target) => {
            count();
            await store.link!(path, target);
          },
        }),
      };
      const outcome = await publishRelease(dying, other, release('v2', other)).then(
        () => 'done',
        (error: Error) => error.message,
      );
      const source = sourceBelow(store, 'two-tower/v3/current');
      const tower = await loadUserTower(source, { runtime });
      expect(tower.modelVersion).toBe(outcome === 'done' ? 'v2' : 'v1');
      expect(tower.meta.config).toEqual(outcome === 'done' ? 'other' : { seed: 42 });
      await tower.dispose();
      // Running again finishes what was begun.
      await publishRelease(store, other, release('v2', other));
      expect((await currentRelease(store))!.model_version).toBe('v2');
      if (outcome === 'done') break;
    }
  });

  it('refuses to change a published version and files that do not fit', async () => {
    const store = await published();
    const other = files.map((file) => (file.path === 'model_meta.json' ? jsonFile(file.path, {}) : file));
    await expect(publishRelease(store, other, release('v1', other))).rejects.toThrow(
      'is published already with other content',
    );
    await expect(publishRelease(store, files.slice(1), release('v9'))).rejects.toThrow(
      'feature_schema.json of the manifest was not given',
    );
    await expect(publishRelease(store, other, release('v9'))).rejects.toThrow(
      expect.objectContaining({ code: 'CHECKSUM_MISMATCH' }),
    );
    await expect(activateRelease(store, 'v7')).rejects.toThrow('v7/manifest.json is missing');
  });

  it('notices a store that changes what it is given', async () => {
    const store = createMemoryArtifactStore();
    const lossy: ArtifactStore = { ...store, write: (path, bytes) => store.write(path, bytes.slice(0, -1)) };
    await expect(publishRelease(lossy, files, release('v1'))).rejects.toThrow(
      expect.objectContaining({ code: 'CHECKSUM_MISMATCH' }),
    );
    expect(await currentRelease(store)).toBeUndefined();
  });
});

describe('loadUserTower', () => {
  const at = new Date(Date.UTC(2024, 5, 2));

  it('gives the vectors of the model that was exported', async () => {
    const tower = await loadUserTower(sourceBelow(await published(), 'two-tower/v3/v1'), {
      runtime,
      expectedSchema: userEncoder.schema,
    });
    const served = await tower.embedUser(payload(4), at);
    const expected = await model.embedUsers(userEncoder.encode([userFeatureRow(payload(4), at)]));
    served.forEach((value, i) => {
      expect(Math.abs(value - expected.data[i]!)).toBeLessThan(1e-5);
    });
    expect((await tower.embedRows([])).rows).toBe(0);
    await tower.dispose();
  });

  it('refuses a changed byte in any file, and a missing file', async () => {
    const store = await published('v1', flatStore());
    for (const { path, bytes } of files.filter((file) => !file.path.startsWith('item_'))) {
      const changed = bytes.slice();
      changed[changed.length >> 1]! ^= 1;
      await store.write(`two-tower/v3/v1/${path}`, changed);
      await expect(loadUserTower(sourceBelow(store, 'two-tower/v3/current'), { runtime })).rejects.toThrow(
        expect.objectContaining({ code: 'CHECKSUM_MISMATCH', message: expect.stringContaining(path) }),
      );
      await store.write(`two-tower/v3/v1/${path}`, bytes);
    }
    await expect(loadUserTower(sourceBelow(store, 'nowhere'), { runtime })).rejects.toThrow(
      'The artefact manifest.json is missing.',
    );
  });

  it.each<[string, string, (content: Record<string, unknown>) => unknown, string]>([
    ['another schema version', 'feature_schema.json', (c) => ({ ...c, version: 'v3' }), 'UNSUPPORTED_VERSION'],
    ['another vocabulary', 'vocab_tag.json', () => ({ tokens: ['all', 't0', 't1', 'tX'] }), 'SCHEMA_MISMATCH'],
    ['a shorter vocabulary', 'vocab_tag.json', () => ({ tokens: ['all'] }), 'SCHEMA_MISMATCH'],
    ['a normaliser without a feature', 'normalizer.json', () => ({ user_numeric: {} }), 'MALFORMED'],
    ['a description of another width', 'model_meta.json', (c) => ({ ...c, user_feature_dim: 5 }), 'SCHEMA_MISMATCH'],
    ['another input name', 'feature_schema.json', (c) => ({ ...c, input_name: 'x' }), 'SCHEMA_MISMATCH'],
    ['vectors of another length', 'feature_schema.json', (c) => ({ ...c, embedding_dim: 7 }), 'SCHEMA_MISMATCH'],
  ])('refuses %s, even when the manifest fits', async (_, path, change, code) => {
    const changed = files.map((file) => (file.path === path ? jsonFile(path, change(json(path))) : file));
    const store = createMemoryArtifactStore();
    await publishRelease(store, changed, release('v1', changed));
    await expect(loadUserTower(sourceBelow(store, 'two-tower/v3/v1'), { runtime })).rejects.toThrow(
      expect.objectContaining({ code }),
    );
  });

  it('refuses features that the application makes in another way', async () => {
    const source = sourceBelow(await published(), 'two-tower/v3/v1');
    await expect(loadUserTower(source, { runtime, expectedSchema: itemEncoder.schema })).rejects.toThrow(
      expect.objectContaining({ code: 'SCHEMA_MISMATCH' }),
    );
  });

  it('reads the files of the Python pipeline, which say less', async () => {
    const bare = (path: string) => {
      const schema = json(path);
      return {
        ...schema,
        segments: schema.segments.map(({ name, size, type, features, range }: Record<string, unknown>) => ({
          name,
          size,
          type,
          features,
          range,
        })),
      };
    };
    const changed = files.map((file) =>
      file.path === 'feature_schema.json' ? jsonFile(file.path, bare(file.path)) : file,
    );
    const store = createMemoryArtifactStore();
    await publishRelease(store, changed, release('v1', changed));
    const tower = await loadUserTower(sourceBelow(store, 'two-tower/v3/v1'), { runtime });
    expect((await tower.embedRows(userRows)).data).toEqual(
      (await (await loadUserTower(sourceBelow(await published(), 'two-tower/v3/v1'), { runtime })).embedRows(userRows))
        .data,
    );
  });

  it('reads over HTTP and from a folder', async () => {
    const store = await published('v1', flatStore());
    const asked: string[] = [];
    const fetch = async (input: unknown) => {
      asked.push(String(input));
      const bytes = await store.read(String(input).replace('https://example.org/', ''));
      return new Response(bytes ? Buffer.from(bytes) : null, { status: bytes ? 200 : 404 });
    };
    const source = urlSource('https://example.org/two-tower/v3/current', { fetch: fetch as typeof globalThis.fetch });
    const tower = await loadUserTower(source, { runtime });
    expect(asked[1]).toBe('https://example.org/two-tower/v3/v1/feature_schema.json');
    await tower.dispose();
    const folder = await mkdtemp(join(tmpdir(), 'two-tower-'));
    for (const { path, bytes } of [...files, jsonFile('manifest.json', release('v5'))])
      await writeFile(join(folder, path), bytes);
    expect((await loadUserTower(directorySource(folder), { runtime })).modelVersion).toBe('v5');
    await rm(folder, { recursive: true });
    const failing = urlSource('https://example.org/v1', { fetch: async () => new Response(null, { status: 503 }) });
    await expect(loadUserTower(failing, { runtime })).rejects.toThrow('the answer is 503');
  });

  it('is fetched once, tried again after a failure, and follows current', async () => {
    const store = await published('v1', flatStore());
    let reads = 0;
    let broken = true;
    const source = sourceBelow(store, 'two-tower/v3/current');
    const counting = {
      read: async (path: string) => {
        reads++;
        if (broken) throw new Error('no network');
        return source.read(path);
      },
    };
    const cache = createUserTowerCache(counting, { runtime });
    await expect(cache.get()).rejects.toThrow('no network');
    broken = false;
    const [a, b] = await Promise.all([cache.get(), cache.get()]);
    expect(a).toBe(b);
    const once = reads;
    await cache.get();
    expect(reads).toBe(once);
    expect(await cache.refresh()).toBe(a);
    await published('v2', store);
    broken = true;
    await expect(cache.refresh()).rejects.toThrow('no network');
    expect((await cache.get()).modelVersion).toBe('v1');
    broken = false;
    expect((await cache.refresh()).modelVersion).toBe('v2');
    await cache.dispose();
  });
});

describe('writeEmbeddingsParquet', () => {
  const random = createRandom(9);
  const ids = Array.from({ length: 25 }, (_, i) => `vid-é-${i}`);
  const vectors = matrixFromRows(ids.map(() => Array.from({ length: 6 }, () => random() - 0.5)));
  const batches = function* (size: number) {
    for (let i = 0; i < ids.length; i += size) {
      yield {
        ids: ids.slice(i, i + size),
        vectors: matrixFromRows(ids.slice(i, i + size).map((_, k) => row(vectors, i + k))),
      };
    }
  };
  const write = async (size: number, rowGroupSize = 10) => {
    const parts: Uint8Array[] = [];
    const rows = await writeEmbeddingsParquet((bytes) => void parts.push(bytes), batches(size), 6, { rowGroupSize });
    expect(rows).toBe(25);
    return { bytes: new Uint8Array(Buffer.concat(parts)), parts };
  };

  it('is read back as it was written, whatever the batches', async () => {
    const { bytes, parts } = await write(7);
    expect(parts.length).toBeGreaterThan(3);
    const read = await readEmbeddingsParquet(bytes);
    expect(read.ids).toEqual(ids);
    expect(read.vectors.data).toEqual(vectors.data);
    expect((await write(25)).bytes).toEqual(bytes);
  });

  it('is read by DuckDB as strings and lists of floats', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'two-tower-'));
    const path = join(folder, 'e.parquet');
    await writeFile(path, (await write(8)).bytes);
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const types = await connection.runAndReadAll(`describe select * from '${path}'`);
    expect(types.getRows().map(([name, type]) => [name, type])).toEqual([
      ['video_id', 'VARCHAR'],
      ['embedding', 'FLOAT[]'],
    ]);
    const all = await connection.runAndReadAll(`select video_id, embedding from '${path}'`);
    const rows = all.getRowsJson() as [string, number[]][];
    expect(rows.map(([id]) => id)).toEqual(ids);
    expect(Float32Array.from(rows.flatMap(([, vector]) => vector))).toEqual(vectors.data);
    connection.closeSync();
    await rm(folder, { recursive: true });
  });

  it('writes no rows as a file without rows', async () => {
    const parts: Uint8Array[] = [];
    expect(await writeEmbeddingsParquet((bytes) => void parts.push(bytes), [], 6)).toBe(0);
    expect((await readEmbeddingsParquet(new Uint8Array(Buffer.concat(parts)))).ids).toEqual([]);
  });

  it('refuses batches of another width and files that are no vectors', async () => {
    const narrow = [{ ids: ['a'], vectors: matrixFromRows([[1]]) }];
    await expect(writeEmbeddingsParquet(() => {}, narrow, 6)).rejects.toThrow('must be 1 × 6. Got 1 × 1.');
    await expect(readEmbeddingsParquet(new Uint8Array(20))).rejects.toThrow(
      expect.objectContaining({ code: 'MALFORMED' }),
    );
    await expect(readEmbeddingsParquet((await write(5)).bytes, 'other')).rejects.toThrow(
      'the columns are video_id, embedding',
    );
  });
});

describe('ItemIndex', () => {
  const index = new ItemIndex(
    ['a', 'b', 'c', 'd'],
    matrixFromRows([
      [1, 0],
      [0, 1],
      [0.6, 0.8],
      [0, 1],
    ]),
  );
  const user = new Float32Array([0, 1]);

  it('gives as many as asked for, best first, ties by position', () => {
    expect(index.search(user, { limit: 3 }).map(({ id }) => id)).toEqual(['b', 'd', 'c']);
    expect(index.search(user, { limit: 9 })).toHaveLength(4);
    expect(index.search(user, { limit: 2, exclude: new Set(['b', 'd']) }).map(({ id }) => id)).toEqual(['c', 'a']);
    expect(index.search(user, { limit: 2, filter: (id) => id === 'a' }).map(({ id }) => id)).toEqual(['a']);
    expect(() => index.search(new Float32Array(3), { limit: 1 })).toThrow('must have 2 numbers. Got 3.');
  });

  it('is ordered anew by a hook', () => {
    const now = new Date(Date.UTC(2024, 5, 1));
    const released: Record<string, Date | null> = { b: null, d: now, c: new Date(Date.UTC(2030, 0, 1)) };
    const ranked = rerank(index.search(user, { limit: 3 }), (item) =>
      catalogueScore(item, { price: 5000, productReleasedAt: released[item.id]! }, now),
    );
    expect(ranked.map(({ id, score }) => [id, Number(score.toFixed(4))])).toEqual([
      ['d', 1],
      ['b', 0.7],
      ['c', 0.65],
    ]);
  });
});
