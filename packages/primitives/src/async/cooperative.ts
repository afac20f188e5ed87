/** Milliseconds since some fixed moment, as `Date.now` or `performance.now`. */
export type Clock = () => number;

/** How far a long task has come; `total` is 0 while unknown. */
export interface Progress {
  readonly stage: string;
  readonly completed: number;
  readonly total: number;
}

/** Receives progress; must not throw. */
export type ProgressCallback = (progress: Progress) => void;

/** A long computation that yields its progress every few milliseconds and returns its result. */
export type Cooperative<T> = Generator<Progress, T, void>;

/** Thrown by a task under `withDeadline` once its time is used up. */
export class DeadlineExceededError extends Error {
  override readonly name = 'DeadlineExceededError';

  /** @param timeoutMs - the time that was allowed, in milliseconds. */
  constructor(readonly timeoutMs: number) {
    super(`The task did not finish within ${timeoutMs} ms.`);
  }
}

const monotonic: Clock = () => performance.now();

/**
 * Stops a task at its first yield after `timeoutMs`.
 *
 * @param now - the clock to read. @default performance.now
 * @throws DeadlineExceededError out of the returned task.
 * @example
 * function* endless() { for (;;) yield { stage: 'spin', completed: 0, total: 0 }; }
 * const stopped = await runAsync(withDeadline(endless(), 5)).catch((error) => error.name);
 * stopped // => 'DeadlineExceededError'
 */
export function* withDeadline<T>(task: Cooperative<T>, timeoutMs: number, now: Clock = monotonic): Cooperative<T> {
  const start = now();
  for (;;) {
    const step = task.next();
    if (step.done) return step.value;
    if (now() - start > timeoutMs) {
      // Closing the generator runs its finally blocks, so that held buffers are let go.
      task.return(undefined as never);
      throw new DeadlineExceededError(timeoutMs);
    }
    yield step.value;
  }
}

/**
 * Runs a task to its end without leaving the current turn.
 *
 * @example
 * function* two() { yield { stage: 'count', completed: 1, total: 2 }; return 2; }
 * runSync(two()) // => 2
 */
export function runSync<T>(task: Cooperative<T>, onProgress?: ProgressCallback): T {
  for (;;) {
    const step = task.next();
    if (step.done) return step.value;
    onProgress?.(step.value);
  }
}

/**
 * Lets timers, sockets and aborts get their turn, between two steps of a long computation.
 *
 * @throws the signal's reason when it is aborted by then.
 * @example
 * const order: string[] = [];
 * setImmediate(() => order.push('others'));
 * await nextTurn();
 * order.push('we');
 * order // => ['others', 'we']
 */
export async function nextTurn(signal?: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
  signal?.throwIfAborted();
}

/** Options of `runAsync`. */
export interface RunAsyncOptions {
  /** Aborts the task at its next yield. */
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressCallback;
  /** Longest time in milliseconds before other work of the process gets its turn. @default 10 */
  readonly sliceMs?: number;
  /** @default performance.now */
  readonly now?: Clock;
}

/**
 * Runs a task in slices, so that timers, sockets and aborts get their turn in between.
 *
 * @throws the signal's reason when aborted; whatever the task throws.
 * @example
 * function* two() { yield { stage: 'count', completed: 1, total: 2 }; return 2; }
 * await runAsync(two()) // => 2
 */
export async function runAsync<T>(task: Cooperative<T>, options: RunAsyncOptions = {}): Promise<T> {
  const { signal, onProgress, sliceMs = 10, now = monotonic } = options;
  signal?.throwIfAborted();
  let sliceStart = now();
  for (;;) {
    const step = task.next();
    if (step.done) return step.value;
    onProgress?.(step.value);
    if (signal?.aborted) {
      task.return(undefined as never);
      throw signal.reason;
    }
    if (now() - sliceStart >= sliceMs) {
      await nextTurn();
      if (signal?.aborted) {
        task.return(undefined as never);
        throw signal.reason;
      }
      sliceStart = now();
    }
  }
}
