import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DictionaryReading, readInOnePiece, readUnzipped } from './japanese-files.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'matome-dictionary-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function packed(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

describe('readUnzipped', () => {
  it('gives the bytes of small, large and empty files, and no others', async () => {
    for (const size of [0, 1, 63, 64, 100_000]) {
      const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 31) % 251);
      const read = new Uint8Array(await readUnzipped(await packed(`${size}.gz`, gzipSync(bytes))));
      expect(Buffer.compare(read, bytes)).toBe(0);
    }
  });
});

describe('readInOnePiece', () => {
  it('hands bytes or the fault on', async () => {
    const loader: DictionaryReading = { loadArrayBuffer: () => undefined, load: () => undefined };
    readInOnePiece(loader);
    const load = (path: string) =>
      new Promise((resolve, reject) => {
        loader.loadArrayBuffer(path, (error, bytes) => (error ? reject(error) : resolve(bytes)));
      });
    expect(await load(await packed('ok.gz', gzipSync('ab')))).toEqual(Uint8Array.of(97, 98).buffer);
    await expect(load(join(folder, 'missing.gz'))).rejects.toThrow('ENOENT');
    await expect(load(await packed('broken.gz', Uint8Array.of(1, 2)))).rejects.toThrow();
    await expect(load(await packed('other.gz', new Uint8Array(200)))).rejects.toThrow();
  });
});
