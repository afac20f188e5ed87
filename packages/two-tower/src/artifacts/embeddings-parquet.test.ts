import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { matrixFromRows, row } from '@matome/primitives/linalg';
import { createRandom } from '@matome/primitives/random';
import { describe, expect, it } from 'vitest';
import { readEmbeddingsParquet, writeEmbeddingsParquet } from './embeddings-parquet.js';

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
