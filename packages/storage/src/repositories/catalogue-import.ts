import type { SqlClient } from '../sql/sql-client.js';

/** Tables that rows of another database can be copied into. */
export type CatalogueTable = 'profiles' | 'videos' | 'video_tags' | 'video_performers' | 'user_video_decisions';

const keys: Readonly<Record<CatalogueTable, readonly string[]>> = {
  profiles: ['user_id'],
  videos: ['id'],
  video_tags: ['video_id', 'tag_name'],
  video_performers: ['video_id', 'performer_name'],
  user_video_decisions: ['user_id', 'video_id', 'decision_type', 'created_at'],
};

/** Columns that must have a value, and the one that stands where a row brings none. */
const defaults: Readonly<Record<string, string>> = {
  safety_level: "'0'::jsonb",
  region_codes: "'[]'::jsonb",
  is_active: "'true'::jsonb",
};

/**
 * Copies rows that another database gave as JSON objects; columns the table does not have are left out, rows of a key that
 * is there replace it.
 *
 * Names of tags and performers that are empty, and those of items that are not there, are left out.
 *
 * @returns how many rows were written.
 * @throws the error of the database for a value that does not fit its column.
 * @example
 * const client = { query: async () => ({ rows: [{ column_name: 'user_id' }], rowCount: 1 }) } as unknown as SqlClient;
 * await importCatalogueRows(client, 'profiles', [{ user_id: 'u' }]) // => 1
 */
export async function importCatalogueRows(
  client: SqlClient,
  table: CatalogueTable,
  rows: readonly Readonly<Record<string, unknown>>[],
): Promise<number> {
  if (rows.length === 0) return 0;
  const { rows: columns } = await client.query<{ column_name: string }>(
    `SELECT a.attname AS column_name FROM pg_attribute a
     WHERE a.attrelid = '${table}'::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
  );
  const names = columns.map(({ column_name }) => column_name);
  const key = keys[table];
  const updated = names.filter((name) => !key.includes(name));
  const filled = names
    .filter((name) => defaults[name])
    .map((name) => `jsonb_build_object('${name}', coalesce(nullif(r -> '${name}', 'null'), ${defaults[name]}))`);
  const row = ['r', ...filled].join(' || ');
  const action =
    updated.length === 0 ? 'NOTHING' : `UPDATE SET ${updated.map((n) => `${n} = EXCLUDED.${n}`).join(', ')}`;
  const { rowCount } = await client.query(
    `INSERT INTO ${table} (${names.join(', ')})
     SELECT DISTINCT ON (${key.join(', ')}) ${names.join(', ')}
     FROM (SELECT (jsonb_populate_record(NULL::${table}, ${row})).* FROM jsonb_array_elements($1::jsonb) AS r) AS given
     ${conditionOf(table)}
     ON CONFLICT (${key.join(', ')}) DO ${action}`,
    [JSON.stringify(rows)],
  );
  return rowCount;
}

function conditionOf(table: CatalogueTable): string {
  if (table === 'user_video_decisions') return 'WHERE created_at IS NOT NULL';
  if (table !== 'video_tags' && table !== 'video_performers') return '';
  const name = table === 'video_tags' ? 'tag_name' : 'performer_name';
  return `WHERE ${name} <> '' AND EXISTS (SELECT FROM videos v WHERE v.id = given.video_id)`;
}
