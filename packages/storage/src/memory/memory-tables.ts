import type { ArticleRecord } from '../repositories/articles.js';
import type { DuplicateRecord } from '../repositories/duplicates.js';
import type { EvidenceRecord } from '../repositories/evidence.js';
import type { GenreLearningRecord } from '../repositories/genre-learning.js';
import type { JobFailure, JobRecord, JobTransition } from '../repositories/jobs.js';
import type { LabelEdgeRecord } from '../repositories/label-graph.js';
import type { MorningArticle, MorningLetter, MorningSource } from '../repositories/morning.js';
import type { OutboxCounts, OutboxMessage } from '../repositories/outbox.js';
import type { RetainedTable } from '../repositories/retention.js';
import type { RunRecord } from '../repositories/runs.js';
import type { SectionRecord } from '../repositories/sections.js';
import type { SavedStage } from '../repositories/stages.js';
import type { SystemMetricsRecord } from '../repositories/system-metrics.js';
import type { TagRecord } from '../repositories/tags.js';
import type { StoredChunk } from '../repositories/work-queue.js';
import type { WorkerConfigRecord } from '../repositories/worker-config.js';
import { storableJson } from '../sql/storable-text.js';

/** A job with everything that is deleted with it. */
export interface JobTables {
  record: JobRecord;
  /** Order of creation. */
  readonly sequence: number;
  readonly history: JobTransition[];
  readonly failures: JobFailure[];
  readonly stages: Map<string, SavedStage>;
  readonly learning: Map<string, Required<GenreLearningRecord>>;
  duplicates: DuplicateRecord[];
  readonly sections: Map<string, SectionRecord>;
}

/** A run with what tells repetitions of its submission. */
export interface RunEntry {
  record: RunRecord;
  readonly idempotencyKey: string;
  readonly requestHash: string;
}

/** A chunk of the queue. */
export interface QueueEntry {
  readonly jobId: string;
  readonly chunk: number;
  readonly texts: readonly string[];
  readonly maxRetries: number;
  readonly createdAt: number;
  /** Order of creation. */
  readonly sequence: number;
  status: StoredChunk['status'];
  result: unknown;
  error: string | null;
  retries: number;
  token: number;
  startedAt: number;
  nextRetryAt: number;
}

/** A message of the outbox. */
export interface OutboxEntry {
  readonly message: Required<OutboxMessage>;
  /** Order of creation. */
  readonly sequence: number;
  state: keyof OutboxCounts;
  attempts: number;
  nextAttemptAt: number;
  forwardedAt: Date | null;
}

/** A letter with what it rests on. */
export interface LetterEntry {
  readonly letter: MorningLetter;
  readonly sources: readonly Required<MorningSource>[];
}

/** Everything a memory storage holds; plain data, so that a transaction can copy it. */
export interface MemoryTables {
  articles: Map<string, ArticleRecord>;
  tags: Map<string, readonly TagRecord[]>;
  labelGraphs: Map<string, LabelEdgeRecord[]>;
  jobs: Map<string, JobTables>;
  evidence: Map<string, Map<string, EvidenceRecord>>;
  runs: RunEntry[];
  queue: Map<string, QueueEntry>;
  outbox: Map<string, OutboxEntry>;
  workerConfig: WorkerConfigRecord[];
  systemMetrics: SystemMetricsRecord[];
  morningGroups: Map<string, MorningArticle & { readonly createdAt: Date }>;
  morningLetters: Map<string, LetterEntry>;
  retention: Map<RetainedTable, number>;
}

/** Makes empty tables. */
export function createMemoryTables(): MemoryTables {
  return {
    articles: new Map(),
    tags: new Map(),
    labelGraphs: new Map(),
    jobs: new Map(),
    evidence: new Map(),
    runs: [],
    queue: new Map(),
    outbox: new Map(),
    workerConfig: [],
    systemMetrics: [],
    morningGroups: new Map(),
    morningLetters: new Map(),
    retention: new Map(),
  };
}

/** Returns a copy of a JSON value, as a `jsonb` column would give it back. */
export function jsonCopy<T>(where: string, value: T): T {
  return JSON.parse(storableJson(where, value)) as T;
}

/** Orders by the value of `key`, as the databases do. */
export function compareBy<T>(key: (item: T) => string | number): (a: T, b: T) => number {
  return (a, b) => {
    const [x, y] = [key(a), key(b)];
    return x < y ? -1 : x > y ? 1 : 0;
  };
}
