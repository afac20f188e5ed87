import type { SqlClient } from '../sql/sql-client.js';
import { upsertRows } from '../sql/upsert.js';

/** One article that says what another says. */
export interface DuplicateRecord {
  readonly articleId: string;
  /** The article that stands for the group. */
  readonly primaryId: string;
  /** In [0, 1]; 1 for the same text. Stored with single precision. */
  readonly similarity: number;
  /** How it was found, such as `exact` or `near`. */
  readonly reason: string;
}

/** Duplicates by job. */
export interface DuplicateRepository {
  /** Makes `records` the duplicates of the job. */
  replace(jobId: string, records: readonly DuplicateRecord[]): Promise<void>;
  /** @returns the duplicates of the job, sorted by article id. */
  load(jobId: string): Promise<readonly DuplicateRecord[]>;
}

interface DuplicateRow {
  readonly article_id: string;
  readonly primary_article_id: string;
  readonly similarity: number;
  readonly reason: string;
}

/** Keeps duplicates in the table `recap_job_duplicates`. */
export function createDuplicateRepository(client: SqlClient): DuplicateRepository {
  return {
    async replace(jobId, records) {
      await client.transaction(async (transaction) => {
        await transaction.query('DELETE FROM recap_job_duplicates WHERE job_id = $1::uuid', [jobId]);
        await upsertRows(
          transaction,
          {
            table: 'recap_job_duplicates',
            columns: {
              job_id: 'uuid',
              article_id: 'text',
              primary_article_id: 'text',
              similarity: 'real',
              reason: 'text',
            },
            conflict: ['job_id', 'article_id'],
            update: ['primary_article_id', 'similarity', 'reason'],
          },
          records.map((record) => ({
            job_id: jobId,
            article_id: record.articleId,
            primary_article_id: record.primaryId,
            similarity: record.similarity,
            reason: record.reason,
          })),
        );
      });
    },
    async load(jobId) {
      const { rows } = await client.query<DuplicateRow>(
        `SELECT article_id, primary_article_id, similarity, reason FROM recap_job_duplicates
         WHERE job_id = $1::uuid ORDER BY article_id COLLATE "C"`,
        [jobId],
      );
      return rows.map((row) => ({
        articleId: row.article_id,
        primaryId: row.primary_article_id,
        similarity: Math.fround(row.similarity),
        reason: row.reason,
      }));
    },
  };
}
