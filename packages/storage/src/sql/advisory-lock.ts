import type { SqlClient } from './sql-client.js';

/**
 * Runs `run` in a transaction that holds the advisory lock of `name`; other holders of the name are kept out until the
 * transaction ends.
 *
 * For short critical sections. Work of minutes takes a lease ({@link Leases}), which outlives no process and no transaction.
 *
 * @param name - any text; its 64-bit hash is the lock, so two names meet with probability 5e-20.
 * @returns the result of `run`, or `'locked'` when another transaction holds the lock (`wait: false`).
 * @param options - `wait`: wait for the holder instead of giving up. @default false
 * @see https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
 * @example
 * const client = {
 *   query: async () => ({ rows: [{ locked: true }], rowCount: 1 }),
 *   transaction: async (run: (c: unknown) => Promise<unknown>) => run(client),
 * } as unknown as SqlClient;
 * await withAdvisoryLock(client, 'nightly', async () => 'done') // => 'done'
 */
export async function withAdvisoryLock<T>(
  client: SqlClient,
  name: string,
  run: (client: SqlClient) => Promise<T>,
  options: { readonly wait?: boolean } = {},
): Promise<T | 'locked'> {
  return client.transaction(async (transaction) => {
    if (options.wait) {
      await transaction.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [name]);
      return run(transaction);
    }
    const { rows } = await transaction.query<{ locked: boolean }>(
      'SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS locked',
      [name],
    );
    return rows[0]?.locked ? run(transaction) : 'locked';
  });
}
