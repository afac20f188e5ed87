/** The saved output of a stage. */
export interface SavedStage {
  readonly stage: string;
  /** Names the input of the pipeline and all stages up to this one, with their versions and settings. */
  readonly fingerprint: string;
  /** What `run` gave, as JSON keeps it. */
  readonly output: unknown;
  readonly count: number;
  readonly elapsedMs: number;
}

/** Keeps the outputs of stages; an adapter over a database or a folder implements it. */
export interface StageStore {
  /** The latest output saved for a stage of a run. */
  load(runId: string, stage: string): Promise<SavedStage | undefined>;
  /** Saves an output in place of an earlier one of the same stage, all of it or nothing. */
  save(runId: string, saved: SavedStage): Promise<void>;
}

/**
 * A store that lasts as long as the process: for tests, and for retrying a run that failed.
 *
 * @example
 * const store = createMemoryStageStore();
 * await store.save('run', { stage: 'read', fingerprint: 'f', output: [1], count: 1, elapsedMs: 0 });
 * (await store.load('run', 'read'))?.output // => [1]
 */
export function createMemoryStageStore(): StageStore {
  const runs = new Map<string, Map<string, string>>();
  return {
    async load(runId, stage) {
      const text = runs.get(runId)?.get(stage);
      return text === undefined ? undefined : (JSON.parse(text) as SavedStage);
    },
    async save(runId, saved) {
      const stages = runs.get(runId) ?? new Map<string, string>();
      runs.set(runId, stages.set(saved.stage, JSON.stringify(saved)));
    },
  };
}
