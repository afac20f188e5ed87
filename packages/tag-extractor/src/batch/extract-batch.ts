import type { ProgressCallback } from '@matome/primitives/async';
import { checkInteger } from '@matome/primitives/options';
import type { TagDocument } from '../input/sanitize-input.js';
import type { TagExtraction } from '../tag.js';
import type { TagExtractor } from '../tag-extractor.js';
import { type AttemptStore, createMemoryAttemptStore } from './attempt-store.js';

/** An article with the id under which attempts are counted. */
export interface BatchDocument extends TagDocument {
  readonly id: string;
}

/** What became of one article. */
export type BatchItem =
  | { readonly status: 'extracted'; readonly id: string; readonly extraction: TagExtraction }
  /** No tags came out; the article is tried again in a later batch until its attempts are used up. */
  | {
      readonly status: 'empty';
      readonly id: string;
      readonly extraction: TagExtraction;
      readonly attempts: number;
      readonly poisoned: boolean;
    }
  | {
      readonly status: 'failed';
      readonly id: string;
      readonly error: Error;
      readonly attempts: number;
      readonly poisoned: boolean;
    }
  /** Failed too often before: not even tried. */
  | { readonly status: 'skipped'; readonly id: string; readonly attempts: number };

/** Options of `extractBatch`. */
export interface ExtractBatchOptions {
  /** Articles under way at once. @default 4 */
  readonly concurrency?: number;
  /** Failed attempts after which an article is skipped. @default 3 */
  readonly maxAttempts?: number;
  /** Where attempts are counted. @default a store in memory, forgotten after the call */
  readonly attempts?: AttemptStore;
  /** Aborts between articles; articles under way are given the signal too. */
  readonly signal?: AbortSignal;
  /** Called after every article; `total` is 0 because the source need not know its length. */
  readonly onProgress?: ProgressCallback;
}

/**
 * Extracts tags from a stream of articles and yields what became of each, in the order of the source.
 *
 * An article that fails or gives no tags never stops the others; it is counted in `attempts`, and skipped once it failed
 * `maxAttempts` times. The source is read no further than `concurrency` articles ahead of the consumer, and an article that
 * is done does not wait for the source.
 *
 * @throws the reason of an abort; errors of the source and of the attempt store.
 * @throws RangeError if an option is out of range.
 * @example
 * const extractor = createTagExtractor({ topN: 1 });
 * const text = { title: 'Solar power grows', body: 'Solar power grew again. Solar power is cheap.' };
 * const items = [];
 * for await (const item of extractBatch(extractor, [{ id: 'a', ...text }])) items.push(item);
 * items.map(({ id, status }) => `${id} ${status}`) // => ['a extracted']
 */
export async function* extractBatch(
  extractor: TagExtractor,
  documents: Iterable<BatchDocument> | AsyncIterable<BatchDocument>,
  options: ExtractBatchOptions = {},
): AsyncGenerator<BatchItem, void, undefined> {
  const { attempts = createMemoryAttemptStore(), signal, onProgress } = options;
  const concurrency = checkInteger('extractBatch', 'concurrency', options.concurrency ?? 4, { min: 1 });
  const maxAttempts = checkInteger('extractBatch', 'maxAttempts', options.maxAttempts ?? 3, { min: 1 });
  const source = iterate(documents);
  const underWay: Promise<BatchItem>[] = [];
  let reading: Promise<IteratorResult<BatchDocument, unknown>> | undefined;
  let completed = 0;
  let exhausted = false;
  try {
    for (;;) {
      if (!exhausted && reading === undefined && underWay.length < concurrency) {
        signal?.throwIfAborted();
        reading = readNext(source);
      }
      const first = underWay[0];
      // A source that is slow, or waits for the consumer, must not hold back what is done.
      if (reading !== undefined && (first === undefined || (await endsFirst(reading, first)))) {
        const next: IteratorResult<BatchDocument, unknown> = await reading;
        reading = undefined;
        if (next.done) exhausted = true;
        else {
          const item = extractOne(extractor, next.value, { attempts, maxAttempts, ...(signal ? { signal } : {}) });
          // A failure is thrown when its turn comes; until then it must not count as unhandled.
          item.catch(() => undefined);
          underWay.push(item);
        }
        continue;
      }
      if (first === undefined) return;
      const item = await first;
      underWay.shift();
      signal?.throwIfAborted();
      onProgress?.({ stage: 'tags', completed: ++completed, total: 0 });
      yield item;
    }
  } finally {
    await Promise.allSettled([...underWay, reading]);
    if (!exhausted) await source.return?.();
  }
}

function iterate<T>(items: Iterable<T> | AsyncIterable<T>): Iterator<T> | AsyncIterator<T> {
  return Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
}

/** The next article; a failure is thrown when it is waited for and must not count as unhandled before. */
function readNext<T>(source: Iterator<T> | AsyncIterator<T>): Promise<IteratorResult<T, unknown>> {
  const next = Promise.resolve().then(() => source.next());
  next.catch(() => undefined);
  return next;
}

/** Whether the first of two promises settles first, or both have. */
function endsFirst(one: Promise<unknown>, other: Promise<unknown>): Promise<boolean> {
  const settled = (promise: Promise<unknown>, answer: boolean) =>
    promise.then(
      () => answer,
      () => answer,
    );
  return Promise.race([settled(one, true), settled(other, false)]);
}

interface OneOptions {
  readonly attempts: AttemptStore;
  readonly maxAttempts: number;
  readonly signal?: AbortSignal;
}

async function extractOne(
  extractor: TagExtractor,
  { id, ...document }: BatchDocument,
  { attempts, maxAttempts, signal }: OneOptions,
): Promise<BatchItem> {
  const before = await attempts.count(id);
  if (before >= maxAttempts) return { status: 'skipped', id, attempts: before };
  let extraction: TagExtraction;
  try {
    extraction = await extractor.extract(document, signal ? { signal } : {});
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    const error = cause instanceof Error ? cause : new Error(String(cause));
    const count = await attempts.fail(id, error.message);
    return { status: 'failed', id, error, attempts: count, poisoned: count >= maxAttempts };
  }
  if (extraction.tags.length === 0) {
    const count = await attempts.fail(id, extraction.warnings.join('; ') || 'No tags found');
    return { status: 'empty', id, extraction, attempts: count, poisoned: count >= maxAttempts };
  }
  if (before > 0) await attempts.clear(id);
  return { status: 'extracted', id, extraction };
}
