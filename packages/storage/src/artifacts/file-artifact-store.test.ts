import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildManifest,
  createMemoryArtifactStore,
  currentRelease,
  manifestEntry,
  publishRelease,
  type ArtifactStore as TwoTowerStore,
} from '@matome/two-tower';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { artifactCases } from '../testing/artifact-cases.js';
import { createFileArtifactStore } from './file-artifact-store.js';

describe('createFileArtifactStore', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'artefacts-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  for (const { name, run } of artifactCases) {
    it(name, () => run(createFileArtifactStore({ root: join(root, 'made', 'on', 'demand') })));
  }

  it('refuses paths that are empty, absolute, or leave the folder', async () => {
    const store = createFileArtifactStore({ root });
    for (const path of ['', '/etc/passwd', '../a', 'a/../../b', 'a//b', 'a\\b', './a', 'a\0b']) {
      await expect(store.read(path)).rejects.toThrow(RangeError);
      await expect(store.write(path, new Uint8Array(1))).rejects.toThrow(RangeError);
      await expect(store.link('x', path)).rejects.toThrow(RangeError);
    }
  });

  it('leaves nothing behind and keeps the old file when a write is stopped', async () => {
    const store = createFileArtifactStore({ root });
    await store.write('a', Uint8Array.of(1));
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(store.write('a', Uint8Array.of(2), { signal })).rejects.toThrow();
    expect(await store.read('a')).toEqual(Uint8Array.of(1));
    expect(await readdir(root)).toEqual(['a']);
  });

  it('does not list files that a killed writer left, nor what lies behind links', async () => {
    const store = createFileArtifactStore({ root });
    await store.write('v1/a', Uint8Array.of(1));
    await store.write('v1/a.writing-0f7d4b4e-0000-4000-8000-000000000009', Uint8Array.of(1));
    await symlink('v1', join(root, 'other'));
    expect(await store.list('')).toEqual(['v1/a']);
  });

  it('is a store that releases can be published to, and switches them at once', async () => {
    const store: TwoTowerStore = createFileArtifactStore({ root });
    for (const [version, value] of [
      ['v1', 1],
      ['v2', 2],
    ] as const) {
      const files = [{ path: 'model/weights.bin', bytes: Uint8Array.of(value) }];
      const manifest = buildManifest(files.map(manifestEntry), { version, generatedAt: new Date(0) });
      await publishRelease(store, files, manifest, { prefix: 'two-tower' });
      expect((await currentRelease(store, { prefix: 'two-tower' }))?.model_version).toBe(version);
      expect(await store.read('two-tower/current/model/weights.bin')).toEqual(Uint8Array.of(value));
    }
  });
});

describe('createMemoryArtifactStore of two-tower', () => {
  for (const { name, run } of artifactCases) it(name, () => run(createMemoryArtifactStore()));
});
