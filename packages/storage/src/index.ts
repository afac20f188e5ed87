export { fromPgPool, type PgConnectionLike, type PgPoolLike } from './adapters/pg.js';
export { fromPglite, type PgliteLike, type PgliteTransactionLike } from './adapters/pglite.js';
export { createMemoryLeases } from './memory/leases.js';
export { createMemoryStorage, type MemoryStorageOptions } from './memory/memory-storage.js';
export { type MigrateOptions, type Migration, migrate } from './migrations/migrate.js';
export { twoTowerMigrations, twoTowerSupabaseSql } from './migrations/two-tower-migration-files.js';
export type {
  ArticleRecord,
  ArticleRepository,
  FetchWindowOptions,
  NewArticle,
  TimeWindow,
} from './repositories/articles.js';
export { type CatalogueRepository, createCatalogueRepository } from './repositories/catalogue.js';
export { type CatalogueTable, importCatalogueRows } from './repositories/catalogue-import.js';
export type { DuplicateRecord, DuplicateRepository } from './repositories/duplicates.js';
export type {
  EvidenceArticle,
  EvidenceClusterRecord,
  EvidenceRecord,
  EvidenceRepository,
  EvidenceSentence,
} from './repositories/evidence.js';
export type { GenreLearningRecord, GenreLearningRepository } from './repositories/genre-learning.js';
export type {
  JobFailure,
  JobRecord,
  JobRepository,
  JobStatus,
  JobTransition,
  NewJob,
  TransitionDetail,
} from './repositories/jobs.js';
export type { LabelEdgeRecord, LabelGraphRepository } from './repositories/label-graph.js';
export type {
  MorningArticle,
  MorningLetter,
  MorningRepository,
  MorningSource,
  NewMorningLetter,
} from './repositories/morning.js';
export type {
  ClaimedMessage,
  ClaimOptions,
  OutboxCounts,
  OutboxMessage,
  OutboxRepository,
} from './repositories/outbox.js';
export type { RetainedTable, RetentionRepository } from './repositories/retention.js';
export type { RunRecord, RunRepository, RunState, RunSubmission, SubmissionOutcome } from './repositories/runs.js';
export type { SectionRecord, SectionRepository } from './repositories/sections.js';
export type { SavedStage, StageRepository, StageResult } from './repositories/stages.js';
export type { SystemMetricsRecord, SystemMetricsRepository } from './repositories/system-metrics.js';
export type { TagRecord, TagRepository } from './repositories/tags.js';
export {
  createVideoEmbeddingRepository,
  type RecommendedVideo,
  type RecommendOptions,
  type VideoEmbeddingRepository,
} from './repositories/video-embeddings.js';
export type { PickedChunk, QueueState, WorkQueueRepository } from './repositories/work-queue.js';
export type { WorkerConfigRecord, WorkerConfigRepository } from './repositories/worker-config.js';
export { withAdvisoryLock } from './sql/advisory-lock.js';
export { type Cursor, type CursorHealth, cursorOf, type InspectCursorOptions, inspectCursor } from './sql/cursor.js';
export { createPostgresLeases, type Lease, type Leases, type PostgresLeasesOptions } from './sql/lease.js';
export type { SqlClient, SqlResult, SqlValue } from './sql/sql-client.js';
export { type ColumnType, type UpsertRow, type UpsertTarget, upsertRows } from './sql/upsert.js';
export { createPostgresStorage, type PostgresStorageOptions, type Storage } from './storage.js';
export { StorageError, type StorageErrorCode } from './storage-error.js';
