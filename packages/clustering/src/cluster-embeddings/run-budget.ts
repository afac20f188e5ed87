import {
  type Clock,
  type Cooperative,
  DeadlineExceededError,
  nextTurn,
  type Progress,
  type ProgressCallback,
  runAsync,
} from '@matome/primitives/async';
import { watchedSignal } from '../neighbors/watched-signal.js';

/** Share of a stage, or of the time left for it, after which its pace is trusted. */
const trusted = { work: 0.08, time: 0.25 };
/** A stage is given up when it would take so many times the time left. */
const hopeless = 1.4;

/** What bounds a run: a clock, an optional deadline, an optional signal; and what its stages took. */
export class RunBudget {
  readonly timingsMs: Record<string, number> = {};
  readonly #start: number;
  /** The stage whose pace is measured, and where that began. */
  #pace = { stage: '', completed: 0, at: 0 };
  #tooSlow = false;
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

  /** Runs a task under the deadline and the signal; gives it up as soon as its pace shows that it would be late. */
  async run<T>(stage: string, task: Cooperative<T>): Promise<T> {
    return this.time(stage, () => this.#drive(this.deadlineMs === undefined ? task : this.#bounded(task)));
  }

  /** Runs a task that has to finish, deadline or not. */
  async finish<T>(stage: string, task: Cooperative<T>): Promise<T> {
    return this.time(stage, () => this.#drive(task));
  }

  /** Gives other work its turn between two steps of some ten milliseconds. */
  async breathe(): Promise<void> {
    await nextTurn(this.signal);
  }

  /** Adds the time of some work to its stage. */
  async time<T>(stage: string, work: () => Promise<T>): Promise<T> {
    await this.breathe();
    const start = this.now();
    try {
      return await work();
    } finally {
      this.timingsMs[stage] = (this.timingsMs[stage] ?? 0) + this.now() - start;
    }
  }

  /** A signal for work that looks at its signal between steps but has no deadline of its own. */
  boundedSignal(): AbortSignal | undefined {
    if (this.deadlineMs === undefined) return this.signal;
    const late = () => this.#tooSlow || this.leftMs <= 0;
    return watchedSignal(this.signal, {
      check: () => this.#throwIfLate(),
      reason: () => (late() ? new DeadlineExceededError(this.deadlineMs!) : undefined),
    });
  }

  /** A progress callback that measures the pace of work done under `boundedSignal`. */
  paced(onProgress: ProgressCallback | undefined): ProgressCallback | undefined {
    if (this.deadlineMs === undefined) return onProgress;
    return (progress) => {
      this.#measure(progress);
      onProgress?.(progress);
    };
  }

  *#bounded<T>(task: Cooperative<T>): Cooperative<T> {
    this.#pace = { stage: '', completed: 0, at: 0 };
    try {
      for (;;) {
        this.#throwIfLate();
        const step = task.next();
        if (step.done) return step.value;
        this.#measure(step.value);
        yield step.value;
      }
    } finally {
      // Closing the generator lets held buffers go.
      task.return(undefined as never);
    }
  }

  #throwIfLate(): void {
    if (!this.#tooSlow && this.leftMs > 0) return;
    this.#tooSlow = false;
    throw new DeadlineExceededError(this.deadlineMs!);
  }

  #measure({ stage, completed, total }: Progress): void {
    if (stage !== this.#pace.stage || completed <= this.#pace.completed) {
      this.#pace = { stage, completed, at: this.now() };
      return;
    }
    const done = completed - this.#pace.completed;
    const tookMs = this.now() - this.#pace.at;
    const { leftMs } = this;
    if (done < trusted.work * total && tookMs < trusted.time * (tookMs + leftMs)) return;
    if ((tookMs * (total - completed)) / done > hopeless * leftMs) this.#tooSlow = true;
  }

  #drive<T>(task: Cooperative<T>): Promise<T> {
    const { signal, onProgress, now } = this;
    return runAsync(task, { signal, onProgress, now });
  }
}
