import { createHash } from 'node:crypto';
import type { Clock } from '@matome/primitives/async';
import { stableJson } from '@matome/primitives/hashing';
import { checkInteger } from '@matome/primitives/options';
import { jsonCopy } from './json-copy.js';
import type { PipelineStage } from './pipeline-stage.js';
import type { SavedStage, StageStore } from './stage-store.js';

/** How a stage came to its output. */
export interface StageReport {
  readonly stage: string;
  /** `restored`: the saved output was taken. */
  readonly status: 'ran' | 'restored';
  readonly count: number;
  /** What the stage took when it ran. */
  readonly elapsedMs: number;
}

/** What a pipeline tells while it runs. */
export type PipelineEvent =
  | { readonly type: 'start'; readonly stage: string }
  | { readonly type: 'progress'; readonly stage: string; readonly completed: number; readonly total: number }
  | ({ readonly type: 'end' } & StageReport);

/** Options of `runPipeline`. */
export interface RunPipelineOptions<State> {
  /** Names this run in the store. */
  readonly runId: string;
  /** What the first stage starts from. */
  readonly state: State;
  /** Names what the run is made from, e.g. a hash of its articles: a saved output of another input is not taken. */
  readonly input: string;
  /** @default none: every stage runs */
  readonly store?: StageStore;
  /** Runs this stage and those behind it even where outputs were saved. */
  readonly from?: string;
  readonly signal?: AbortSignal;
  /** Must not throw. */
  readonly onEvent?: (event: PipelineEvent) => void;
  /** @default performance.now */
  readonly now?: Clock;
}

/** How a pipeline ended. */
export interface PipelineResult<State> {
  readonly state: State;
  readonly stages: readonly StageReport[];
}

/** Thrown when a stage fails; what the stages before it gave is saved. */
export class StageError extends Error {
  override readonly name = 'StageError';

  constructor(
    readonly stage: string,
    cause: unknown,
  ) {
    super(`The stage ${stage} failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/**
 * Runs stages one after another and saves the output of each; a run that was stopped anywhere goes on where it was.
 *
 * A saved output is taken when the input, and the names, versions and settings of all stages up to this one, are what
 * they were; the first stage that differs runs anew, and so do all behind it. Outputs go through JSON before they are
 * applied, so a resumed run sees the same bytes as one that was never stopped. Whoever may start one run twice at the
 * same time has to hold a lock.
 *
 * @throws RangeError for stages of one name or an unknown `from`; StageError with the cause when a stage fails; the
 * signal's reason when aborted; whatever the store throws.
 * @remarks Beside the stages: one JSON round trip of every output.
 * @example
 * const stage = defineStage<number>()({ name: 'double', run: (n) => n * 2, apply: (_, n) => n });
 * const store = createMemoryStageStore();
 * const options = { runId: 'a', input: '21', state: 21, store };
 * const first = await runPipeline([stage], options);
 * const second = await runPipeline([stage], options);
 * [first.state, second.state, second.stages[0].status] // => [42, 42, 'restored']
 */
export async function runPipeline<State>(
  stages: readonly PipelineStage<State>[],
  options: RunPipelineOptions<State>,
): Promise<PipelineResult<State>> {
  const { runId, store, from, signal = new AbortController().signal, onEvent, now = () => performance.now() } = options;
  checkStages(stages, from);
  let { state } = options;
  let fingerprint = hashOf(options.input);
  let fresh = store === undefined;
  const reports: StageReport[] = [];
  for (const stage of stages) {
    signal.throwIfAborted();
    const { name, version = 1, settings = null, saved: keeps = true } = stage;
    fingerprint = hashOf(stableJson([fingerprint, name, version, settings]));
    fresh ||= name === from;
    const saved = fresh || !keeps ? undefined : await store?.load(runId, name);
    if (saved?.fingerprint === fingerprint) {
      state = await applyOutput(stage, state, saved.output, signal);
      const report: StageReport = { stage: name, status: 'restored', count: saved.count, elapsedMs: saved.elapsedMs };
      reports.push(report);
      onEvent?.({ type: 'end', ...report });
      continue;
    }
    fresh ||= keeps;
    onEvent?.({ type: 'start', stage: name });
    const start = now();
    const output = await runStage(stage, state, signal, onEvent);
    const elapsedMs = Math.round(now() - start);
    const result: SavedStage = { stage: name, fingerprint, output, count: countOf(stage, output), elapsedMs };
    if (keeps) await store?.save(runId, result);
    state = await applyOutput(stage, state, output, signal);
    const report: StageReport = { stage: name, status: 'ran', count: result.count, elapsedMs };
    reports.push(report);
    onEvent?.({ type: 'end', ...report });
  }
  return { state, stages: reports };
}

async function runStage<State>(
  stage: PipelineStage<State>,
  state: State,
  signal: AbortSignal,
  onEvent: RunPipelineOptions<State>['onEvent'],
): Promise<unknown> {
  let open = true;
  const progress = (completed: number, total: number) => {
    // A stage that was left, by an error of its siblings for instance, may still tell of its work.
    if (open) onEvent?.({ type: 'progress', stage: stage.name, completed, total });
  };
  try {
    const output = await stage.run(state, { signal, progress });
    signal.throwIfAborted();
    const kept = jsonCopy(output);
    if (kept === undefined) throw new TypeError('its output must be a value that JSON can hold.');
    return kept;
  } catch (error) {
    signal.throwIfAborted();
    throw new StageError(stage.name, error);
  } finally {
    open = false;
  }
}

async function applyOutput<State>(
  stage: PipelineStage<State>,
  state: State,
  output: unknown,
  signal: AbortSignal,
): Promise<State> {
  try {
    return await stage.apply(state, output);
  } catch (error) {
    signal.throwIfAborted();
    throw new StageError(stage.name, error);
  }
}

function countOf<State>(stage: PipelineStage<State>, output: unknown): number {
  if (stage.count) return stage.count(output);
  return Array.isArray(output) ? output.length : 1;
}

function checkStages<State>(stages: readonly PipelineStage<State>[], from: string | undefined): void {
  const names = new Set<string>();
  for (const { name, version = 1 } of stages) {
    if (names.has(name))
      throw new RangeError(`The stages of runPipeline must have different names. Got ${name} twice.`);
    names.add(name);
    checkInteger('runPipeline', `version of ${name}`, version, { min: 0 });
  }
  if (from !== undefined && !names.has(from)) {
    throw new RangeError(`The from option of runPipeline must name a stage. Got ${JSON.stringify(from)}.`);
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
