import type { SqlClient, SqlResult, SqlValue } from '../sql/sql-client.js';
import { enclose, refuseInsideOwnTransaction, runInScope, type SqlSession } from '../sql/transaction-scope.js';

interface PgResultLike {
  // biome-ignore lint/suspicious/noExplicitAny: a driver's rows have no static type.
  readonly rows: any[];
  readonly rowCount: number | null;
}

/** What {@link fromPgPool} needs of a connection of the `pg` package. */
export interface PgConnectionLike {
  query(text: string, params?: unknown[]): Promise<PgResultLike>;
  /** Gives the connection back; with an error it is destroyed. */
  release(error?: Error | boolean): void;
}

/** What {@link fromPgPool} needs of a pool of the `pg` package. */
export interface PgPoolLike {
  query(text: string, params?: unknown[]): Promise<PgResultLike>;
  connect(): Promise<PgConnectionLike>;
}

function sessionOf(target: Pick<PgPoolLike, 'query'>): SqlSession {
  return {
    async query<Row extends object>(text: string, params: readonly SqlValue[]): Promise<SqlResult<Row>> {
      const { rows, rowCount } = await target.query(text, [...params]);
      return { rows, rowCount: rowCount ?? rows.length };
    },
    async script(text) {
      await target.query(text);
    },
  };
}

/**
 * Makes a {@link SqlClient} of a `pg.Pool`.
 *
 * Tables are looked up along the connection's `search_path`. A connection whose rollback fails is destroyed, not reused.
 *
 * @param pool - the host opens and ends it.
 * @see https://node-postgres.com/apis/pool
 * @example
 * const pool = {
 *   query: async (text: string) => ({ rows: [{ text }], rowCount: 1 }),
 *   connect: async () => ({ query: pool.query, release() {} }),
 * };
 * (await fromPgPool(pool).query('SELECT 1')).rows // => [{ text: 'SELECT 1' }]
 */
export function fromPgPool(pool: PgPoolLike): SqlClient {
  const session = sessionOf(pool);
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
      const connection = await pool.connect();
      let broken: Error | undefined;
      try {
        await connection.query('BEGIN');
        const result = await enclose(client, () => runInScope(sessionOf(connection), run));
        await connection.query('COMMIT');
        return result;
      } catch (error) {
        await connection.query('ROLLBACK').catch((rollbackError: Error) => {
          broken = rollbackError;
        });
        throw error;
      } finally {
        connection.release(broken);
      }
    },
  };
  return client;
}
