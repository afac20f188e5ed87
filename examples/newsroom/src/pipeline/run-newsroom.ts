import type { HttpClient } from '@matome/host-kit';
import { type PipelineEvent, runPipeline } from '@matome/recap-core';
import type { JobRecord, Storage } from '@matome/storage';
import { oncePerPlace, type Problem, type RawArticle } from '../read/raw-article.js';
import { createStageStore, type StageState } from '../store/stage-store.js';
import { contentStage } from './content-stage.js';
import { dedupStage } from './dedup-stage.js';
import { genreStage } from './genre-stage.js';
import { inputKey, jobIdOf } from './job-key.js';
import { mapStage } from './map-stage.js';
import { prepareStage } from './prepare-stage.js';
import { readStage } from './read-stage.js';
import type { NewsStage } from './stage.js';
import { storeStage } from './store-recap.js';
import { representativeStage, storyStage, summaryStage, termStage } from './story-stages.js';
import { tagStage } from './tag-stage.js';
import { createWorkspace, type Workspace } from './workspace.js';

/** The stages behind reading, in order; a last one stores the recap. */
export const stages: readonly NewsStage[] = [
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
];

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

class Run {
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
      const { items, state } = (await storage.stages.load(stopped.jobId, 'read'))!;
      return this.#complete(stopped.jobId, items as readonly RawArticle[], state as StageState);
    }
    const { raw, state } = await this.#read();
    if (raw.length === 0) return outcome('empty', undefined, state.problems, [timingOf('read', state)]);
    const jobId = jobIdOf(raw);
    const known = await storage.jobs.get(jobId);
    if (known?.status === 'completed') return this.#unchanged(jobId, state);
    if (!known) await storage.transaction((inside) => createJob(inside, jobId, key, raw, state));
    return this.#complete(jobId, raw, state);
  }

  /** Reading comes before the pipeline: what is read names the job. */
  async #read(): Promise<{ readonly raw: readonly RawArticle[]; readonly state: StageState }> {
    const stage = readStage(this.inputs, this.services.http);
    const { state: work, stages: reports } = await this.#pipeline([stage], '', createWorkspace());
    const { count, elapsedMs } = reports[0]!;
    return { raw: work.raw, state: { unit: stage.unit, count, elapsedMs, problems: work.problems } };
  }

  /** The problems of reading are told anew; those of the later stages were kept. */
  async #unchanged(jobId: string, read: StageState): Promise<NewsroomOutcome> {
    const saved = await this.services.storage.stages.list(jobId);
    const later = saved.flatMap(({ stage, state }) => (stage === 'read' ? [] : (state as StageState).problems));
    return outcome('unchanged', jobId, [...read.problems, ...later], [timingOf('read', read)]);
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

  async #complete(jobId: string, raw: readonly RawArticle[], read: StageState): Promise<NewsroomOutcome> {
    const { storage, signal } = this.services;
    const all = [...stages, storeStage(storage, jobId)];
    try {
      const work = { ...createWorkspace(), raw, problems: read.problems };
      const { state, stages: reports } = await this.#pipeline(all, jobId, work);
      const timings = reports.map((report) =>
        timingOf(report.stage, { ...report, unit: unitsOf(all).get(report.stage)! }),
      );
      return outcome('completed', jobId, state.problems, [timingOf('read', read), ...timings]);
    } catch (error) {
      if (!signal.aborted) {
        await storage.jobs.setStatus(jobId, 'failed', { reason: (error as Error).message.replaceAll('\u0000', '') });
      }
      throw error;
    }
  }

  /** Runs stages; what they give is kept with the job, where there is one. */
  #pipeline(all: readonly NewsStage[], jobId: string, state: Workspace) {
    const { storage, signal, onEvent, now, monotonic } = this.services;
    const units = unitsOf(all);
    const tell = (event: PipelineEvent) => {
      const told = eventOf(event, units.get(event.stage)!);
      if (told) onEvent(told);
    };
    const store = jobId === '' ? {} : { store: createStageStore(storage, { now, units }) };
    return runPipeline(all, { runId: jobId, input: jobId, state, signal, onEvent: tell, now: monotonic, ...store });
  }
}

function unitsOf(all: readonly NewsStage[]): ReadonlyMap<string, string> {
  return new Map(all.map(({ name, unit }) => [name, unit]));
}

/** What people are told; a stage that was taken from an earlier run is not told again. */
function eventOf(event: PipelineEvent, unit: string): StageEvent | undefined {
  if (event.type !== 'end') return { ...event, unit };
  return event.status === 'ran' ? { type: 'end', ...timingOf(event.stage, { ...event, unit }) } : undefined;
}

function timingOf(stage: string, { unit, count, elapsedMs }: Omit<StageTiming, 'stage'>): StageTiming {
  return { stage, unit, count, elapsedMs };
}

function outcome(
  status: NewsroomOutcome['status'],
  jobId: string | undefined,
  problems: readonly Problem[],
  timings: readonly StageTiming[],
): NewsroomOutcome {
  return { status, ...(jobId ? { jobId } : {}), problems: oncePerPlace(problems), timings };
}

async function createJob(
  storage: Storage,
  jobId: string,
  key: string,
  raw: readonly RawArticle[],
  state: StageState,
): Promise<void> {
  await storage.jobs.create({ jobId, windowDays: windowDays(raw), trigger: 'user', note: key });
  await storage.stages.save(jobId, 'read', { state, items: raw });
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
