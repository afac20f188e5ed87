import { checkInteger } from '@matome/primitives/options';
import type { SqlClient } from '../sql/sql-client.js';
import { checkStorableText, storableJson } from '../sql/storable-text.js';
import { upsertRows } from '../sql/upsert.js';
import { StorageError } from '../storage-error.js';

/** Where a job stands. */
export type JobStatus = 'pending' | 'running' | 'completed' | 'failed' | 'morning_completed';

/** A job to create; the id is a UUID of the caller's making. */
export interface NewJob {
  readonly jobId: string;
  readonly windowDays: number;
  /** @default 'system' */
  readonly trigger?: 'system' | 'morning' | 'user';
  /** A UUID. */
  readonly userId?: string | null;
  readonly note?: string | null;
}

/** A stored job. */
export interface JobRecord {
  readonly jobId: string;
  readonly status: JobStatus;
  /** The stage that was saved last. */
  readonly lastStage: string | null;
  readonly windowDays: number;
  readonly trigger: 'system' | 'morning' | 'user';
  readonly userId: string | null;
  readonly note: string | null;
  readonly kickedAt: Date;
  readonly updatedAt: Date;
}

/** One change of a job's status. */
export interface JobTransition {
  readonly status: JobStatus;
  readonly stage: string | null;
  readonly at: Date;
  readonly reason: string | null;
  readonly actor: string | null;
}

/** What goes with a change of status. */
export interface TransitionDetail {
  readonly stage?: string;
  readonly reason?: string;
  readonly actor?: string;
}

/** Jobs and the history of their status. */
export interface JobRepository {
  /** Creates the job unless its id is taken. @throws RangeError unless `windowDays` is a positive integer. */
  create(job: NewJob): Promise<{ readonly created: boolean }>;
  get(jobId: string): Promise<JobRecord | undefined>;
  /** @returns the newest jobs first. */
  list(filter: { readonly status?: JobStatus; readonly limit: number }): Promise<readonly JobRecord[]>;
  /** Changes the status and appends to the history. @throws StorageError `NOT_FOUND` for an unknown job. */
  setStatus(jobId: string, status: JobStatus, detail?: TransitionDetail): Promise<void>;
  /** @returns the changes of status, oldest first. */
  history(jobId: string): Promise<readonly JobTransition[]>;
  /** Appends a failure of one piece of work that did not stop the job. */
  recordFailure(jobId: string, failure: JobFailure): Promise<void>;
  failures(jobId: string): Promise<readonly JobFailure[]>;
  /** Deletes jobs kicked before `time` with everything that belongs to them. @returns how many. */
  deleteBefore(time: Date): Promise<number>;
}

/** A failure of one piece of work. */
export interface JobFailure {
  readonly stage: string;
  readonly error: string;
  readonly payload: unknown;
}

interface JobRow {
  readonly job_id: string;
  readonly status: JobStatus;
  readonly last_stage: string | null;
  readonly window_days: number;
  readonly trigger_source: 'system' | 'morning' | 'user';
  readonly user_id: string | null;
  readonly note: string | null;
  readonly kicked_at: Date;
  readonly updated_at: Date;
}

const columns = 'job_id, status, last_stage, window_days, trigger_source, user_id, note, kicked_at, updated_at';

function toJob(row: JobRow): JobRecord {
  return {
    jobId: row.job_id,
    status: row.status,
    lastStage: row.last_stage,
    windowDays: row.window_days,
    trigger: row.trigger_source,
    userId: row.user_id,
    note: row.note,
    kickedAt: row.kicked_at,
    updatedAt: row.updated_at,
  };
}

/** The error of every implementation for a job that is not there. */
export function jobMissing(jobId: string): StorageError {
  return new StorageError('NOT_FOUND', `No job has the id ${jobId}.`);
}

/** Throws unless `windowDays` is a number of days that a job can have. */
export function checkWindowDays(windowDays: number): void {
  checkInteger('JobRepository.create', 'windowDays', windowDays, { min: 1, max: 2 ** 31 - 1 });
}

/** Appends to `recap_job_status_history`. */
export async function appendHistory(
  client: SqlClient,
  jobId: string,
  status: JobStatus,
  detail: TransitionDetail,
  time: string,
): Promise<void> {
  await client.query(
    `INSERT INTO recap_job_status_history (job_id, status, stage, transitioned_at, reason, actor)
     VALUES ($1::uuid, $2, $3, $4::timestamptz, $5, $6)`,
    [jobId, status, detail.stage ?? null, time, detail.reason ?? null, detail.actor ?? null],
  );
}

/** Keeps jobs in the tables `recap_jobs`, `recap_job_status_history` and `recap_failed_tasks`. */
export function createJobRepository(client: SqlClient, now: () => number): JobRepository {
  const timestamp = () => new Date(now()).toISOString();
  return {
    create: (job) => createJob(client, job, timestamp()),
    async get(jobId) {
      const { rows } = await client.query<JobRow>(`SELECT ${columns} FROM recap_jobs WHERE job_id = $1::uuid`, [jobId]);
      return rows[0] && toJob(rows[0]);
    },
    async list({ status, limit }) {
      const { rows } = await client.query<JobRow>(
        `SELECT ${columns} FROM recap_jobs WHERE $1::text IS NULL OR status = $1
         ORDER BY kicked_at DESC, id DESC LIMIT $2::integer`,
        [status ?? null, limit],
      );
      return rows.map(toJob);
    },
    async setStatus(jobId, status, detail = {}) {
      await client.transaction(async (transaction) => {
        const time = timestamp();
        const { rowCount } = await transaction.query(
          `UPDATE recap_jobs SET status = $2, last_stage = coalesce($3, last_stage), updated_at = $4::timestamptz
           WHERE job_id = $1::uuid`,
          [jobId, status, detail.stage ?? null, time],
        );
        if (rowCount === 0) throw jobMissing(jobId);
        await appendHistory(transaction, jobId, status, detail, time);
      });
    },
    history: (jobId) => readHistory(client, jobId),
    async recordFailure(jobId, { stage, error, payload }) {
      await client.query(
        `INSERT INTO recap_failed_tasks (job_id, stage, payload, error, created_at)
         VALUES ($1::uuid, $2, $3::jsonb, $4, $5::timestamptz)`,
        [jobId, stage, storableJson('payload of a failure', payload), checkStorableText('error', error), timestamp()],
      );
    },
    async failures(jobId) {
      const { rows } = await client.query<JobFailure>(
        'SELECT stage, error, payload FROM recap_failed_tasks WHERE job_id = $1::uuid ORDER BY id',
        [jobId],
      );
      return rows.map(({ stage, error, payload }) => ({ stage, error, payload }));
    },
    async deleteBefore(time) {
      const { rowCount } = await client.query('DELETE FROM recap_jobs WHERE kicked_at < $1::timestamptz', [
        time.toISOString(),
      ]);
      return rowCount;
    },
  };
}

async function createJob(client: SqlClient, job: NewJob, time: string): Promise<{ readonly created: boolean }> {
  checkWindowDays(job.windowDays);
  return client.transaction(async (transaction) => {
    const created = await upsertRows(
      transaction,
      {
        table: 'recap_jobs',
        columns: {
          job_id: 'uuid',
          kicked_at: 'timestamptz',
          note: 'text',
          updated_at: 'timestamptz',
          user_id: 'uuid',
          trigger_source: 'text',
          window_days: 'integer',
        },
        conflict: ['job_id'],
        update: 'nothing',
      },
      [
        {
          job_id: job.jobId,
          kicked_at: time,
          note: job.note ?? null,
          updated_at: time,
          user_id: job.userId ?? null,
          trigger_source: job.trigger ?? 'system',
          window_days: job.windowDays,
        },
      ],
    );
    if (created > 0) await appendHistory(transaction, job.jobId, 'pending', {}, time);
    return { created: created > 0 };
  });
}

async function readHistory(client: SqlClient, jobId: string): Promise<readonly JobTransition[]> {
  const { rows } = await client.query<Omit<JobTransition, 'at'> & { readonly transitioned_at: Date }>(
    `SELECT status, stage, transitioned_at, reason, actor FROM recap_job_status_history
     WHERE job_id = $1::uuid ORDER BY id`,
    [jobId],
  );
  return rows.map(({ status, stage, transitioned_at, reason, actor }) => {
    return { status, stage, at: transitioned_at, reason, actor };
  });
}
