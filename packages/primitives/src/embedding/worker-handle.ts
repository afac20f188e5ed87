import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Identity, WorkerAnswers, WorkerReply, WorkerRequest, WorkerTask } from './embedding-worker.js';

/** Thrown by the calls that were under way when their worker died; later calls get a new worker. */
export class WorkerCrashedError extends Error {
  override readonly name = 'WorkerCrashedError';
}

interface Pending {
  readonly resolve: (answer: WorkerAnswers[keyof WorkerAnswers]) => void;
  readonly reject: (error: unknown) => void;
}

/** One worker with the calls it is working on. */
export class WorkerHandle {
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

  async call<K extends keyof WorkerAnswers>(
    kind: K,
    texts: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<WorkerAnswers[K]> {
    const id = this.nextId++;
    this.calls++;
    const answer = new Promise<WorkerAnswers[keyof WorkerAnswers]>((resolve, reject) =>
      this.pending.set(id, { resolve, reject }),
    );
    this.send({ kind, id, texts });
    const onAbort = () => {
      this.pending.get(id)?.reject(signal!.reason);
      this.pending.delete(id);
      this.send({ kind: 'abort', id });
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return (await answer) as WorkerAnswers[K];
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
      waiting?.resolve(reply.answer);
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
