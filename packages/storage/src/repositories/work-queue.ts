import { checkInteger } from '@matome/primitives/options';
import type { SqlClient } from '../sql/sql-client.js';
import { checkStorableText, storableJson } from '../sql/storable-text.js';
import { StorageError } from '../storage-error.js';
import { jobMissing } from './jobs.js';

/** A chunk of texts in the hands of one worker. */
export interface PickedChunk {
  readonly jobId: string;
  /** Place among the chunks of the job, from 0. */
  readonly chunk: number;
  readonly texts: readonly string[];
  /** How often it has failed. */
  readonly retries: number;
  /** Tells this worker from an earlier one whose time ran out. */
  readonly token: number;
}

/** Where the chunks of a job stand, together. */
export type QueueState =
  | { readonly status: 'open'; readonly open: number; readonly done: number }
  /** Nothing is open, and some chunks failed for good. */
  | { readonly status: 'failed'; readonly chunks: readonly { readonly chunk: number; readonly error: string }[] }
  /** Results in the order of the chunks; none when nothing was handed in. */
  | { readonly status: 'completed'; readonly results: readonly unknown[] };

/** Chunks of classification work. */
export interface WorkQueueRepository {
  /**
   * Hands in the texts of a job, chunk by chunk. A chunk that is there with the same texts keeps its result, unless it
   * failed; one with other texts starts anew, and whoever works on the old texts has lost it. Chunks behind the last are
   * taken out.
   *
   * @throws StorageError `NOT_FOUND` for an unknown job.
   */
  enqueue(
    jobId: string,
    chunks: readonly (readonly string[])[],
    options?: {
      /** @default 3 */
      readonly maxRetries?: number;
    },
  ): Promise<void>;
  /**
   * Takes the oldest chunk that is due: new, to be tried again, or held by a worker for longer than `leaseMs`.
   *
   * @param options - `leaseMs` in milliseconds, 15 minutes by default.
   */
  pick(options?: { readonly leaseMs?: number }): Promise<PickedChunk | undefined>;
  /** Stores the result of a chunk. @throws StorageError `LEASE_LOST` if another worker has taken it. */
  complete(chunk: PickedChunk, result: unknown): Promise<void>;
  /**
   * Puts a chunk back, to be picked after `retryDelayMs · 2^min(retries, 3)`, or gives it up after its last retry.
   *
   * @param options - `retryDelayMs` is 5 seconds by default.
   * @throws StorageError `LEASE_LOST` if another worker has taken it.
   */
  fail(chunk: PickedChunk, error: string, options?: { readonly retryDelayMs?: number }): Promise<'retrying' | 'failed'>;
  state(jobId: string): Promise<QueueState>;
}

/** Times of the queue when nothing else is said, in milliseconds. */
export const queueDefaults = { leaseMs: 900_000, retryDelayMs: 5000, maxRetries: 3 } as const;

/** How long a chunk waits after it failed for the `retries + 1`-th time. */
export function retryWaitMs(retries: number, retryDelayMs: number): number {
  return retryDelayMs * 2 ** Math.min(retries, 3);
}

/** The error of every implementation for a chunk that is another worker's by now. */
export function chunkLost({ jobId, chunk }: PickedChunk): StorageError {
  return new StorageError('LEASE_LOST', `Chunk ${chunk} of job ${jobId} is no longer held by this worker.`);
}

interface ChunkRow {
  readonly recap_job_id: string;
  readonly chunk_idx: number;
  readonly texts: readonly string[];
  readonly retry_count: number;
  readonly token: string;
}

const enqueueStatement = `
  INSERT INTO classification_job_queue AS held (recap_job_id, chunk_idx, texts, max_retries, created_at)
  SELECT $1::uuid, (chunk.place - 1)::integer, chunk.texts::jsonb, $3::integer, $4::timestamptz
    FROM unnest($2::text[]) WITH ORDINALITY AS chunk(texts, place)
  ON CONFLICT (recap_job_id, chunk_idx) DO UPDATE
    SET texts = EXCLUDED.texts, status = 'pending', retry_count = 0, max_retries = EXCLUDED.max_retries, result = NULL,
      error_message = NULL, started_at = NULL, completed_at = NULL, next_retry_at = NULL, token = held.token + 1
    WHERE held.texts <> EXCLUDED.texts OR held.status = 'failed'`;

const pickStatement = `
  UPDATE classification_job_queue SET status = 'running', started_at = $1::timestamptz, token = token + 1
  WHERE id = (
    SELECT id FROM classification_job_queue
    WHERE status = 'pending' OR (status = 'retrying' AND next_retry_at <= $1::timestamptz)
      OR (status = 'running' AND started_at <= $1::timestamptz - $2::double precision * interval '1 millisecond')
    ORDER BY created_at, id FOR UPDATE SKIP LOCKED LIMIT 1)
  RETURNING recap_job_id, chunk_idx, texts, retry_count, token::text`;

const failStatement = `
  UPDATE classification_job_queue
  SET status = CASE WHEN retry_count < max_retries THEN 'retrying' ELSE 'failed' END,
    next_retry_at = CASE WHEN retry_count < max_retries
      THEN $4::timestamptz + $5::double precision * interval '1 millisecond' * power(2, least(retry_count, 3)) END,
    retry_count = least(retry_count + 1, max_retries), started_at = NULL, error_message = $6
  WHERE recap_job_id = $1::uuid AND chunk_idx = $2::integer AND token = $3::bigint AND status = 'running'
  RETURNING status`;

/** Keeps chunks in the table `classification_job_queue`. */
export function createWorkQueueRepository(client: SqlClient, now: () => number): WorkQueueRepository {
  const timestamp = () => new Date(now()).toISOString();
  const key = ({ jobId, chunk, token }: PickedChunk) => [jobId, chunk, String(token)];
  return {
    async enqueue(jobId, chunks, { maxRetries = queueDefaults.maxRetries } = {}) {
      checkInteger('enqueue', 'maxRetries', maxRetries, { min: 0 });
      const texts = chunks.map((chunk, i) => storableJson(`texts of chunk ${i}`, chunk));
      await client.transaction(async (transaction) => {
        const { rows } = await transaction.query('SELECT 1 FROM recap_jobs WHERE job_id = $1::uuid', [jobId]);
        if (rows.length === 0) throw jobMissing(jobId);
        await transaction.query(
          'DELETE FROM classification_job_queue WHERE recap_job_id = $1::uuid AND chunk_idx >= $2::integer',
          [jobId, texts.length],
        );
        await transaction.query(enqueueStatement, [jobId, texts, maxRetries, timestamp()]);
      });
    },
    async pick({ leaseMs = queueDefaults.leaseMs } = {}) {
      checkInteger('pick', 'leaseMs', leaseMs, { min: 1 });
      const { rows } = await client.query<ChunkRow>(pickStatement, [timestamp(), leaseMs]);
      const row = rows[0];
      if (!row) return undefined;
      const { recap_job_id: jobId, chunk_idx: chunk, texts, retry_count: retries, token } = row;
      return { jobId, chunk, texts, retries, token: Number(token) };
    },
    async complete(chunk, result) {
      const { rowCount } = await client.query(
        `UPDATE classification_job_queue SET status = 'completed', result = $4::jsonb, completed_at = $5::timestamptz,
           error_message = NULL
         WHERE recap_job_id = $1::uuid AND chunk_idx = $2::integer AND token = $3::bigint AND status = 'running'`,
        [...key(chunk), storableJson('result of a chunk', result), timestamp()],
      );
      if (rowCount === 0) throw chunkLost(chunk);
    },
    async fail(chunk, error, { retryDelayMs = queueDefaults.retryDelayMs } = {}) {
      const message = checkStorableText('error', error);
      const params = [...key(chunk), timestamp(), retryDelayMs, message];
      const { rows } = await client.query<{ status: 'retrying' | 'failed' }>(failStatement, params);
      if (!rows[0]) throw chunkLost(chunk);
      return rows[0].status;
    },
    async state(jobId) {
      const { rows } = await client.query<StoredChunk>(
        `SELECT chunk_idx AS chunk, status, result, error_message AS error FROM classification_job_queue
         WHERE recap_job_id = $1::uuid ORDER BY chunk_idx`,
        [jobId],
      );
      return stateOfChunks(rows);
    },
  };
}

/** What the state of a queue is made of. */
export interface StoredChunk {
  readonly chunk: number;
  readonly status: 'pending' | 'running' | 'completed' | 'failed' | 'retrying';
  readonly result: unknown;
  readonly error: string | null;
}

/** @param chunks - of one job, in their order. */
export function stateOfChunks(chunks: readonly StoredChunk[]): QueueState {
  const open = chunks.filter(({ status }) => status !== 'completed' && status !== 'failed').length;
  if (open > 0) return { status: 'open', open, done: chunks.length - open };
  const failed = chunks.filter(({ status }) => status === 'failed');
  if (failed.length > 0) {
    return { status: 'failed', chunks: failed.map(({ chunk, error }) => ({ chunk, error: error ?? '' })) };
  }
  return { status: 'completed', results: chunks.map(({ result }) => result) };
}
