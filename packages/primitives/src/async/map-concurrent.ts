import { checkInteger } from '../options/index.js';

/**
 * Maps items with at most `concurrency` calls under way; results keep the order of the items.
 *
 * The source is pulled only when a call can start, so an endless source is read no faster than it is used. The first
 * failure aborts the signal handed to the other calls, waits for them, and is thrown.
 *
 * @throws RangeError if `concurrency` is below 1; the first error of `map`; the signal's reason when aborted.
 * @example
 * await mapConcurrent([1, 2, 3], 2, async (n) => n * 2) // => [2, 4, 6]
 */
export async function mapConcurrent<T, U>(
  items: Iterable<T> | AsyncIterable<T>,
  concurrency: number,
  map: (item: T, signal: AbortSignal) => Promise<U>,
  options: { readonly signal?: AbortSignal } = {},
): Promise<U[]> {
  checkInteger('mapConcurrent', 'concurrency', concurrency, { min: 1 });
  options.signal?.throwIfAborted();
  const failed = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal;
  const iterator = iterate(items);
  const results: U[] = [];
  let count = 0;
  let done = false;
  // Pulls are chained: an async iterator must not be asked for the next item before it gave the last one.
  let pull: Promise<unknown> = Promise.resolve();
  const worker = async () => {
    for (;;) {
      const turn = pull.then(async () => {
        if (done || signal.aborted) return undefined;
        const step = await iterator.next();
        if (step.done) {
          done = true;
          return undefined;
        }
        return { index: count++, item: step.value };
      });
      pull = turn.catch(() => undefined);
      const next = await turn;
      if (!next) return;
      results[next.index] = await map(next.item, signal);
    }
  };
  const guarded = async () => {
    try {
      await worker();
    } catch (error) {
      failed.abort(error);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, guarded));
  if (signal.aborted) {
    await iterator.return?.();
    throw signal.reason;
  }
  return results;
}

function iterate<T>(items: Iterable<T> | AsyncIterable<T>): Iterator<T> | AsyncIterator<T> {
  return Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
}
