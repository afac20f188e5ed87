import type { SqlClient } from '../sql/sql-client.js';
import { storableJson } from '../sql/storable-text.js';
import { StorageError } from '../storage-error.js';

/** A piece of work handed in from outside, perhaps more than once. */
export interface RunSubmission {
  readonly jobId: string;
  readonly genre: string;
  /** The same key for every repetition of one submission. */
  readonly idempotencyKey: string;
  /** Hash of the payload: the same key with another hash is a mistake of the caller. */
  readonly requestHash: string;
  readonly payload: unknown;
}

/** What a submission led to. */
export type SubmissionOutcome =
  | { readonly status: 'created'; readonly runId: string }
  /** The same submission is under way or done. */
  | { readonly status: 'known'; readonly runId: string }
  /** The key was used with another payload. */
  | { readonly status: 'mismatch'; readonly runId: string }
  /** Another run of the same job and genre is under way. */
  | { readonly status: 'busy'; readonly runId: string };

/** Where a run stands. */
export type RunState =
  | { readonly status: 'running' }
  | { readonly status: 'succeeded' | 'partial'; readonly result: unknown; readonly count: number }
  | { readonly status: 'failed'; readonly message: string };

/** A run and its state. */
export interface RunRecord {
  readonly runId: string;
  readonly jobId: string;
  readonly genre: string;
  readonly payload: unknown;
  readonly state: RunState;
}

/** Idempotent submissions and their results. */
export interface RunRepository {
  /** Starts a run unless the same one is there; a failed run of the same key is started anew. */
  submit(submission: RunSubmission): Promise<SubmissionOutcome>;
  get(runId: string): Promise<RunRecord | undefined>;
  /** Ends a running run. @throws StorageError `NOT_FOUND`, or `CONFLICT` if it has ended already. */
  finish(runId: string, state: Exclude<RunState, { readonly status: 'running' }>): Promise<void>;
}

interface RunRow {
  readonly id: string;
  readonly job_id: string;
  readonly genre: string;
  readonly status: RunState['status'];
  readonly cluster_count: number;
  readonly request_hash: string | null;
  readonly request_payload: unknown;
  readonly response_payload: unknown;
  readonly error_message: string | null;
}

/** The error of every implementation for ending a run that is not running. */
export function runNotRunning(runId: string, status: string | undefined): StorageError {
  if (!status) return new StorageError('NOT_FOUND', `No run has the id ${runId}.`);
  return new StorageError('CONFLICT', `Run ${runId} has ended already: it is ${status}.`);
}

/** Keeps runs in the table `recap_subworker_runs`. */
export function createRunRepository(client: SqlClient, now: () => number): RunRepository {
  const timestamp = () => new Date(now()).toISOString();
  return {
    submit: (submission) => client.transaction((transaction) => submitRun(transaction, submission, timestamp())),
    async get(runId) {
      if (!/^\d{1,18}$/.test(runId)) return undefined;
      const { rows } = await client.query<RunRow>(
        `SELECT id::text, job_id, genre, status, cluster_count, request_payload, response_payload, error_message
         FROM recap_subworker_runs WHERE id = $1::bigint`,
        [runId],
      );
      const row = rows[0];
      return row && { runId, jobId: row.job_id, genre: row.genre, payload: row.request_payload, state: stateOf(row) };
    },
    async finish(runId, state) {
      const failed = state.status === 'failed';
      const { rowCount } = await client.query(
        `UPDATE recap_subworker_runs SET status = $2, cluster_count = $3::integer, response_payload = $4::jsonb,
           error_message = $5, finished_at = $6::timestamptz WHERE id = $1::bigint AND status = 'running'`,
        [
          runId,
          state.status,
          failed ? 0 : state.count,
          failed ? null : storableJson('result of a run', state.result),
          failed ? state.message : null,
          timestamp(),
        ],
      );
      if (rowCount === 0) throw runNotRunning(runId, (await this.get(runId))?.state.status);
    },
  };
}

function stateOf(row: RunRow): RunState {
  if (row.status === 'running') return { status: 'running' };
  if (row.status === 'failed') return { status: 'failed', message: row.error_message ?? '' };
  return { status: row.status, result: row.response_payload, count: row.cluster_count };
}

async function submitRun(client: SqlClient, run: RunSubmission, time: string): Promise<SubmissionOutcome> {
  // Serialises submissions of one job and genre; without it two of them could both find nothing.
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 1))', [`${run.jobId}/${run.genre}`]);
  const { rows } = await client.query<RunRow & { readonly idempotency_key: string }>(
    `SELECT id::text, status, request_hash, idempotency_key FROM recap_subworker_runs
     WHERE job_id = $1::uuid AND genre = $2 AND idempotency_key IS NOT NULL ORDER BY id DESC`,
    [run.jobId, run.genre],
  );
  const same = rows.find((row) => row.idempotency_key === run.idempotencyKey && row.status !== 'failed');
  if (same) return { status: same.request_hash === run.requestHash ? 'known' : 'mismatch', runId: same.id };
  const running = rows.find((row) => row.status === 'running');
  if (running) return { status: 'busy', runId: running.id };
  const inserted = await client.query<{ id: string }>(
    `INSERT INTO recap_subworker_runs (job_id, genre, status, idempotency_key, request_hash, started_at, request_payload)
     VALUES ($1::uuid, $2, 'running', $3, $4, $5::timestamptz, $6::jsonb) RETURNING id::text`,
    [
      run.jobId,
      run.genre,
      run.idempotencyKey,
      run.requestHash,
      time,
      storableJson('payload of a submission', run.payload),
    ],
  );
  return { status: 'created', runId: inserted.rows[0]!.id };
}
