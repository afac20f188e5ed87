import type { StageStore } from '@matome/recap-core';
import type { Storage } from '@matome/storage';
import type { StageOutput } from '../pipeline/stage.js';
import type { Problem } from '../read/raw-article.js';

/** What is kept of a finished stage beside its items. */
export interface StageState {
  /** Names what the stage was made from; what was read names itself. */
  readonly fingerprint?: string;
  readonly unit: string;
  readonly count: number;
  readonly elapsedMs: number;
  readonly problems: readonly Problem[];
}

/** What {@link createStageStore} needs from outside. */
export interface StageStoreOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** What each stage counts. */
  readonly units: ReadonlyMap<string, string>;
}

/** Keeps the outputs of stages with their job: the items in rows of their own, the rest as the state of the stage. */
export function createStageStore(storage: Storage, { now, units }: StageStoreOptions): StageStore {
  return {
    async load(jobId, stage) {
      const saved = await storage.stages.load(jobId, stage);
      if (!saved) return undefined;
      const { fingerprint = '', problems, count, elapsedMs } = saved.state as StageState;
      const output: StageOutput<unknown> = { items: saved.items, problems };
      return { stage, fingerprint, output, count, elapsedMs };
    },
    async save(jobId, { stage, fingerprint, output, count, elapsedMs }) {
      const { items, problems = [] } = output as StageOutput<unknown>;
      const state: StageState = { fingerprint, unit: units.get(stage) ?? 'items', count, elapsedMs, problems };
      await storage.stages.save(jobId, stage, { state, items, startedAt: new Date(now() - elapsedMs) });
    },
  };
}
