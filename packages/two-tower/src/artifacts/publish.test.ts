import type { OnnxRuntime } from '@matome/primitives/onnx';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ArtifactFile, jsonFile } from './artifact-files.js';
import { type ArtifactStore, createMemoryArtifactStore, sourceBelow } from './artifact-store.js';
import { loadUserTower } from './load-user-tower.js';
import { activateRelease, currentRelease, listReleases, publishRelease } from './publish.js';
import { flatStore, jsonOf, manifestOf, storeWith, trainedRelease } from './trained-release.fixture.js';

let runtime: OnnxRuntime;
let files: ArtifactFile[];
beforeAll(async () => {
  ({ runtime, files } = await trainedRelease());
});

const json = (path: string) => jsonOf(files, path);
const release = (version: string, changed = files) => manifestOf(version, changed);
const published = (version?: string, store?: ArtifactStore) => storeWith(files, version, store);

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
