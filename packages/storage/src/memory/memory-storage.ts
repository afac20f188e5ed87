import type { Storage } from '../storage.js';
import { memoryArticles, memoryTags } from './articles.js';
import { memoryEvidence } from './evidence.js';
import { memoryDuplicates, memoryGenreLearning, memoryJobs, memorySections, memoryStages } from './jobs.js';
import { memoryLabelGraph } from './label-graph.js';
import { createMemoryTables, type MemoryTables } from './memory-tables.js';
import { memoryMorning } from './morning.js';
import { memoryRetention, memorySystemMetrics, memoryWorkerConfig } from './operations.js';
import { memoryOutbox } from './outbox.js';
import { memoryRuns } from './runs.js';
import { memoryWorkQueue } from './work-queue.js';

/** Options of {@link createMemoryStorage}. */
export interface MemoryStorageOptions {
  /** Milliseconds since 1970; stamps records. */
  readonly now: () => number;
}

/**
 * Makes the repositories over memory: for tests, and for programs that keep nothing.
 *
 * Transactions copy everything at their start and run one after another.
 *
 * @example
 * const storage = createMemoryStorage({ now: () => 0 });
 * await storage.articles.save([{ id: 'a', title: 'Rain', body: 'It rained.' }]) // => 1
 */
export function createMemoryStorage(options: MemoryStorageOptions): Storage {
  let tables = createMemoryTables();
  let last: Promise<unknown> = Promise.resolve();
  const repositories = memoryRepositories(() => tables, options.now);
  return {
    ...repositories,
    transaction(run) {
      const inner: Storage = { ...repositories, transaction: (nested) => restoring(() => nested(inner)) };
      const result = last.then(() => restoring(() => run(inner)));
      last = result.catch(() => undefined);
      return result;
    },
  };

  async function restoring<T>(run: () => Promise<T>): Promise<T> {
    const before = structuredClone(tables);
    try {
      return await run();
    } catch (error) {
      tables = before;
      throw error;
    }
  }
}

function memoryRepositories(tables: () => MemoryTables, now: () => number): Omit<Storage, 'transaction'> {
  return {
    articles: memoryArticles(tables, now),
    tags: memoryTags(tables),
    labelGraph: memoryLabelGraph(tables),
    genreLearning: memoryGenreLearning(tables),
    jobs: memoryJobs(tables, now),
    stages: memoryStages(tables, now),
    duplicates: memoryDuplicates(tables),
    evidence: memoryEvidence(tables),
    sections: memorySections(tables),
    runs: memoryRuns(tables),
    workQueue: memoryWorkQueue(tables, now),
    outbox: memoryOutbox(tables, now),
    workerConfig: memoryWorkerConfig(tables, now),
    systemMetrics: memorySystemMetrics(tables, now),
    morning: memoryMorning(tables, now),
    retention: memoryRetention(tables, now),
  };
}
