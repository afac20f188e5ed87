import type { SqlClient } from '../sql/sql-client.js';

/** What can be kept for a limited time, and the table it stands in. */
export const retainedTables = {
  recap_jobs: 'kicked_at',
  recap_system_metrics: '"timestamp"',
  morning_article_groups: 'created_at',
  morning_letters: 'created_at',
  notification_outbox: 'forwarded_at',
} as const;

/** A table whose rows are deleted when they are old. */
export type RetainedTable = keyof typeof retainedTables;

/**
 * How long rows are kept.
 *
 * Jobs go with everything that belongs to them; of the outbox only what was forwarded goes, however old the rest is.
 */
export interface RetentionRepository {
  /** @throws RangeError for another table or days that are not a positive whole number. */
  set(table: RetainedTable, days: number): Promise<void>;
  list(): Promise<Readonly<Partial<Record<RetainedTable, number>>>>;
  /** Deletes what is older than its days. @returns the number of rows by table, those with a setting only. */
  apply(): Promise<Readonly<Partial<Record<RetainedTable, number>>>>;
}

/** @throws RangeError for a table that is not kept for a time, or days that are none. */
export function checkRetention(table: string, days: number): void {
  if (!Object.hasOwn(retainedTables, table)) {
    throw new RangeError(
      `The table of retention must be one of ${Object.keys(retainedTables).join(', ')}. Got ${JSON.stringify(table)}.`,
    );
  }
  if (!(Number.isInteger(days) && days > 0)) {
    throw new RangeError(`The days of retention must be a positive whole number. Got ${days}.`);
  }
}

/** Keeps times in the table `recap_retention_config`. */
export function createRetentionRepository(client: SqlClient, now: () => number): RetentionRepository {
  const list = async (from: SqlClient) => {
    const { rows } = await from.query<{ table_name: RetainedTable; retention_days: number }>(
      'SELECT table_name, retention_days FROM recap_retention_config ORDER BY table_name',
    );
    return rows;
  };
  return {
    async set(table, days) {
      checkRetention(table, days);
      await client.query(
        `INSERT INTO recap_retention_config (table_name, retention_days, updated_at)
         VALUES ($1, $2::integer, $3::timestamptz)
         ON CONFLICT (table_name) DO UPDATE SET retention_days = EXCLUDED.retention_days, updated_at = EXCLUDED.updated_at`,
        [table, days, new Date(now()).toISOString()],
      );
    },
    async list() {
      return Object.fromEntries((await list(client)).map((row) => [row.table_name, row.retention_days]));
    },
    apply: () =>
      client.transaction(async (transaction) => {
        const deleted: Partial<Record<RetainedTable, number>> = {};
        for (const { table_name: table, retention_days: days } of await list(transaction)) {
          checkRetention(table, days);
          const { rowCount } = await transaction.query(
            `DELETE FROM ${table} WHERE ${retainedTables[table]} < $1::timestamptz - make_interval(days => $2::integer)`,
            [new Date(now()).toISOString(), days],
          );
          deleted[table] = rowCount;
        }
        return deleted;
      }),
  };
}
