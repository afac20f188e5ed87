import type { Identity, WorkerAnswers, WorkerTask } from './embedding-worker.js';
import type { WorkerIsolation } from './worker-channel.js';
import { WorkerHandle } from './worker-handle.js';

/** Where a worker runs, and when it is replaced. */
export interface WorkerSettings {
  readonly isolation: WorkerIsolation;
  readonly maxCalls: number;
  readonly maxRssMb: number;
  readonly maxHeapMb: number | undefined;
}

/** What `result` gives, or the signal's reason as soon as it is aborted: a call that waits need not wait for its turn. */
function orAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    result.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** A place for one worker at a time: the next is started when the last one is worn out or has died. */
export class WorkerSeat {
  /** Workers started so far. */
  started = 0;
  /** Texts of the calls that wait or run here. */
  load = 0;
  private current: WorkerHandle;
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly task: WorkerTask,
    private readonly settings: WorkerSettings,
  ) {
    this.current = this.start();
  }

  /** What the first worker loaded. */
  get ready(): Promise<Identity> {
    return this.current.ready;
  }

  /** Asks once the calls before it are done: a worn-out worker is gone before its successor loads the model again. */
  call<K extends keyof WorkerAnswers>(
    kind: K,
    texts: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<WorkerAnswers[K]> {
    this.load += texts.length;
    const result = this.queue
      .then(() => this.run(kind, texts, signal))
      .finally(() => {
        this.load -= texts.length;
      });
    this.queue = result.catch(() => undefined);
    return signal ? orAborted(result, signal) : result;
  }

  async dispose(): Promise<void> {
    await this.queue;
    await this.current.close();
  }

  private async run<K extends keyof WorkerAnswers>(
    kind: K,
    texts: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<WorkerAnswers[K]> {
    signal?.throwIfAborted();
    const { current, settings } = this;
    const worn = current.calls >= settings.maxCalls || current.rssBytes > settings.maxRssMb * 2 ** 20;
    if (worn || !current.alive) {
      await current.close();
      this.current = this.start();
    }
    await this.current.ready;
    signal?.throwIfAborted();
    return this.current.call(kind, texts, signal);
  }

  private start(): WorkerHandle {
    this.started++;
    const { isolation, maxHeapMb } = this.settings;
    return new WorkerHandle(this.task, isolation, maxHeapMb);
  }
}
