import type { Identity, WorkerAnswers, WorkerReply, WorkerTask } from './embedding-worker.js';
import { openWorker, type WorkerChannel, type WorkerIsolation } from './worker-channel.js';

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
  private readonly channel: WorkerChannel;
  private nextId = 0;

  constructor(task: WorkerTask, isolation: WorkerIsolation, maxHeapMb: number | undefined) {
    let identify!: (identity: Identity) => void;
    let refuse!: (error: unknown) => void;
    this.ready = new Promise((resolve, reject) => {
      identify = resolve;
      refuse = reject;
    });
    this.ready.catch(() => undefined);
    let exit!: () => void;
    this.exited = new Promise((resolve) => {
      exit = resolve;
    });
    this.channel = openWorker(isolation, maxHeapMb, {
      onReply: (reply) => {
        if (reply.kind === 'ready') identify(reply);
        else if (reply.kind === 'refused') refuse(reply.error);
        else this.settle(reply);
      },
      onDeath: (reason, cause) => {
        this.alive = false;
        const error = new WorkerCrashedError(`The embedding worker died: ${reason}.`, { cause });
        refuse(error);
        for (const { reject } of this.pending.values()) reject(error);
        this.pending.clear();
        exit();
      },
    });
    this.channel.send({ kind: 'start', task });
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
    try {
      this.channel.send({ kind, id, texts });
    } catch (error) {
      // Nobody would hear of the death of the worker as the answer to what it was never asked.
      this.pending.delete(id);
      throw error;
    }
    const onAbort = () => {
      this.pending.get(id)?.reject(signal!.reason);
      this.pending.delete(id);
      this.channel.send({ kind: 'abort', id });
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
    if (this.alive) this.channel.send({ kind: 'close' });
    await this.exited;
  }

  private settle(reply: Extract<WorkerReply, { id: number }>): void {
    const waiting = this.pending.get(reply.id);
    this.pending.delete(reply.id);
    if (reply.kind === 'failed') waiting?.reject(reply.error);
    else {
      this.rssBytes = reply.rssBytes;
      waiting?.resolve(reply.answer);
    }
  }
}
