import type { HttpClient } from '@matome/host-kit';
import type { JobRecord, Storage } from '@matome/storage';
import { oncePerPlace, type Problem, type RawArticle } from '../read/raw-article.js';
import { contentStage } from './content-stage.js';
import { dedupStage } from './dedup-stage.js';
import { genreStage } from './genre-stage.js';
import { inputKey, jobIdOf } from './job-key.js';
import { mapStage } from './map-stage.js';
import { prepareStage } from './prepare-stage.js';
import { readStage } from './read-stage.js';
import type { Stage, StageOutput } from './stage.js';
import { storeRecap } from './store-recap.js';
import { representativeStage, storyStage, summaryStage, termStage } from './story-stages.js';
import { tagStage } from './tag-stage.js';
import { createWorkspace, type Workspace } from './workspace.js';

/** The stages behind reading, in order; the last step stores the recap. */
export const stages: readonly Stage[] = [
  contentStage,
  prepareStage,
  dedupStage,
  tagStage,
  genreStage,
  storyStage,
  termStage,
  representativeStage,
  summaryStage,
  mapStage,
] as readonly Stage[];

/** What a finished stage took. */
export interface StageTiming {
  readonly stage: string;
  readonly unit: string;
  readonly count: number;
  readonly elapsedMs: number;
}

/** What a stage tells while it runs and when it ends. */
export type StageEvent =
  | { readonly type: 'start'; readonly stage: string; readonly unit: string }
  | {
      readonly type: 'progress';
      readonly stage: string;
      readonly unit: string;
      readonly completed: number;
      readonly total: number;
    }
  | ({ readonly type: 'end' } & StageTiming)
  | { readonly type: 'resumed'; readonly stage: string; readonly jobId: string };

/** What {@link runNewsroom} needs from outside. */
export interface NewsroomServices {
  readonly storage: Storage;
  readonly http: Pick<HttpClient, 'get'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonic: () => number;
  readonly signal: AbortSignal;
  readonly onEvent: (event: StageEvent) => void;
}

/** How a run ended. */
export interface NewsroomOutcome {
  /** `unchanged` when the same articles were recapped before: nothing was written. */
  readonly status: 'completed' | 'unchanged' | 'empty';
  /** Absent when there was no article. */
  readonly jobId?: string;
  readonly problems: readonly Problem[];
  readonly timings: readonly StageTiming[];
}

/**
 * Makes a recap of the inputs, or goes on with one that was stopped.
 *
 * @throws the reason of the signal when aborted; what was finished is kept. The error of a stage, after the job is
 * marked as failed; a later call tries that stage again.
 */
export async function runNewsroom(inputs: readonly string[], services: NewsroomServices): Promise<NewsroomOutcome> {
  return new Run(inputs, services).run();
}

interface StageState {
  readonly problems: readonly Problem[];
  readonly unit: string;
  readonly count: number;
  readonly elapsedMs: number;
}

class Run {
  readonly #work: Workspace = createWorkspace();
  readonly #timings: StageTiming[] = [];

  constructor(
    readonly inputs: readonly string[],
    readonly services: NewsroomServices,
  ) {}

  async run(): Promise<NewsroomOutcome> {
    const { storage, onEvent } = this.services;
    const key = await inputKey(this.inputs);
    const stopped = await this.#findStopped(key);
    if (stopped) {
      onEvent({ type: 'resumed', stage: stopped.lastStage ?? '', jobId: stopped.jobId });
      return this.#complete(stopped.jobId);
    }
    const read = readStage(this.inputs, this.services.http);
    const { output, timing } = await this.#execute(read);
    await read.apply(this.#work, output.items);
    if (output.items.length === 0) return this.#outcome('empty', undefined, output.problems ?? []);
    const jobId = jobIdOf(output.items);
    const known = await storage.jobs.get(jobId);
    if (known?.status === 'completed') return this.#unchanged(jobId, output.problems ?? []);
    if (!known) await storage.transaction((inside) => createJob(inside, jobId, key, output, timing));
    return this.#complete(jobId);
  }

  /** The problems of reading are told anew; those of the later stages were kept. */
  async #unchanged(jobId: string, problems: readonly Problem[]): Promise<NewsroomOutcome> {
    const saved = await this.services.storage.stages.list(jobId);
    const later = saved.flatMap(({ stage, state }) => (stage === 'read' ? [] : (state as StageState).problems));
    return this.#outcome('unchanged', jobId, [...problems, ...later]);
  }

  /** A run of the same input that did not come to its end. */
  async #findStopped(key: string): Promise<JobRecord | undefined> {
    const { storage } = this.services;
    for (const status of ['running', 'failed'] as const) {
      const jobs = await storage.jobs.list({ status, limit: 100 });
      const found = jobs.find(({ note, lastStage }) => note === key && lastStage !== null);
      if (found) return found;
    }
    return undefined;
  }

  async #complete(jobId: string): Promise<NewsroomOutcome> {
    const { storage, signal } = this.services;
    try {
      for (const stage of [readStage([], this.services.http) as Stage, ...stages]) {
        signal.throwIfAborted();
        await this.#restoreOrRun(jobId, stage);
      }
      await this.#store(jobId);
    } catch (error) {
      if (!signal.aborted) {
        await storage.jobs.setStatus(jobId, 'failed', { reason: (error as Error).message.replaceAll('\u0000', '') });
      }
      throw error;
    }
    return this.#outcome('completed', jobId, this.#work.problems);
  }

  async #restoreOrRun(jobId: string, stage: Stage): Promise<void> {
    const { storage } = this.services;
    const saved = await storage.stages.load(jobId, stage.name);
    if (saved) {
      await stage.apply(this.#work, saved.items);
      this.#note(stage.name, saved.state as StageState);
      return;
    }
    const startedAt = new Date(this.services.now());
    const { output, timing } = await this.#execute(stage);
    const state = stateOf(output, timing);
    await storage.stages.save(jobId, stage.name, { state, items: output.items, startedAt });
    await stage.apply(this.#work, output.items);
    this.#note(stage.name, state);
  }

  async #execute<Item>(stage: Stage<Item>): Promise<{ output: StageOutput<Item>; timing: StageTiming }> {
    const { signal, onEvent, monotonic } = this.services;
    const { name, unit } = stage;
    onEvent({ type: 'start', stage: name, unit });
    const start = monotonic();
    const output = await stage.run(this.#work, {
      signal,
      progress: (completed, total) => onEvent({ type: 'progress', stage: name, unit, completed, total }),
    });
    const elapsedMs = Math.round(monotonic() - start);
    const timing = { stage: name, unit, count: output.count ?? output.items.length, elapsedMs };
    onEvent({ type: 'end', ...timing });
    return { output, timing };
  }

  async #store(jobId: string): Promise<void> {
    const { storage, onEvent, monotonic } = this.services;
    const [stage, unit] = ['store', 'sections'];
    onEvent({ type: 'start', stage, unit });
    const start = monotonic();
    const count = await storage.transaction((inside) => storeRecap(inside, jobId, this.#work));
    const timing = { stage, unit, count, elapsedMs: Math.round(monotonic() - start) };
    this.#timings.push(timing);
    onEvent({ type: 'end', ...timing });
  }

  #note(stage: string, { problems, unit, count, elapsedMs }: StageState): void {
    this.#work.problems = [...this.#work.problems, ...problems];
    this.#timings.push({ stage, unit, count, elapsedMs });
  }

  #outcome(
    status: NewsroomOutcome['status'],
    jobId: string | undefined,
    problems: readonly Problem[],
  ): NewsroomOutcome {
    return { status, ...(jobId ? { jobId } : {}), problems: oncePerPlace(problems), timings: this.#timings };
  }
}

function stateOf(output: StageOutput<unknown>, { unit, count, elapsedMs }: StageTiming): StageState {
  return { problems: output.problems ?? [], unit, count, elapsedMs };
}

async function createJob(
  storage: Storage,
  jobId: string,
  key: string,
  output: StageOutput<RawArticle>,
  timing: StageTiming,
): Promise<void> {
  await storage.jobs.create({ jobId, windowDays: windowDays(output.items), trigger: 'user', note: key });
  await storage.stages.save(jobId, 'read', { state: stateOf(output, timing), items: output.items });
}

/** Days from the first to the last article, at least one. */
function windowDays(articles: readonly RawArticle[]): number {
  const times = articles.flatMap(({ publishedAt }) => (publishedAt ? [Date.parse(publishedAt)] : []));
  if (times.length === 0) return 1;
  const [first, last] = times.reduce(([low, high], t) => [Math.min(low, t), Math.max(high, t)], [
    times[0]!,
    times[0]!,
  ] as [number, number]);
  return Math.max(1, Math.ceil((last - first) / 86_400_000));
}
