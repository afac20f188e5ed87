import type { SqlClient } from '../sql/sql-client.js';
import { checkStorableText, storableJson } from '../sql/storable-text.js';
import { upsertRows } from '../sql/upsert.js';

/** One section of a recap, as it is published. */
export interface SectionRecord {
  readonly genre: string;
  /** Names the text that this section holds: the summariser's answer or a hash of the content. */
  readonly responseId: string;
  readonly title: string;
  readonly summary: string;
  /** Bullets with the sources of each sentence; a JSON array. */
  readonly bullets: readonly unknown[];
  /** The whole section as a JSON value. */
  readonly body: unknown;
  readonly tags: readonly string[];
  readonly windowDays: number;
}

/** Sections by job. */
export interface SectionRepository {
  /** Stores or replaces sections by genre. */
  save(jobId: string, sections: readonly SectionRecord[]): Promise<void>;
  /** @returns the sections of the job, sorted by genre. */
  load(jobId: string): Promise<readonly SectionRecord[]>;
}

interface SectionRow {
  readonly genre: string;
  readonly response_id: string;
  readonly title_ja: string;
  readonly summary_ja: string;
  readonly bullets_ja: readonly unknown[];
  readonly body_json: unknown;
  readonly tags: readonly string[];
  readonly window_days: number;
}

/** Keeps sections in the tables `recap_outputs` and `recap_sections`. */
export function createSectionRepository(client: SqlClient, now: () => number): SectionRepository {
  return {
    save: (jobId, sections) =>
      client.transaction((transaction) => writeSections(transaction, jobId, sections, new Date(now()))),
    async load(jobId) {
      const { rows } = await client.query<SectionRow>(
        `SELECT genre, response_id, title_ja, summary_ja, bullets_ja, body_json, tags, window_days
         FROM recap_outputs WHERE job_id = $1::uuid ORDER BY genre COLLATE "C"`,
        [jobId],
      );
      return rows.map((row) => ({
        genre: row.genre,
        responseId: row.response_id,
        title: row.title_ja,
        summary: row.summary_ja,
        bullets: row.bullets_ja,
        body: row.body_json,
        tags: row.tags,
        windowDays: row.window_days,
      }));
    },
  };
}

async function writeSections(client: SqlClient, jobId: string, sections: readonly SectionRecord[], time: Date) {
  await upsertRows(
    client,
    {
      table: 'recap_outputs',
      columns: {
        job_id: 'uuid',
        genre: 'text',
        response_id: 'text',
        title_ja: 'text',
        summary_ja: 'text',
        bullets_ja: 'jsonb',
        body_json: 'jsonb',
        tags: 'jsonb',
        window_days: 'integer',
        created_at: 'timestamptz',
        updated_at: 'timestamptz',
      },
      conflict: ['job_id', 'genre'],
      update: ['response_id', 'title_ja', 'summary_ja', 'bullets_ja', 'body_json', 'tags', 'window_days', 'updated_at'],
    },
    sections.map((section) => ({
      job_id: jobId,
      genre: section.genre,
      response_id: section.responseId,
      title_ja: checkStorableText(`title of section ${section.genre}`, section.title),
      summary_ja: checkStorableText(`summary of section ${section.genre}`, section.summary),
      bullets_ja: storableJson(`bullets of section ${section.genre}`, section.bullets),
      body_json: storableJson(`body of section ${section.genre}`, section.body),
      tags: storableJson(`tags of section ${section.genre}`, section.tags),
      window_days: section.windowDays,
      created_at: time,
      updated_at: time,
    })),
  );
  await upsertRows(
    client,
    {
      table: 'recap_sections',
      columns: { job_id: 'uuid', genre: 'text', response_id: 'text' },
      conflict: ['job_id', 'genre'],
      update: ['response_id'],
    },
    sections.map(({ genre, responseId }) => ({ job_id: jobId, genre, response_id: responseId })),
  );
}
