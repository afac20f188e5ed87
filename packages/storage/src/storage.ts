import { type ArticleRepository, createArticleRepository } from './repositories/articles.js';
import { createDuplicateRepository, type DuplicateRepository } from './repositories/duplicates.js';
import { createEvidenceRepository, type EvidenceRepository } from './repositories/evidence.js';
import { createGenreLearningRepository, type GenreLearningRepository } from './repositories/genre-learning.js';
import { createJobRepository, type JobRepository } from './repositories/jobs.js';
import { createLabelGraphRepository, type LabelGraphRepository } from './repositories/label-graph.js';
import { createMorningRepository, type MorningRepository } from './repositories/morning.js';
import { createOutboxRepository, type OutboxRepository } from './repositories/outbox.js';
import { createRetentionRepository, type RetentionRepository } from './repositories/retention.js';
import { createRunRepository, type RunRepository } from './repositories/runs.js';
import { createSectionRepository, type SectionRepository } from './repositories/sections.js';
import { createStageRepository, type StageRepository } from './repositories/stages.js';
import { createSystemMetricsRepository, type SystemMetricsRepository } from './repositories/system-metrics.js';
import { createTagRepository, type TagRepository } from './repositories/tags.js';
import { createWorkQueueRepository, type WorkQueueRepository } from './repositories/work-queue.js';
import { createWorkerConfigRepository, type WorkerConfigRepository } from './repositories/worker-config.js';
import type { SqlClient } from './sql/sql-client.js';

/** Every repository of the suite over one store. */
export interface Storage {
  readonly articles: ArticleRepository;
  readonly tags: TagRepository;
  readonly labelGraph: LabelGraphRepository;
  readonly genreLearning: GenreLearningRepository;
  readonly jobs: JobRepository;
  readonly stages: StageRepository;
  readonly duplicates: DuplicateRepository;
  readonly evidence: EvidenceRepository;
  readonly sections: SectionRepository;
  readonly runs: RunRepository;
  readonly workQueue: WorkQueueRepository;
  readonly outbox: OutboxRepository;
  readonly workerConfig: WorkerConfigRepository;
  readonly systemMetrics: SystemMetricsRepository;
  readonly morning: MorningRepository;
  readonly retention: RetentionRepository;
  /**
   * Runs `run` so that all it writes through the storage handed to it is kept together or not at all.
   *
   * @throws the error of `run`, after which nothing of it remains.
   */
  transaction<T>(run: (storage: Storage) => Promise<T>): Promise<T>;
}

/** Options of {@link createPostgresStorage}. */
export interface PostgresStorageOptions {
  /** Milliseconds since 1970; stamps rows. */
  readonly now: () => number;
}

/**
 * Makes the repositories over a database whose schema is up to date ({@link migrate}).
 *
 * @example
 * const client = { query: async () => ({ rows: [{ n: 3 }], rowCount: 1 }) } as unknown as SqlClient;
 * await createPostgresStorage(client, { now: () => 0 }).articles.count() // => 3
 */
export function createPostgresStorage(client: SqlClient, options: PostgresStorageOptions): Storage {
  const { now } = options;
  return {
    articles: createArticleRepository(client, now),
    tags: createTagRepository(client, now),
    labelGraph: createLabelGraphRepository(client, now),
    genreLearning: createGenreLearningRepository(client, now),
    jobs: createJobRepository(client, now),
    stages: createStageRepository(client, now),
    duplicates: createDuplicateRepository(client),
    evidence: createEvidenceRepository(client, now),
    sections: createSectionRepository(client, now),
    runs: createRunRepository(client, now),
    workQueue: createWorkQueueRepository(client, now),
    outbox: createOutboxRepository(client, now),
    workerConfig: createWorkerConfigRepository(client, now),
    systemMetrics: createSystemMetricsRepository(client, now),
    morning: createMorningRepository(client, now),
    retention: createRetentionRepository(client, now),
    transaction: (run) => client.transaction((transaction) => run(createPostgresStorage(transaction, options))),
  };
}
