import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listSafetensors } from './safetensors.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'matome-safetensors-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(header: string, data: Uint8Array, length = Buffer.byteLength(header)): Promise<string> {
  const path = join(folder, 'x.safetensors');
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(length));
  await writeFile(path, Buffer.concat([prefix, Buffer.from(header), data]));
  return path;
}

describe('listSafetensors', () => {
  it('says where each tensor lies and passes the metadata over', async () => {
    const header = '{"__metadata__":{"format":"pt"},"a":{"dtype":"F16","shape":[2,1],"data_offsets":[0,4]}}';
    const tensors = await listSafetensors(await file(header, new Uint8Array(4)));
    expect([...tensors]).toEqual([['a', { type: 'F16', shape: [2, 1], offset: 8 + header.length, sizeBytes: 4 }]]);
  });

  it('says what is wrong with a file', async () => {
    const header = '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
    await expect(listSafetensors(join(folder, 'none'))).rejects.toThrow(/cannot be used: it cannot be opened\.$/);
    await expect(listSafetensors(await file(header, new Uint8Array(8), 1e9))).rejects.toThrow(/ends inside its header/);
    await expect(listSafetensors(await file('{"a":', new Uint8Array(8)))).rejects.toThrow(/its header is not JSON/);
    await expect(listSafetensors(await file(header, new Uint8Array(7)))).rejects.toThrow(
      /ends before the end of the tensor a/,
    );
    for (const odd of ['{"a":{"dtype":"F32"}}', '{"a":null}', header.replace('[0,8]', '[-8,0]')]) {
      await expect(listSafetensors(await file(odd, new Uint8Array(8)))).rejects.toThrow(
        /its header does not describe the tensor a\.$/,
      );
    }
    expect((await listSafetensors(await file('null', new Uint8Array(0)))).size).toBe(0);
    const wrong = header.replace('[0,8]', '[0,7]');
    await expect(listSafetensors(await file(wrong, new Uint8Array(8)))).rejects.toThrow(
      /the tensor a has the wrong size/,
    );
  });
});
