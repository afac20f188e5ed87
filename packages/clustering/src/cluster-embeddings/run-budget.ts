import {
  type Clock,
  type Cooperative,
  DeadlineExceededError,
  type ProgressCallback,
  runAsync,
  withDeadline,
} from '@matome/primitives/async';

/** What bounds a run: a clock, an optional deadline, an optional signal; and what its stages took. */
export class RunBudget {
  readonly timingsMs: Record<string, number> = {};
  readonly #start: number;
  /** Milliseconds kept back from the deadline for what comes after it. */
  reserveMs = 0;

  constructor(
    readonly now: Clock,
    readonly deadlineMs: number | undefined,
    readonly signal: AbortSignal | undefined,
    readonly onProgress: ProgressCallback | undefined,
  ) {
    this.#start = now();
  }

  /** Milliseconds since the start. */
  get elapsedMs(): number {
    return this.now() - this.#start;
  }

  /** Milliseconds until the deadline, less the reserve; Infinity without one. */
  get leftMs(): number {
    if (this.deadlineMs === undefined) return Number.POSITIVE_INFINITY;
    return this.deadlineMs - this.reserveMs - this.elapsedMs;
  }

  /** Runs a task under the deadline and the signal. */
  async run<T>(stage: string, task: Cooperative<T>): Promise<T> {
    return this.time(stage, () => {
      const left = this.leftMs;
      if (left <= 0) throw new DeadlineExceededError(this.deadlineMs!);
      const bounded = left === Number.POSITIVE_INFINITY ? task : withDeadline(task, left, this.now);
      return this.#drive(bounded);
    });
  }

  /** Runs a task that has to finish, deadline or not. */
  async finish<T>(stage: string, task: Cooperative<T>): Promise<T> {
    return this.time(stage, () => this.#drive(task));
  }

  /** Adds the time of some work to its stage. */
  async time<T>(stage: string, work: () => Promise<T>): Promise<T> {
    this.signal?.throwIfAborted();
    const start = this.now();
    try {
      return await work();
    } finally {
      this.timingsMs[stage] = (this.timingsMs[stage] ?? 0) + this.now() - start;
    }
  }

  /** A signal for work that looks at its signal between steps but has no deadline of its own. */
  boundedSignal(): AbortSignal | undefined {
    const { signal } = this;
    if (this.deadlineMs === undefined) return signal;
    const check = () => {
      signal?.throwIfAborted();
      if (this.leftMs <= 0) throw new DeadlineExceededError(this.deadlineMs!);
    };
    // A timer would be another clock than the one given: this signal reads that one whenever it is asked.
    return new Proxy(signal ?? new AbortController().signal, {
      get: (target, name) => {
        if (name === 'throwIfAborted') return check;
        if (name === 'aborted') return target.aborted || this.leftMs <= 0;
        if (name === 'reason' && !target.aborted) return new DeadlineExceededError(this.deadlineMs!);
        const value = Reflect.get(target, name, target) as unknown;
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  #drive<T>(task: Cooperative<T>): Promise<T> {
    const { signal, onProgress, now } = this;
    return runAsync(task, { signal, onProgress, now });
  }
}
