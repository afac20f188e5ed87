import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OnnxRuntime } from '@matome/primitives/onnx';
import { beforeAll, describe, expect, it } from 'vitest';
import { userFeatureRow } from '../features/catalogue-features.js';
import type { FeatureEncoder } from '../features/feature-encoder.js';
import type { TwoTowerModel } from '../model/two-tower-model.js';
import { type ArtifactFile, jsonFile } from './artifact-files.js';
import { directorySource, urlSource } from './artifact-sources.js';
import { type ArtifactStore, createMemoryArtifactStore, sourceBelow } from './artifact-store.js';
import { createUserTowerCache, loadUserTower } from './load-user-tower.js';
import { publishRelease } from './publish.js';
import {
  flatStore,
  jsonOf,
  manifestOf,
  payload,
  storeWith,
  trainedRelease,
  userRows,
} from './trained-release.fixture.js';

let runtime: OnnxRuntime;
let model: TwoTowerModel;
let userEncoder: FeatureEncoder;
let itemEncoder: FeatureEncoder;
let files: ArtifactFile[];
beforeAll(async () => {
  ({ runtime, model, userEncoder, itemEncoder, files } = await trainedRelease());
});

const json = (path: string) => jsonOf(files, path);
const release = (version: string, changed = files) => manifestOf(version, changed);
const published = (version?: string, store?: ArtifactStore) => storeWith(files, version, store);

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
    // A request that began with the old version ends with it.
    expect((await a!.embedRows(userRows)).rows).toBe(userRows.length);
    await published('v3', store);
    expect((await cache.refresh()).modelVersion).toBe('v3');
    await expect(a!.embedRows(userRows)).rejects.toThrow();
    await cache.dispose();
  });
});
