import { describe, expect, it } from 'vitest';
import { createTagExtractor, type TagExtractor } from '../tag-extractor.js';
import { createMemoryAttemptStore } from './attempt-store.js';
import { type BatchDocument, type BatchItem, extractBatch } from './extract-batch.js';

const extractor = createTagExtractor({ topN: 3, now: () => 0 });
const good = (id: string): BatchDocument => ({
  id,
  title: 'Solar power grows',
  body: `Solar power grew again in region ${id}. Cheap panels drive the growth.`,
});
const empty = (id: string): BatchDocument => ({ id, title: '', body: '🎉🎊' });

/** Fails for one article, and is the real extractor for all others. */
function failingOn(title: string): TagExtractor {
  return {
    extract: (document, options) =>
      document.title === title ? Promise.reject(new Error('broken model')) : extractor.extract(document, options),
  };
}

async function collect(items: AsyncIterable<BatchItem>): Promise<BatchItem[]> {
  const all: BatchItem[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('extractBatch', () => {
  it('yields one item an article, in order, equal to single extractions', async () => {
    const documents = ['a', 'b', 'c', 'd', 'e'].map(good);
    const items = await collect(extractBatch(extractor, documents, { concurrency: 3 }));
    expect(items.map((item) => item.id)).toEqual(['a', 'b', 'c', 'd', 'e']);
    const { id, ...document } = documents[2]!;
    expect(items[2]).toEqual({ status: 'extracted', id, extraction: await extractor.extract(document) });
  });
  it('goes on after a failure and after an article without tags', async () => {
    const documents = [good('a'), { ...good('b'), title: 'bad' }, empty('c'), good('d')];
    const items = await collect(extractBatch(failingOn('bad'), documents));
    expect(items.map((item) => item.status)).toEqual(['extracted', 'failed', 'empty', 'extracted']);
    expect(items[1]).toMatchObject({ attempts: 1, poisoned: false, error: new Error('broken model') });
  });
  it('skips an article after three failures, also across batches, and never the others', async () => {
    const attempts = createMemoryAttemptStore();
    const run = () => collect(extractBatch(extractor, [empty('x'), good('a')], { attempts }));
    const statuses: string[] = [];
    for (let i = 0; i < 4; i++) {
      const [first, second] = await run();
      statuses.push(first!.status);
      expect(second!.status).toBe('extracted');
    }
    expect(statuses).toEqual(['empty', 'empty', 'empty', 'skipped']);
  });
  it('forgets the failures of an article that succeeds', async () => {
    const attempts = createMemoryAttemptStore();
    await attempts.fail('a', 'network');
    await collect(extractBatch(extractor, [good('a')], { attempts }));
    expect(await attempts.count('a')).toBe(0);
  });
  it('reads the source no further ahead than the concurrency, and closes it when the consumer stops', async () => {
    let read = 0;
    let closed = false;
    async function* source() {
      try {
        for (;;) yield good(String(read++));
      } finally {
        closed = true;
      }
    }
    let taken = 0;
    for await (const _ of extractBatch(extractor, source(), { concurrency: 2 })) {
      taken++;
      expect(read).toBeLessThanOrEqual(taken + 2);
      if (taken === 4) break;
    }
    expect(closed).toBe(true);
  });
  it('throws the reason of an abort', async () => {
    const controller = new AbortController();
    const items = extractBatch(extractor, ['a', 'b', 'c'].map(good), {
      concurrency: 1,
      signal: controller.signal,
      onProgress: ({ completed }) => completed === 1 && controller.abort(new Error('enough')),
    });
    const seen: string[] = [];
    await expect(
      (async () => {
        for await (const item of items) seen.push(item.id);
      })(),
    ).rejects.toThrow('enough');
    expect(seen).toEqual(['a']);
  });
  it('throws what the source throws', async () => {
    async function* source() {
      yield good('a');
      throw new Error('feed gone');
    }
    await expect(collect(extractBatch(extractor, source()))).rejects.toThrow('feed gone');
  });
  it('refuses a concurrency of 0', async () => {
    await expect(collect(extractBatch(extractor, [], { concurrency: 0 }))).rejects.toThrow('The concurrency option');
  });
  it('gives what is done to a source that waits for it', async () => {
    let stored: () => void = () => undefined;
    async function* source() {
      for (const id of ['a', 'b', 'c']) {
        const storing = new Promise<void>((resolve) => {
          stored = resolve;
        });
        yield good(id);
        await storing;
      }
    }
    const seen: string[] = [];
    for await (const { id } of extractBatch(extractor, source())) {
      seen.push(id);
      stored();
    }
    expect(seen).toEqual(['a', 'b', 'c']);
  });
});
