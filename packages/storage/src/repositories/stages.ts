import type { SqlClient } from '../sql/sql-client.js';
import { checkStorableText, isStorableText, storableJson } from '../sql/storable-text.js';
import { upsertRows } from '../sql/upsert.js';
import { appendHistory, jobMissing } from './jobs.js';

/** What a finished stage leaves behind. */
export interface StageResult {
  /** A small JSON value: counts, settings, warnings. The order of its keys is not kept. */
  readonly state: unknown;
  /** The items of the result, JSON values; their order and the order of their keys are kept. @default [] */
  readonly items?: readonly unknown[];
  /** When the stage began; goes into the log of the job. */
  readonly startedAt?: Date;
}

/** A stage as it was saved. */
export interface SavedStage {
  readonly state: unknown;
  readonly items: readonly unknown[];
  readonly savedAt: Date;
}

/** Results of stages, from which a job goes on after a stop. */
export interface StageRepository {
  /**
   * Saves the result of a stage and makes it the last stage of the job, all or nothing; a saved result is replaced.
   *
   * @throws StorageError `NOT_FOUND` for an unknown job.
   */
  save(jobId: string, stage: string, result: StageResult): Promise<void>;
  load(jobId: string, stage: string): Promise<SavedStage | undefined>;
  /** @returns the names of the saved stages of the job with their small state, in the order of saving. */
  list(jobId: string): Promise<readonly { readonly stage: string; readonly state: unknown }[]>;
}

/** Characters of JSON a statement carries at most, so that a large stage does not double the memory in use. */
const chunkLength = 4_000_000;

/** Keeps results of stages in the tables `recap_stage_state`, `recap_stage_items` and `recap_job_stage_logs`. */
export function createStageRepository(client: SqlClient, now: () => number): StageRepository {
  return {
    async save(jobId, stage, result) {
      await client.transaction((transaction) => saveStage(transaction, jobId, stage, result, new Date(now())));
    },
    async load(jobId, stage) {
      if (!isStorableText(stage)) return undefined;
      const { rows } = await client.query<{ state: unknown; updated_at: Date }>(
        'SELECT state, updated_at FROM recap_stage_state WHERE job_id = $1::uuid AND stage = $2',
        [jobId, stage],
      );
      if (!rows[0]) return undefined;
      const items = await loadItems(client, jobId, stage);
      return { state: rows[0].state, items, savedAt: rows[0].updated_at };
    },
    async list(jobId) {
      const { rows } = await client.query<{ stage: string; state: unknown }>(
        `SELECT s.stage, s.state FROM recap_stage_state s
         LEFT JOIN LATERAL (SELECT max(l.id) AS id FROM recap_job_stage_logs l
           WHERE l.job_id = s.job_id AND l.stage = s.stage) log ON true
         WHERE s.job_id = $1::uuid ORDER BY log.id`,
        [jobId],
      );
      return rows.map(({ stage, state }) => ({ stage, state }));
    },
  };
}

async function loadItems(client: SqlClient, jobId: string, stage: string): Promise<readonly unknown[]> {
  const items: unknown[] = [];
  for (;;) {
    const { rows } = await client.query<{ item: string }>(
      `SELECT item::text AS item FROM recap_stage_items WHERE job_id = $1::uuid AND stage = $2 AND position >= $3::integer
       ORDER BY position LIMIT 1000`,
      [jobId, stage, items.length],
    );
    for (const { item } of rows) items.push(JSON.parse(item));
    if (rows.length < 1000) return items;
  }
}

async function saveStage(client: SqlClient, jobId: string, stage: string, result: StageResult, time: Date) {
  checkStorableText('name of a stage', stage);
  const { rowCount } = await client.query(
    "UPDATE recap_jobs SET status = 'running', last_stage = $2, updated_at = $3::timestamptz WHERE job_id = $1::uuid",
    [jobId, stage, time.toISOString()],
  );
  if (rowCount === 0) throw jobMissing(jobId);
  await client.query('DELETE FROM recap_stage_items WHERE job_id = $1::uuid AND stage = $2', [jobId, stage]);
  await upsertRows(
    client,
    {
      table: 'recap_stage_state',
      columns: { job_id: 'uuid', stage: 'text', state: 'jsonb', created_at: 'timestamptz', updated_at: 'timestamptz' },
      conflict: ['job_id', 'stage'],
      update: ['state', 'updated_at'],
    },
    [
      {
        job_id: jobId,
        stage,
        state: storableJson(`state of stage ${stage}`, result.state),
        created_at: time,
        updated_at: time,
      },
    ],
  );
  for (const chunk of chunks(stage, result.items ?? [])) {
    await client.query(
      `INSERT INTO recap_stage_items (job_id, stage, position, item)
       SELECT $1::uuid, $2, $3::integer + place - 1, item::json FROM unnest($4::text[]) WITH ORDINALITY AS u (item, place)`,
      [jobId, stage, chunk.start, chunk.items],
    );
  }
  await appendHistory(client, jobId, 'running', { stage }, time.toISOString());
  await client.query(
    `INSERT INTO recap_job_stage_logs (job_id, stage, status, started_at, finished_at)
     VALUES ($1::uuid, $2, 'completed', $3::timestamptz, $4::timestamptz)`,
    [jobId, stage, (result.startedAt ?? time).toISOString(), time.toISOString()],
  );
}

function* chunks(stage: string, items: readonly unknown[]) {
  let chunk: string[] = [];
  let start = 0;
  let length = 0;
  for (let i = 0; i < items.length; i++) {
    const json = storableJson(`item ${i} of stage ${stage}`, items[i]);
    chunk.push(json);
    length += json.length;
    if (length < chunkLength) continue;
    yield { start, items: chunk };
    chunk = [];
    length = 0;
    start = i + 1;
  }
  if (chunk.length > 0) yield { start, items: chunk };
}
