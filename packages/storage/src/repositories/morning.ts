import { checkInteger } from '@matome/primitives/options';
import type { SqlClient } from '../sql/sql-client.js';
import { storableJson } from '../sql/storable-text.js';
import { upsertRows } from '../sql/upsert.js';

/** An article of the night and the group of copies it belongs to. */
export interface MorningArticle {
  /** A UUID. */
  readonly groupId: string;
  readonly articleId: string;
  /** Whether it stands for its group. */
  readonly isPrimary: boolean;
}

/** A letter to store. */
export interface NewMorningLetter {
  /** `YYYY-MM-DD` in `timezone`. */
  readonly targetDate: string;
  /** @default 'Asia/Tokyo' */
  readonly timezone?: string;
  /** The job whose recap it begins with. */
  readonly jobId: string | null;
  /** Made without a recap or without a language model. */
  readonly isDegraded: boolean;
  readonly result: unknown;
  readonly model: string | null;
  /** @default {} */
  readonly metadata?: unknown;
  readonly sources: readonly MorningSource[];
}

/** An article that a section of a letter rests on. */
export interface MorningSource {
  readonly sectionKey: string;
  readonly articleId: string;
  /** @default 'overnight' */
  readonly sourceType?: string;
  readonly position: number;
}

/** A stored letter. */
export interface MorningLetter extends Required<Omit<NewMorningLetter, 'sources'>> {
  readonly id: string;
  /** 1, and one more each time the letter of a day is written anew. */
  readonly revision: number;
  readonly createdAt: Date;
}

/** The morning update: articles of the night in groups, and the letter of a day. */
export interface MorningRepository {
  /** Adds articles that are not there yet. @returns how many. */
  saveGroups(articles: readonly MorningArticle[]): Promise<number>;
  /** @returns articles added at or after `since`, oldest first, by group. */
  groupsSince(since: Date, limit: number): Promise<readonly (MorningArticle & { readonly createdAt: Date })[]>;
  /** Stores the letter of a day in place of an earlier one, which keeps its id. */
  saveLetter(letter: NewMorningLetter): Promise<{ readonly id: string; readonly revision: number }>;
  /** @returns the letter of a day, or of the newest one. */
  letter(day?: { readonly targetDate: string; readonly timezone?: string }): Promise<MorningLetter | undefined>;
  /** @returns what a letter rests on, by section and position; nothing for an unknown letter. */
  sources(letterId: string): Promise<readonly Required<MorningSource>[]>;
}

/** Where the letter is for when nothing else is said. */
export const morningTimezone = 'Asia/Tokyo';

/** @throws RangeError for anything but a day of the calendar as `YYYY-MM-DD`. */
export function checkDay(day: string): string {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(day)) return day;
  throw new RangeError(`The targetDate of a morning letter must be a day as YYYY-MM-DD. Got ${JSON.stringify(day)}.`);
}

interface LetterRow {
  readonly id: string;
  readonly target_date: string;
  readonly edition_timezone: string;
  readonly source_recap_job_id: string | null;
  readonly is_degraded: boolean;
  readonly generation_revision: number;
  readonly result_jsonb: unknown;
  readonly model: string | null;
  readonly generation_metadata_jsonb: unknown;
  readonly created_at: Date;
}

const letterColumns = `id, target_date::text, edition_timezone, source_recap_job_id, is_degraded, generation_revision,
  result_jsonb, model, generation_metadata_jsonb, created_at`;

function toLetter(row: LetterRow): MorningLetter {
  return {
    id: row.id,
    targetDate: row.target_date,
    timezone: row.edition_timezone,
    jobId: row.source_recap_job_id,
    isDegraded: row.is_degraded,
    revision: row.generation_revision,
    result: row.result_jsonb,
    model: row.model,
    metadata: row.generation_metadata_jsonb,
    createdAt: row.created_at,
  };
}

/** Keeps the morning update in `morning_article_groups`, `morning_letters` and `morning_letter_sources`. */
export function createMorningRepository(client: SqlClient, now: () => number): MorningRepository {
  const timestamp = () => new Date(now()).toISOString();
  return {
    async saveGroups(articles) {
      const created_at = timestamp();
      return upsertRows(
        client,
        {
          table: 'morning_article_groups',
          columns: { group_id: 'uuid', article_id: 'text', is_primary: 'boolean', created_at: 'timestamptz' },
          conflict: ['group_id', 'article_id'],
          update: 'nothing',
        },
        articles.map(({ groupId, articleId, isPrimary }) => {
          return { group_id: groupId, article_id: articleId, is_primary: isPrimary, created_at };
        }),
      );
    },
    async groupsSince(since, limit) {
      checkInteger('groupsSince', 'limit', limit, { min: 0 });
      const { rows } = await client.query<MorningArticle & { createdAt: Date }>(
        `SELECT group_id AS "groupId", article_id AS "articleId", is_primary AS "isPrimary", created_at AS "createdAt"
         FROM morning_article_groups WHERE created_at >= $1::timestamptz
         ORDER BY created_at, group_id, is_primary DESC, article_id COLLATE "C" LIMIT $2::integer`,
        [since.toISOString(), limit],
      );
      return rows.map(({ groupId, articleId, isPrimary, createdAt }) => ({ groupId, articleId, isPrimary, createdAt }));
    },
    saveLetter: (letter) => client.transaction((transaction) => saveLetter(transaction, letter, timestamp())),
    async letter(day) {
      const where = day ? 'WHERE target_date = $1::date AND edition_timezone = $2' : '';
      const params = day ? [checkDay(day.targetDate), day.timezone ?? morningTimezone] : [];
      const { rows } = await client.query<LetterRow>(
        `SELECT ${letterColumns} FROM morning_letters ${where} ORDER BY target_date DESC, created_at DESC, id LIMIT 1`,
        params,
      );
      return rows[0] && toLetter(rows[0]);
    },
    async sources(letterId) {
      const { rows } = await client.query<Required<MorningSource>>(
        `SELECT section_key AS "sectionKey", article_id AS "articleId", source_type AS "sourceType", position
         FROM morning_letter_sources WHERE letter_id = $1::uuid
         ORDER BY section_key COLLATE "C", position, article_id COLLATE "C"`,
        [letterId],
      );
      return rows.map(({ sectionKey, articleId, sourceType, position }) => {
        return { sectionKey, articleId, sourceType, position };
      });
    },
  };
}

async function saveLetter(client: SqlClient, letter: NewMorningLetter, time: string) {
  const { timezone = morningTimezone, metadata = {} } = letter;
  const { rows } = await client.query<{ id: string; revision: number }>(
    `INSERT INTO morning_letters AS held (target_date, edition_timezone, source_recap_job_id, is_degraded, result_jsonb,
       model, generation_metadata_jsonb, created_at)
     VALUES ($1::date, $2, $3::uuid, $4::boolean, $5::jsonb, $6, $7::jsonb, $8::timestamptz)
     ON CONFLICT (target_date, edition_timezone) DO UPDATE
       SET source_recap_job_id = EXCLUDED.source_recap_job_id, is_degraded = EXCLUDED.is_degraded,
         result_jsonb = EXCLUDED.result_jsonb, model = EXCLUDED.model, created_at = EXCLUDED.created_at,
         generation_metadata_jsonb = EXCLUDED.generation_metadata_jsonb,
         generation_revision = held.generation_revision + 1
     RETURNING id, generation_revision AS revision`,
    [
      checkDay(letter.targetDate),
      timezone,
      letter.jobId,
      letter.isDegraded,
      storableJson('result of a letter', letter.result),
      letter.model,
      storableJson('metadata of a letter', metadata),
      time,
    ],
  );
  const { id, revision } = rows[0]!;
  await client.query('DELETE FROM morning_letter_sources WHERE letter_id = $1::uuid', [id]);
  await upsertRows(
    client,
    {
      table: 'morning_letter_sources',
      columns: { letter_id: 'uuid', section_key: 'text', article_id: 'text', source_type: 'text', position: 'integer' },
      conflict: ['letter_id', 'section_key', 'article_id'],
      update: 'nothing',
    },
    letter.sources.map(({ sectionKey, articleId, sourceType = 'overnight', position }) => {
      return { letter_id: id, section_key: sectionKey, article_id: articleId, source_type: sourceType, position };
    }),
  );
  return { id, revision };
}
