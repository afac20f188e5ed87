import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'tsup';
import { afterAll, describe, expect, it } from 'vitest';
import { createTagExtractor } from '../tag-extractor.js';
import { extractBatch } from './extract-batch.js';
import { createExtractorPool } from './extractor-pool.js';

const moduleOf = (source: string) => `data:text/javascript,${encodeURIComponent(source)}`;
const folder = mkdtempSync(join(tmpdir(), 'extractor-pool-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Builds the package into a temporary folder, as threads cannot run the sources, and gives a module for workers. */
async function buildModule(): Promise<string> {
  await build({
    config: false,
    silent: true,
    clean: false,
    entry: { extractor: fileURLToPath(new URL('../index.ts', import.meta.url)) },
    outDir: folder,
    format: ['esm'],
    outExtension: () => ({ js: '.mjs' }),
    noExternal: [/^(?!kuromoji|onnxruntime-node)/],
    esbuildOptions: (options) => {
      options.conditions = ['matome-source'];
      options.banner = {
        js: "import { createRequire as makeRequire } from 'node:module';const require = makeRequire(import.meta.url);",
      };
    },
  });
  const entry = pathToFileURL(join(folder, 'extractor.mjs')).href;
  return moduleOf(
    `const { createTagExtractor } = await import(${JSON.stringify(entry)}); export default () => createTagExtractor({ topN: 3, now: () => 0 });`,
  );
}
const document = { title: 'Solar power grows', body: 'Solar power grew again. Cheap panels drive the growth.' };

describe('createExtractorPool', () => {
  it('gives what the extractor gives, from several threads', async () => {
    const pool = createExtractorPool({ module: await buildModule(), workers: 2 });
    try {
      const expected = await createTagExtractor({ topN: 3, now: () => 0 }).extract(document);
      const items = [];
      const documents = ['a', 'b', 'c'].map((id) => ({ id, ...document }));
      for await (const item of extractBatch(pool, documents, { concurrency: 4 })) items.push(item);
      expect(items.map((item) => (item.status === 'extracted' ? item.extraction : item))).toEqual([
        expected,
        expected,
        expected,
      ]);
    } finally {
      await pool.close();
    }
  });
  it('fails the articles of a worker that dies, and goes on with a new one', async () => {
    const dying = moduleOf(
      `export default () => ({ extract: async ({ title }) => title === 'die' ? process.exit(1) : { tags: [title] } })`,
    );
    const pool = createExtractorPool({ module: dying, workers: 1 });
    try {
      await expect(pool.extract({ title: 'die', body: '' })).rejects.toThrow(
        'The worker thread of an extraction ended.',
      );
      expect(await pool.extract({ title: 'live', body: '' })).toEqual({ tags: ['live'] });
    } finally {
      await pool.close();
    }
  });
  it('hands on the error of a module that cannot be loaded', async () => {
    const pool = createExtractorPool({ module: moduleOf('throw new Error("no model")'), workers: 1 });
    await expect(pool.extract(document)).rejects.toThrow('no model');
    await pool.close();
  });
  it('fails an aborted article at once', async () => {
    const pool = createExtractorPool({
      module: moduleOf('export default () => ({ extract: () => new Promise(() => {}) })'),
      workers: 1,
    });
    const controller = new AbortController();
    const running = pool.extract(document, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    await pool.close();
    await expect(pool.extract(document)).rejects.toThrow('closed');
  });
  it('sends the article alone, and is not held up by what cannot be sent', async () => {
    const pool = createExtractorPool({
      module: moduleOf(
        'export default () => ({ extract: async (document) => document.title === "odd" ? { call() {} } : { tags: Object.keys(document) } })',
      ),
      workers: 1,
    });
    const row = { ...document, save: () => undefined };
    expect(await pool.extract(row)).toEqual({ tags: ['title', 'body'] });
    await expect(pool.extract({ title: 'odd', body: '' })).rejects.toThrow('could not be cloned');
    await pool.close();
  });
  it('starts no worker for a module that dies by itself before an article comes', async () => {
    const started = join(folder, 'started');
    const module = moduleOf(
      `import { appendFileSync } from 'node:fs'; appendFileSync(${JSON.stringify(started)}, '1'); process.exit(1);`,
    );
    const pool = createExtractorPool({ module, workers: 1 });
    for (let i = 0; i < 2; i++) {
      await expect(pool.extract(document)).rejects.toThrow('The worker thread of an extraction ended.');
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(readFileSync(started, 'utf8')).toBe('11');
    await pool.close();
  });
});
