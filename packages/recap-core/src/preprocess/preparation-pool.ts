import { mapConcurrent } from '@matome/primitives/async';
import { checkInteger, checkNumber } from '@matome/primitives/options';
import type { LanguageDetectorOptions } from '@matome/primitives/text';
import type { MainContentOptions } from '../content/index.js';
import type { Article, Preparation } from './article.js';
import {
  type Death,
  droppedJob,
  type PreparationJob,
  PreparationThread,
  type ThreadEvents,
} from './preparation-thread.js';
import { type PreparedBatch, toBatch } from './prepare-articles.js';

/** Options of `createPreparationPool`. */
export interface PreparationPoolOptions {
  /** Worker threads. @default 2 */
  readonly workers?: number;
  /** Passed to `createLanguageDetector` in every worker. */
  readonly language?: LanguageDetectorOptions;
  /** As in `prepareArticle`. @default 1 */
  readonly minSentenceLength?: number;
  /** As in `prepareArticle`. */
  readonly content?: MainContentOptions;
  /**
   * An ES module whose default export builds the `PrepareOptions` of a worker, synchronously or not, instead of the three
   * options above: for a tokenizer or detector of your own.
   */
  readonly module?: URL | string;
  /** An article that takes longer is dropped and its worker replaced, in milliseconds. @default 60_000 */
  readonly timeoutMs?: number;
  /** Largest heap of a worker, in MiB; one that outgrows it dies and is replaced. @default Node's own */
  readonly maxHeapMb?: number;
}

/** Options of the calls of a pool. */
export interface PreparationCallOptions {
  readonly signal?: AbortSignal;
}

/** Prepares articles on worker threads. */
export interface PreparationPool {
  /** Prepares one article. */
  prepare(article: Article, options?: PreparationCallOptions): Promise<Preparation>;
  /**
   * Prepares articles in the order of their source, which is read no more than eight articles a worker ahead of the
   * consumer.
   */
  stream(
    articles: Iterable<Article> | AsyncIterable<Article>,
    options?: PreparationCallOptions,
  ): AsyncGenerator<Preparation, void, undefined>;
  /** Prepares a batch, as `prepareArticles` does. */
  batch(articles: Iterable<Article> | AsyncIterable<Article>, options?: PreparationCallOptions): Promise<PreparedBatch>;
  /** Ends the workers; articles under way fail. */
  close(): Promise<void>;
}

/** Articles a worker is given ahead, so that it never waits for the host. */
const ahead = 3;
/** Articles under way for each worker in a stream: enough that one slow article does not idle the others. */
const window = 8;
/** A death may be another's fault, memory for instance: only the second one is held against the article. */
const maxDeaths = 2;

/**
 * Spreads the preparation of articles over worker threads.
 *
 * An article that fails, hangs, or ends two workers is dropped with the reason `failed`; the others of its batch do not
 * notice. Workers start with the first article and do not keep the process alive.
 *
 * @throws RangeError for options out of range. Calls reject with the cause when a worker cannot load, with the signal's
 * reason when aborted, and with an error when the pool is closed.
 * @remarks One worker prepares as many articles as `prepareArticles` does; copying costs some 5 %. A worker takes 60 MB,
 * and on whole pages up to 300 MB, which `maxHeapMb` bounds.
 * @example
 * const pool = createPreparationPool({ workers: 1 });
 * const { prepared } = await pool.batch([{ id: '1', title: 'Tea', html: '<p>Tea is grown on hills.</p>' }]);
 * await pool.close();
 * prepared[0].text // => 'Tea is grown on hills.'
 */
export function createPreparationPool(options: PreparationPoolOptions = {}): PreparationPool {
  const caller = 'createPreparationPool';
  const count = checkInteger(caller, 'workers', options.workers ?? 2, { min: 1 });
  const timeoutMs = checkNumber(caller, 'timeoutMs', options.timeoutMs ?? 60_000, { min: 0, exclusiveMin: true });
  const { maxHeapMb, language, minSentenceLength, content } = options;
  if (maxHeapMb !== undefined) checkInteger(caller, 'maxHeapMb', maxHeapMb, { min: 1 });
  const module = options.module === undefined ? undefined : String(options.module);
  const pool = new ThreadPool(count, (events) => {
    const task = { module, language, minSentenceLength, content };
    return new PreparationThread({ task, timeoutMs, maxHeapMb }, events);
  });
  const prepare = async (article: Article, call: PreparationCallOptions = {}) => pool.run(article, call.signal);

  async function* stream(
    articles: Iterable<Article> | AsyncIterable<Article>,
    { signal }: PreparationCallOptions = {},
  ) {
    signal?.throwIfAborted();
    const source = Symbol.asyncIterator in articles ? articles[Symbol.asyncIterator]() : articles[Symbol.iterator]();
    const waiting: Promise<Preparation>[] = [];
    let reading: Promise<IteratorResult<Article>> | undefined;
    let done = false;
    try {
      while (!done || waiting.length > 0) {
        if (!done && waiting.length < count * window) reading ??= Promise.resolve(source.next());
        const [head] = waiting;
        const step = await Promise.race([reading, head?.then(() => undefined)].filter((each) => each !== undefined));
        if (step === undefined) {
          waiting.shift();
          yield await head!;
          continue;
        }
        reading = undefined;
        if (step.done) done = true;
        else {
          const answer = pool.run(step.value, signal);
          // Its failure is thrown when its turn comes.
          answer.catch(() => undefined);
          waiting.push(answer);
        }
      }
    } finally {
      if (!done) await source.return?.();
    }
  }

  return {
    prepare,
    stream,
    async batch(articles, call = {}) {
      return toBatch(await mapConcurrent(articles, count * window, (article) => prepare(article, call), call));
    },
    close: () => pool.close(),
  };
}

/** Hands articles to the thread with the fewest, and replaces threads that die. */
class ThreadPool implements ThreadEvents {
  readonly #count: number;
  readonly #start: (events: ThreadEvents) => PreparationThread;
  readonly #threads: PreparationThread[] = [];
  readonly #queue: PreparationJob[] = [];
  #nextId = 0;
  #closed = false;

  constructor(count: number, start: (events: ThreadEvents) => PreparationThread) {
    this.#count = count;
    this.#start = start;
  }

  run(article: Article, signal: AbortSignal | undefined): Promise<Preparation> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw new Error('The preparation pool is closed.');
      signal?.throwIfAborted();
      const finish = () => signal?.removeEventListener('abort', abort);
      const job: PreparationJob = {
        id: this.#nextId++,
        article,
        deaths: 0,
        resolve: (preparation) => {
          finish();
          resolve(preparation);
        },
        reject: (error) => {
          finish();
          reject(error);
        },
      };
      const abort = () => {
        const place = this.#queue.indexOf(job);
        if (place >= 0) this.#queue.splice(place, 1);
        job.reject(signal!.reason);
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#queue.push(job);
      this.#feed();
    });
  }

  onAnswer(): void {
    this.#feed();
  }

  onDeath(thread: PreparationThread, unanswered: readonly PreparationJob[], { how, cause }: Death): void {
    this.#threads.splice(this.#threads.indexOf(thread), 1);
    const [first] = unanswered;
    if (this.#closed) for (const job of unanswered) job.reject(new Error('The preparation pool was closed.'));
    else if (how === 'not started') {
      const error = new Error('A preparation worker could not be started.', { cause });
      for (const job of [...unanswered, ...this.#queue.splice(0)]) job.reject(error);
    } else if (first) {
      first.deaths += how === 'hung' ? maxDeaths : 1;
      const again = first.deaths < maxDeaths ? unanswered : unanswered.slice(1);
      if (again !== unanswered) first.resolve(droppedJob(first, 'The worker died of this article.', cause));
      this.#queue.unshift(...again);
      this.#feed();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#queue.splice(0)) job.reject(new Error('The preparation pool was closed.'));
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  #feed(): void {
    while (this.#queue.length > 0) {
      if (this.#threads.length < this.#count && this.#threads.every(({ jobs }) => jobs.length > 0)) {
        this.#threads.push(this.#start(this));
      }
      const load = this.#threads.map(({ jobs }) => jobs.length);
      const thread = this.#threads[load.indexOf(Math.min(...load))]!;
      if (thread.jobs.length >= ahead) return;
      thread.give(this.#queue.shift()!);
    }
  }
}
