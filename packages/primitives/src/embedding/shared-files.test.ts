import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SharedFiles } from './shared-files.js';

const folder = await mkdtemp(join(tmpdir(), 'shared-files-'));
afterAll(() => rm(folder, { recursive: true }));

describe('SharedFiles', () => {
  it('reads files once and again when they change', async () => {
    const path = join(folder, 'a.txt');
    await writeFile(path, 'one');
    const files = new SharedFiles<{ reads: number }>();
    let reads = 0;
    const get = (name = 'a') => files.get(name, [path], async () => ({ reads: ++reads }));
    const first = await get();
    expect(await get()).toBe(first);
    expect(await get('b')).toEqual({ reads: 2 });
    await writeFile(path, 'three');
    expect(await get()).toEqual({ reads: 3 });
    expect(first).toEqual({ reads: 1 });
  });

  it('remembers no failure and leaves missing files to the reader', async () => {
    const files = new SharedFiles<object>();
    const missing = [join(folder, 'missing')];
    const fail = () => files.get('a', missing, () => Promise.reject(new Error('There is no such file.')));
    await expect(fail()).rejects.toThrow('There is no such file.');
    await expect(fail()).rejects.toThrow('There is no such file.');
  });
});
