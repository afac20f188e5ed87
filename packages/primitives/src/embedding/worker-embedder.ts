import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Matrix } from '../linalg/index.js';
import { checkInteger, checkNumber } from '../options/index.js';
import type { CreateEmbedderOptions } from './create-embedder.js';
import type { LoadedEmbedder } from './embedder.js';
import type { WorkerReply, WorkerRequest, WorkerTask } from './embedding-worker.js';

/** Thrown by the calls that were under way when their worker died; later calls get a new worker. */
export class WorkerCrashedError extends Error {
  override readonly name = 'WorkerCrashedError';
}

/** Options of `createWorkerEmbedder`. */
export interface WorkerEmbedderOptions {
  /** The model to load in the worker. */
  readonly create?: Omit<CreateEmbedderOptions, 'runtime'>;
  /** Instead of `create`: a module whose `createWorkerEmbedder(options)` gives a `LoadedEmbedder`. */
  readonly module?: URL;
  /** Handed to that module; must survive structured cloning. */
  readonly moduleOptions?: unknown;
  /** Calls after which the worker is replaced. @default never */
  readonly maxCalls?: number;
  /** Memory of the process above which the worker is replaced after a call, in megabytes. @default never */
  readonly maxRssMb?: number;
  /** Largest JavaScript heap of the worker in megabytes; a worker that needs more dies, the process lives on. @default Node's */
  readonly maxHeapMb?: number;
}

/** An embedder in a thread of its own. */
export interface WorkerEmbedder extends LoadedEmbedder {
  /** Workers started so far. */
  readonly workersStarted: number;
}

interface Pending {
  readonly resolve: (data: Float32Array) => void;
  readonly reject: (error: unknown) => void;
}

interface Identity {
  readonly modelId: string;
  readonly dimensions: number;
  readonly fingerprint: string;
}

/** One worker with the calls it is working on. */
class WorkerHandle {
  readonly ready: Promise<Identity>;
  readonly exited: Promise<void>;
  readonly pending = new Map<number, Pending>();
  calls = 0;
  rssBytes = 0;
  alive = true;
  private readonly worker: Worker;
  private nextId = 0;

  constructor(task: WorkerTask, maxHeapMb: number | undefined) {
    this.worker = startWorker(task, maxHeapMb);
    let fault: unknown;
    this.ready = new Promise((resolve, reject) => {
      this.worker.on('message', (reply: WorkerReply) => {
        if (reply.kind === 'ready') resolve(reply);
        else this.settle(reply);
      });
      this.worker.on('error', (error) => {
        fault = error;
        reject(error);
      });
      this.worker.on('exit', (code) => {
        this.alive = false;
        const message = fault instanceof Error ? fault.message : `exit code ${code}`;
        const error = new WorkerCrashedError(`The embedding worker died: ${message}.`, { cause: fault });
        reject(error);
        for (const { reject: fail } of this.pending.values()) fail(error);
        this.pending.clear();
      });
    });
    this.ready.catch(() => undefined);
    this.exited = new Promise((resolve) => this.worker.on('exit', () => resolve()));
  }

  async embed(texts: readonly string[], signal: AbortSignal | undefined): Promise<Float32Array> {
    const id = this.nextId++;
    this.calls++;
    const answer = new Promise<Float32Array>((resolve, reject) => this.pending.set(id, { resolve, reject }));
    this.send({ kind: 'embed', id, texts });
    const onAbort = () => {
      this.pending.get(id)?.reject(signal!.reason);
      this.pending.delete(id);
      this.send({ kind: 'abort', id });
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await answer;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Lets the worker end by itself once its model is let go; terminating it would keep native memory. */
  async close(): Promise<void> {
    if (this.alive) this.send({ kind: 'close' });
    await this.exited;
  }

  private settle(reply: Exclude<WorkerReply, { kind: 'ready' }>): void {
    const waiting = this.pending.get(reply.id);
    this.pending.delete(reply.id);
    if (reply.kind === 'failed') waiting?.reject(reply.error);
    else {
      this.rssBytes = reply.rssBytes;
      waiting?.resolve(reply.data);
    }
  }

  private send(request: WorkerRequest): void {
    this.worker.postMessage(request);
  }
}

/** Beside this file lies the worker's, compiled or not; source needs a loader, which a worker does not inherit. */
function startWorker(task: WorkerTask, maxHeapMb: number | undefined): Worker {
  const settings = {
    workerData: task,
    execArgv: [],
    resourceLimits: maxHeapMb === undefined ? {} : { maxOldGenerationSizeMb: maxHeapMb },
  };
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL('./embedding-worker.js', import.meta.url), settings);
  }
  const loader = pathToFileURL(
    createRequire(import.meta.url)
      .resolve('tsx/esm/api')
      .replace(/\.cjs$/, '.mjs'),
  );
  const entry = new URL('./embedding-worker.ts', import.meta.url);
  const code = `import('${loader}').then(({ register }) => { register(); return import('${entry}'); })`;
  return new Worker(code, { ...settings, eval: true });
}

/**
 * Runs an embedder in a worker thread: the event loop of the caller stays free, and memory stays flat because the worker
 * is replaced after so many calls or above so much memory.
 *
 * A worker that dies fails the calls it was working on, not the process; the next call starts another. Only a fault in
 * native code ends the whole process.
 *
 * @throws the fault of loading the model; RangeError for a bad option. `embed` throws WorkerCrashedError, the
 * embedder's error, or the signal's reason.
 * @remarks About 50 ms and the model's loading time a worker; vectors are moved, not copied.
 * @example
 * const embedder = await createWorkerEmbedder({ create: { model: 'hashing' }, maxCalls: 1000 });
 * (await embedder.embed(['tea'])).rows // => 1
 * await embedder.dispose();
 */
export async function createWorkerEmbedder(options: WorkerEmbedderOptions): Promise<WorkerEmbedder> {
  const { maxCalls = Number.POSITIVE_INFINITY, maxRssMb = Number.POSITIVE_INFINITY, maxHeapMb } = options;
  if (options.maxCalls !== undefined) checkInteger('createWorkerEmbedder', 'maxCalls', maxCalls, { min: 1 });
  checkNumber('createWorkerEmbedder', 'maxRssMb', maxRssMb, { min: 1 });
  if (maxHeapMb !== undefined) checkInteger('createWorkerEmbedder', 'maxHeapMb', maxHeapMb, { min: 1 });
  const task: WorkerTask = options.module
    ? { module: options.module.href, options: options.moduleOptions }
    : { create: options.create ?? {} };
  let workersStarted = 0;
  let disposed = false;
  const start = () => {
    workersStarted++;
    return new WorkerHandle(task, maxHeapMb);
  };
  let current = start();
  const closing = new Set<Promise<void>>();
  const identity = await current.ready;

  /** The worker for the next call: a dead or worn-out one is replaced. */
  const pick = (): WorkerHandle => {
    const worn = current.calls >= maxCalls || current.rssBytes > maxRssMb * 2 ** 20;
    if (current.alive && !worn) return current;
    if (current.alive) retire(current);
    current = start();
    return current;
  };
  const retire = (worker: WorkerHandle) => {
    const closed = worker.close().finally(() => closing.delete(closed));
    closing.add(closed);
  };
  // One call at a time: a worn-out worker is gone before its successor loads the model a second time.
  let queue: Promise<unknown> = Promise.resolve();
  const run = async (texts: readonly string[], signal: AbortSignal | undefined): Promise<Matrix> => {
    signal?.throwIfAborted();
    if (disposed) throw new Error(`The embedder ${identity.modelId} was disposed of.`);
    const worker = pick();
    await Promise.all(closing);
    await worker.ready;
    signal?.throwIfAborted();
    const data = await worker.embed(texts, signal);
    return { data, rows: texts.length, cols: identity.dimensions };
  };
  return {
    ...pickIdentity(identity),
    get workersStarted() {
      return workersStarted;
    },
    embed(texts, { signal } = {}) {
      const result = queue.then(() => run(texts, signal));
      queue = result.catch(() => undefined);
      return result;
    },
    async dispose() {
      disposed = true;
      await queue;
      await current.close();
      await Promise.all(closing);
    },
  };
}

function pickIdentity({ modelId, dimensions, fingerprint }: Identity): Identity {
  return { modelId, dimensions, fingerprint };
}
