import type { SqlClient } from './sql-client.js';

/** PostgreSQL types that {@link upsertRows} casts its text parameters to. */
export type ColumnType =
  | 'text'
  | 'integer'
  | 'bigint'
  | 'smallint'
  | 'real'
  | 'double precision'
  | 'boolean'
  | 'timestamptz'
  | 'uuid'
  | 'json'
  | 'jsonb';

/** Where and how {@link upsertRows} writes. */
export interface UpsertTarget {
  readonly table: string;
  /** Name and type of every written column. */
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** Columns of the unique key. */
  readonly conflict: readonly string[];
  /** What happens to a row that is there: nothing, or these columns get the new values. */
  readonly update: 'nothing' | readonly string[];
}

/** Values of one row by column; numbers, booleans and dates are written as text and cast by the database. */
export type UpsertRow = Readonly<Record<string, string | number | boolean | Date | null>>;

/**
 * Writes many rows with one statement (`INSERT … SELECT FROM unnest`).
 *
 * Rows of the same key inside one call: the last wins, because PostgreSQL refuses to touch a row twice in one statement.
 * Table and column names are put into the text unquoted and must come from the program, never from input.
 *
 * @returns the number of rows inserted or updated.
 * @example
 * const sent: string[] = [];
 * const client = { query: async (text: string) => { sent.push(text); return { rows: [], rowCount: 1 }; } } as unknown as SqlClient;
 * await upsertRows(client, { table: 't', columns: { id: 'text' }, conflict: ['id'], update: 'nothing' }, [{ id: 'a' }]);
 * sent[0].startsWith('INSERT INTO t (id)') // => true
 */
export async function upsertRows(client: SqlClient, target: UpsertTarget, rows: readonly UpsertRow[]): Promise<number> {
  const last = new Map(rows.map((row) => [JSON.stringify(target.conflict.map((name) => row[name])), row]));
  if (last.size === 0) return 0;
  const names = Object.keys(target.columns);
  const params = names.map((name) => Array.from(last.values(), (row) => asText(row[name] ?? null)));
  const { rowCount } = await client.query(upsertStatement(target, names), params);
  return rowCount;
}

function upsertStatement({ table, columns, conflict, update }: UpsertTarget, names: readonly string[]): string {
  const list = names.join(', ');
  const casts = names.map((name, i) => `c${i}::${columns[name]}`).join(', ');
  const arrays = names.map((_, i) => `$${i + 1}::text[]`).join(', ');
  const aliases = names.map((_, i) => `c${i}`).join(', ');
  const action =
    update === 'nothing' ? 'NOTHING' : `UPDATE SET ${update.map((name) => `${name} = EXCLUDED.${name}`).join(', ')}`;
  return (
    `INSERT INTO ${table} (${list}) SELECT ${casts} FROM unnest(${arrays}) AS u(${aliases}) ` +
    `ON CONFLICT (${conflict.join(', ')}) DO ${action}`
  );
}

function asText(value: string | number | boolean | Date | null): string | null {
  if (value === null || typeof value === 'string') return value;
  return value instanceof Date ? value.toISOString() : String(value);
}
