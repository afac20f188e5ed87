import assert from 'node:assert/strict';
import type { ArtifactStore } from '../artifacts/artifact-store.js';
import type { ConformanceCase } from './conformance.js';

const bytes = (...values: number[]) => Uint8Array.from(values);

/** Promises about an `ArtifactStore`; the store is empty. */
export const artifactCases: readonly ConformanceCase<ArtifactStore>[] = [
  {
    name: 'gives back what was written, bytes of every value, and nothing for what was not',
    async run(store) {
      const all = Uint8Array.from({ length: 256 }, (_, i) => i);
      await store.write('v1/deep/er/all.bin', all);
      await store.write('v1/empty', new Uint8Array(0));
      assert.deepEqual(await store.read('v1/deep/er/all.bin'), all);
      assert.deepEqual(await store.read('v1/empty'), new Uint8Array(0));
      assert.equal(await store.read('v1/missing'), undefined);
      assert.equal(await store.read('v1/deep'), undefined);
    },
  },
  {
    name: 'replaces a file and keeps nothing of the bytes that the caller changes later',
    async run(store) {
      const mine = bytes(1, 2, 3);
      await store.write('a', mine);
      mine[0] = 9;
      assert.deepEqual(await store.read('a'), bytes(1, 2, 3));
      await store.write('a', bytes(4));
      assert.deepEqual(await store.read('a'), bytes(4));
    },
  },
  {
    name: 'lists the files below a prefix, sorted',
    async run(store) {
      for (const path of ['v2/b', 'v1/z', 'v1/a/c', 'v10/a']) await store.write(path, bytes(1));
      assert.deepEqual(await store.list('v1/'), ['v1/a/c', 'v1/z']);
      assert.deepEqual(await store.list('v1'), ['v1/a/c', 'v1/z', 'v10/a']);
      assert.equal((await store.list('')).length, 4);
      assert.deepEqual(await store.list('nothing'), []);
    },
  },
  {
    name: 'switches a link from one folder to another',
    async run(store) {
      if (!store.link) return;
      await store.write('v1/a', bytes(1));
      await store.write('v2/a', bytes(2));
      await store.link('current', 'v1');
      assert.deepEqual(await store.read('current/a'), bytes(1));
      await store.link('current', 'v2');
      assert.deepEqual(await store.read('current/a'), bytes(2));
      assert.deepEqual(await store.list(''), ['v1/a', 'v2/a']);
    },
  },
];
