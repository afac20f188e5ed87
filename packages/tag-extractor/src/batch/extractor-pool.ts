import { Worker } from 'node:worker_threads';
import { checkInteger } from '@matome/primitives/options';
import type { TagDocument } from '../input/sanitize-input.js';
import type { TagExtraction } from '../tag.js';
import type { TagExtractor } from '../tag-extractor.js';

/** Options of `createExtractorPool`. */
export interface ExtractorPoolOptions {
  /**
   * An ES module whose default export builds the extractor, synchronously or not: `export default () => createTagExtractor()`.
   * Every worker imports it once.
   */
  readonly module: URL | string;
  /** Worker threads. @default 2 */
  readonly workers?: number;
  /** Command line options of Node for the workers. @default those of the process */
  readonly execArgv?: readonly string[];
}

/** An extractor whose work is done on other threads. */
export interface ExtractorPool extends TagExtractor {
  /** Stops the workers; articles under way fail. */
  close(): Promise<void>;
}

// The worker is given as text so that no file has to be found beside the bundle.
const workerSource = `
const { parentPort, workerData } = require('node:worker_threads');
const building = import(workerData.module).then((module) => module.default());
building.catch(() => undefined);
parentPort.on('message', async ({ id, document }) => {
  try {
    const extractor = await building;
    parentPort.postMessage({ id, extraction: await extractor.extract(document) });
  } catch (error) {
    // Errors of the platform do not survive the way to another thread.
    const plain = error instanceof Error && !(error instanceof DOMException);
    parentPort.postMessage({ id, error: plain ? error : new Error(String(error?.message ?? error)) });
  }
});
`;

interface Answer {
  readonly id: number;
  readonly extraction?: TagExtraction;
  readonly error?: Error;
}

interface Job {
  readonly worker: number;
  readonly resolve: (extraction: TagExtraction) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Spreads extractions over worker threads; use it wherever an extractor is wanted, for instance in `extractBatch` with a
 * `concurrency` of twice the workers.
 *
 * A worker that dies fails its own articles and is replaced when the next one comes. An aborted article fails at once; its worker finishes it
 * unheard.
 *
 * @throws RangeError if `workers` is below 1.
 * @remarks Every worker loads its own language data: 100 MB for English, 400 MB more for Japanese.
 * @example
 * const module = 'data:text/javascript,export default () => ({ extract: async () => ({ tags: [] }) })';
 * const pool = createExtractorPool({ module, workers: 1 });
 * const { tags } = await pool.extract({ title: 'a', body: 'b' });
 * await pool.close();
 * tags // => []
 */
export function createExtractorPool(options: ExtractorPoolOptions): ExtractorPool {
  const count = checkInteger('createExtractorPool', 'workers', options.workers ?? 2, { min: 1 });
  const jobs = new Map<number, Job>();
  const load = new Array<number>(count).fill(0);
  let nextId = 0;
  let closed = false;

  const settle = (id: number): Job | undefined => {
    const job = jobs.get(id);
    if (job === undefined) return undefined;
    jobs.delete(id);
    load[job.worker]!--;
    return job;
  };
  const start = (index: number): Worker => {
    const worker = new Worker(workerSource, {
      eval: true,
      workerData: { module: String(options.module) },
      ...(options.execArgv ? { execArgv: [...options.execArgv] } : {}),
    });
    worker.unref();
    worker.on('message', ({ id, extraction, error }: Answer) => {
      const job = settle(id);
      if (extraction) job?.resolve(extraction);
      else job?.reject(error ?? new Error('The worker gave no answer.'));
      if (load[index] === 0) worker.unref();
    });
    const lose = (cause: unknown) => {
      if (workers[index] !== worker) return;
      for (const [id, job] of [...jobs]) {
        if (job.worker === index) settle(id)!.reject(new Error('The worker thread of an extraction ended.', { cause }));
      }
      // The next article starts another one: a module that dies by itself must not keep the process busy.
      workers[index] = undefined;
    };
    worker.on('error', lose);
    worker.on('exit', lose);
    return worker;
  };
  const workers: (Worker | undefined)[] = [];
  for (let index = 0; index < count; index++) workers.push(start(index));

  return {
    extract({ title, body, url }: TagDocument, { signal } = {}) {
      return new Promise<TagExtraction>((resolve, reject) => {
        if (closed) throw new Error('The extractor pool is closed.');
        signal?.throwIfAborted();
        const worker = load.indexOf(Math.min(...load));
        const id = nextId++;
        const abort = () => settle(id)?.reject(signal!.reason as Error);
        const done = () => signal?.removeEventListener('abort', abort);
        signal?.addEventListener('abort', abort, { once: true });
        load[worker]!++;
        jobs.set(id, {
          worker,
          resolve: (extraction) => {
            done();
            resolve(extraction);
          },
          reject: (error) => {
            done();
            reject(error);
          },
        });
        const thread = (workers[worker] ??= start(worker));
        thread.ref();
        // An article of the caller may carry more, which need not fit through to another thread.
        thread.postMessage({ id, document: url === undefined ? { title, body } : { title, body, url } });
      });
    },
    async close() {
      closed = true;
      await Promise.all(workers.map((worker) => worker?.terminate()));
    },
  };
}
