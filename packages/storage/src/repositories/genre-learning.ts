import type { SqlClient } from '../sql/sql-client.js';
import { storableJson } from '../sql/storable-text.js';
import { upsertRows } from '../sql/upsert.js';

/** How the genre of one article came about: what the coarse pass offered, what was chosen and why. */
export interface GenreLearningRecord {
  readonly articleId: string;
  /** Scored genres, best first. */
  readonly coarseCandidates: unknown;
  /** The final genre, its confidence and the strategy that chose it. */
  readonly refineDecision: unknown;
  readonly tagProfile: unknown;
  readonly graphContext?: unknown;
  /** What people said about the choice; kept when a later record of the article brings none. */
  readonly feedback?: unknown;
  readonly telemetry?: unknown;
  readonly timestamps?: unknown;
}

/** Genre decisions by job. */
export interface GenreLearningRepository {
  /** Stores or replaces records by article; a stored `feedback` outlives a record without one. */
  save(jobId: string, records: readonly GenreLearningRecord[]): Promise<void>;
  /** @returns the records of the job, sorted by article id. */
  load(jobId: string): Promise<readonly GenreLearningRecord[]>;
}

interface LearningRow {
  readonly article_id: string;
  readonly coarse_candidates: unknown;
  readonly refine_decision: unknown;
  readonly tag_profile: unknown;
  readonly graph_context: unknown;
  readonly feedback: unknown;
  readonly telemetry: unknown;
  readonly timestamps: unknown;
}

/** Fills what a record leaves out. */
export function completeRecord(record: GenreLearningRecord): Required<GenreLearningRecord> {
  return { graphContext: [], feedback: null, telemetry: null, timestamps: {}, ...record };
}

const jsonColumns = {
  coarse_candidates: 'coarseCandidates',
  refine_decision: 'refineDecision',
  tag_profile: 'tagProfile',
  graph_context: 'graphContext',
  feedback: 'feedback',
  telemetry: 'telemetry',
  timestamps: 'timestamps',
} as const;

/** Keeps genre decisions in the table `recap_genre_learning_results`. */
export function createGenreLearningRepository(client: SqlClient, now: () => number): GenreLearningRepository {
  return {
    async save(jobId, records) {
      const time = new Date(now());
      const names = Object.keys(jsonColumns) as (keyof typeof jsonColumns)[];
      await client.transaction(async (transaction) => {
        const kept = await feedbackOf(transaction, jobId);
        const rows = records.map((given) => {
          const record = completeRecord(given);
          const feedback = record.feedback ?? kept.get(record.articleId) ?? null;
          const json = names.map((name) => {
            const value = name === 'feedback' ? feedback : record[jsonColumns[name]];
            return [name, value === null ? null : storableJson(`${name} of article ${record.articleId}`, value)];
          });
          return {
            job_id: jobId,
            article_id: record.articleId,
            ...Object.fromEntries(json),
            created_at: time,
            updated_at: time,
          };
        });
        await upsertRows(
          transaction,
          {
            table: 'recap_genre_learning_results',
            columns: {
              job_id: 'uuid',
              article_id: 'text',
              ...(Object.fromEntries(names.map((name) => [name, 'jsonb'])) as Record<string, 'jsonb'>),
              created_at: 'timestamptz',
              updated_at: 'timestamptz',
            },
            conflict: ['job_id', 'article_id'],
            update: [...names, 'updated_at'],
          },
          rows,
        );
      });
    },
    async load(jobId) {
      const { rows } = await client.query<LearningRow>(
        `SELECT article_id, ${Object.keys(jsonColumns).join(', ')} FROM recap_genre_learning_results
         WHERE job_id = $1::uuid ORDER BY article_id COLLATE "C"`,
        [jobId],
      );
      return rows.map((row) => ({
        articleId: row.article_id,
        coarseCandidates: row.coarse_candidates,
        refineDecision: row.refine_decision,
        tagProfile: row.tag_profile,
        graphContext: row.graph_context,
        feedback: row.feedback,
        telemetry: row.telemetry,
        timestamps: row.timestamps,
      }));
    },
  };
}

async function feedbackOf(client: SqlClient, jobId: string): Promise<ReadonlyMap<string, unknown>> {
  const { rows } = await client.query<{ article_id: string; feedback: unknown }>(
    'SELECT article_id, feedback FROM recap_genre_learning_results WHERE job_id = $1::uuid AND feedback IS NOT NULL FOR UPDATE',
    [jobId],
  );
  return new Map(rows.map((row) => [row.article_id, row.feedback]));
}
