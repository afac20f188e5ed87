import type { SqlClient, SqlResult, SqlValue } from '../sql/sql-client.js';
import { enclose, refuseInsideOwnTransaction, runInScope, type SqlSession } from '../sql/transaction-scope.js';

interface PgliteResultLike {
  // biome-ignore lint/suspicious/noExplicitAny: a driver's rows have no static type.
  readonly rows: any[];
  readonly affectedRows?: number;
}

/** What {@link fromPglite} needs of an open transaction of PGlite. */
export interface PgliteTransactionLike {
  // biome-ignore lint/suspicious/noExplicitAny: PGlite types its parameters so.
  query(text: string, params?: any[]): Promise<PgliteResultLike>;
  exec(text: string): Promise<unknown>;
}

/** What {@link fromPglite} needs of a PGlite database. */
export interface PgliteLike extends PgliteTransactionLike {
  transaction<T>(run: (transaction: PgliteTransactionLike) => Promise<T>): Promise<T>;
}

function sessionOf(target: PgliteTransactionLike): SqlSession {
  return {
    async query<Row extends object>(text: string, params: readonly SqlValue[]): Promise<SqlResult<Row>> {
      const { rows, affectedRows } = await target.query(text, [...params]);
      return { rows, rowCount: affectedRows || rows.length };
    },
    async script(text) {
      await target.exec(text);
    },
  };
}

/**
 * Makes a {@link SqlClient} of a PGlite database: PostgreSQL inside the process, one connection.
 *
 * Transactions wait for one another. A folder of PGlite belongs to one process at a time; the host sees to that.
 *
 * @param database - the host opens and closes it.
 * @see https://pglite.dev/docs/api
 * @example
 * const database = {
 *   query: async (text: string) => ({ rows: [{ text }] }),
 *   exec: async () => [],
 *   transaction: async <T>(run: (tx: PgliteTransactionLike) => Promise<T>) => run(database),
 * };
 * (await fromPglite(database).query('SELECT 1')).rowCount // => 1
 */
export function fromPglite(database: PgliteLike): SqlClient {
  const session = sessionOf(database);
  const client: SqlClient = {
    async query(text, params = []) {
      refuseInsideOwnTransaction(client);
      return session.query(text, params);
    },
    async script(text) {
      refuseInsideOwnTransaction(client);
      await session.script(text);
    },
    async transaction(run) {
      refuseInsideOwnTransaction(client);
      return enclose(client, () => database.transaction((transaction) => runInScope(sessionOf(transaction), run)));
    },
  };
  return client;
}
