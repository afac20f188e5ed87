import type { SqlClient } from '../sql/sql-client.js';
import { storableJson } from '../sql/storable-text.js';

/** Figures of one run or moment. */
export interface SystemMetricsRecord {
  /** What they are of: 'classification', 'clustering', 'summarization', … */
  readonly type: string;
  readonly metrics: unknown;
  readonly at: Date;
  /** A UUID. */
  readonly jobId: string | null;
}

/** Figures over time. */
export interface SystemMetricsRepository {
  /** @param record - `at` is now and `jobId` null by default. */
  record(record: {
    readonly type: string;
    readonly metrics: unknown;
    readonly at?: Date;
    readonly jobId?: string | null;
  }): Promise<void>;
  /** @returns the newest first; of all types and jobs unless named. */
  list(filter: {
    readonly type?: string;
    readonly jobId?: string;
    /** From here on, this moment among them. */
    readonly since?: Date;
    readonly limit: number;
  }): Promise<readonly SystemMetricsRecord[]>;
}

/** Keeps figures in the table `recap_system_metrics`. */
export function createSystemMetricsRepository(client: SqlClient, now: () => number): SystemMetricsRepository {
  return {
    async record({ type, metrics, at = new Date(now()), jobId = null }) {
      await client.query(
        `INSERT INTO recap_system_metrics (job_id, metric_type, "timestamp", metrics)
         VALUES ($1::uuid, $2, $3::timestamptz, $4::jsonb)`,
        [jobId, type, at.toISOString(), storableJson('metrics', metrics)],
      );
    },
    async list({ type, jobId, since, limit }) {
      const { rows } = await client.query<SystemMetricsRecord>(
        `SELECT metric_type AS type, metrics, "timestamp" AS at, job_id AS "jobId" FROM recap_system_metrics
         WHERE ($1::text IS NULL OR metric_type = $1) AND ($2::uuid IS NULL OR job_id = $2::uuid)
           AND ($3::timestamptz IS NULL OR "timestamp" >= $3::timestamptz)
         ORDER BY "timestamp" DESC, id DESC LIMIT $4::integer`,
        [type ?? null, jobId ?? null, since?.toISOString() ?? null, limit],
      );
      return rows.map(({ type, metrics, at, jobId }) => ({ type, metrics, at, jobId }));
    },
  };
}
