import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cosineSimilarity, row } from '../linalg/index.js';
import { createStaticEmbedder } from './static-embedder.js';
import { encodeStaticModel, loadStaticModel } from './static-model.js';

const english = {
  terms: ['rain', 'snow', '##fall', 'cup', '.'],
  rows: Float32Array.of(1, 0, 0, 0.8, 0.2, 0, 0, 0.1, 0, 0, 0, 1, 0, 0.001, 0),
};
const japanese = {
  terms: ['雨', '降る', 'カップ', '杯'],
  rows: Float32Array.of(1, 0.1, 0, 0.2, 0.2, 0, 0, 0, 1, 0, 0.1, 0.9),
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'matome-static-'));
  const files = encodeStaticModel({ modelId: 'tiny', dimensions: 3, english, japanese });
  await Promise.all(Object.entries(files).map(([name, bytes]) => writeFile(join(folder, name), bytes)));
});
afterEach(() => rm(folder, { recursive: true }));

describe('createStaticEmbedder', () => {
  it('sums the vectors of words and word pieces, whatever their case and accents', async () => {
    const embedder = createStaticEmbedder(await loadStaticModel(folder));
    const vectors = await embedder.embed(['Rain', 'RÁIN', 'snowfall', 'rainfall']);
    expect([...row(vectors, 0)]).toEqual([...row(vectors, 1)]);
    expect(cosineSimilarity(row(vectors, 2), [0.8, 0.3, 0])).toBeGreaterThan(0.999);
    expect(cosineSimilarity(row(vectors, 3), [1, 0.1, 0])).toBeGreaterThan(0.999);
  });
  it('puts Japanese into the same space, by dictionary form, with parts of unknown words and Latin words', async () => {
    const embedder = createStaticEmbedder(await loadStaticModel(folder));
    const vectors = await embedder.embed(['雨が降った', 'rain', 'マグカップ', 'cup', '雨 cup']);
    expect(cosineSimilarity(row(vectors, 0), row(vectors, 1))).toBeGreaterThan(0.95);
    expect(cosineSimilarity(row(vectors, 2), row(vectors, 3))).toBeGreaterThan(0.99);
    expect(cosineSimilarity(row(vectors, 4), [1, 0.1, 1])).toBeGreaterThan(0.99);
  });
  it('gives zeros for texts without known words and survives odd input', async () => {
    const embedder = createStaticEmbedder(await loadStaticModel(folder));
    const vectors = await embedder.embed(['', ' \t', 'xyzzy', '\u0000', '\ud800', 'rain '.repeat(100_000)]);
    expect([...vectors.data.subarray(0, 15)]).toEqual(new Array(15).fill(0));
    expect(cosineSimilarity(row(vectors, 5), [1, 0, 0])).toBeCloseTo(1, 5);
  });
  it('cuts ten thousand katakana in less than the patience of a user', async () => {
    const vectors = await createStaticEmbedder(await loadStaticModel(folder)).embed(['カ'.repeat(10_000)]);
    expect(vectors.rows).toBe(1);
  });
  it('stops when aborted', async () => {
    const embedder = createStaticEmbedder(await loadStaticModel(folder));
    await expect(embedder.embed(['rain'], { signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop');
  });
});

describe('loadStaticModel', () => {
  it('says what is wrong with a folder', async () => {
    await truncate(join(folder, 'japanese.bin'), 10);
    const model = await loadStaticModel(folder);
    await expect(model.japanese()).rejects.toThrow('is truncated or changed: its hash differs.');
    const header = join(folder, 'model.json');
    const json = JSON.parse(await readFile(header, 'utf8'));
    await writeFile(header, JSON.stringify({ ...json, dimensions: json.dimensions + 1 }));
    await expect(loadStaticModel(folder)).rejects.toThrow(/The english table .* must hold \d+ × \d+ values, as its/);
    for (const broken of [null, { ...json, tables: {} }]) {
      await writeFile(header, JSON.stringify(broken));
      await expect(loadStaticModel(folder)).rejects.toThrow('does not describe a static embedding model of version 1.');
    }
    await writeFile(header, JSON.stringify(json));
    await rm(join(folder, 'english.bin'));
    await expect(loadStaticModel(folder)).rejects.toThrow('lacks its english table.');
    await writeFile(join(folder, 'model.json'), '{"kind":"other"}');
    await expect(loadStaticModel(folder)).rejects.toThrow('does not describe a static embedding model of version 1.');
    await expect(loadStaticModel(join(folder, 'nowhere'))).rejects.toThrow('has no readable model.json.');
  });
  it('changes its fingerprint with any weight', async () => {
    const before = (await loadStaticModel(folder)).fingerprint;
    const rows = Float32Array.from(english.rows, (v) => v * 1.5);
    const files = encodeStaticModel({ modelId: 'tiny', dimensions: 3, english: { ...english, rows }, japanese });
    await Promise.all(Object.entries(files).map(([name, bytes]) => writeFile(join(folder, name), bytes)));
    expect((await loadStaticModel(folder)).fingerprint).not.toBe(before);
  });
});
