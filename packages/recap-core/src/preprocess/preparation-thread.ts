import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Article, Preparation } from './article.js';
import type { PreparationReply, PreparationRequest, PreparationTask } from './preparation-worker.js';

/** An article on its way through the pool. */
export interface PreparationJob {
  readonly id: number;
  readonly article: Article;
  /** Workers that died while this article was on the bench. */
  deaths: number;
  readonly resolve: (preparation: Preparation) => void;
  readonly reject: (error: unknown) => void;
}

/** How a thread ended: before it was ready, by an article that took too long, or otherwise. */
export interface Death {
  readonly how: 'not started' | 'hung' | 'died';
  readonly cause: Error;
}

/** What a thread tells its pool. */
export interface ThreadEvents {
  onAnswer(): void;
  /** The thread is gone with these articles unanswered; it was working on the first of them. */
  onDeath(thread: PreparationThread, unanswered: readonly PreparationJob[], death: Death): void;
}

/** Settings of the threads of a pool. */
export interface ThreadSettings {
  readonly task: PreparationTask;
  readonly timeoutMs: number;
  readonly maxHeapMb: number | undefined;
}

/** One worker thread and the articles it was given, oldest first. */
export class PreparationThread {
  readonly jobs: PreparationJob[] = [];
  readonly #worker: Worker;
  readonly #timeoutMs: number;
  readonly #exited: Promise<unknown>;
  #timer: NodeJS.Timeout | undefined;
  #started = false;
  #hung = false;

  constructor({ task, timeoutMs, maxHeapMb }: ThreadSettings, events: ThreadEvents) {
    this.#worker = startWorker(task, maxHeapMb);
    this.#timeoutMs = timeoutMs;
    let fault: Error | undefined;
    this.#worker.on('message', (reply: PreparationReply) => {
      if (reply === 'ready') this.#started = true;
      else this.jobs.shift()?.resolve(reply.preparation);
      this.#watch();
      if (reply !== 'ready') events.onAnswer();
    });
    this.#worker.on('error', (error) => {
      fault = error instanceof Error ? error : new Error(String(error));
    });
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', (code) => {
        clearTimeout(this.#timer);
        resolve(code);
        const cause = fault ?? new Error(this.#hung ? `no answer within ${timeoutMs} ms` : `exit code ${code}`);
        const how = this.#started ? (this.#hung ? 'hung' : 'died') : 'not started';
        events.onDeath(this, this.jobs.splice(0), { how, cause });
      });
    });
    this.#worker.unref();
  }

  /** Hands the thread one more article. */
  give(job: PreparationJob): void {
    try {
      this.#worker.postMessage({ id: job.id, article: job.article } satisfies PreparationRequest);
    } catch (cause) {
      job.resolve(droppedJob(job, 'The article cannot be sent to a worker.', cause));
      return;
    }
    this.jobs.push(job);
    if (this.jobs.length === 1) this.#watch();
  }

  /** Ends the thread at once. */
  async close(): Promise<void> {
    await this.#worker.terminate();
    await this.#exited;
  }

  /** Starts the clock of the oldest article; an idle thread does not keep the process alive. */
  #watch(): void {
    clearTimeout(this.#timer);
    if (this.jobs.length === 0) {
      this.#worker.unref();
      return;
    }
    this.#worker.ref();
    if (!this.#started) return;
    this.#timer = setTimeout(() => {
      this.#hung = true;
      void this.#worker.terminate();
    }, this.#timeoutMs);
  }
}

/** The answer for an article that no worker can prepare. */
export function droppedJob({ article }: PreparationJob, message: string, cause: unknown): Preparation {
  const id = String((article as Article | null)?.id ?? '');
  return { status: 'dropped', id, reason: 'failed', error: new Error(message, { cause }) };
}

/** Beside this file lies the worker's, compiled or not; source needs a loader, which a worker does not inherit. */
function startWorker(task: PreparationTask, maxHeapMb: number | undefined): Worker {
  const settings = {
    workerData: task,
    resourceLimits: maxHeapMb === undefined ? {} : { maxOldGenerationSizeMb: maxHeapMb },
  };
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL('./preparation-worker.js', import.meta.url), { ...settings, execArgv: [] });
  }
  const loader = pathToFileURL(
    createRequire(import.meta.url)
      .resolve('tsx/esm/api')
      .replace(/\.cjs$/, '.mjs'),
  );
  const entry = new URL('./preparation-worker.ts', import.meta.url);
  const code = `import('${loader}').then(({ register }) => { register(); return import('${entry}'); })`;
  return new Worker(code, { ...settings, eval: true, execArgv: ['--conditions=matome-source'] });
}
