/** A value that a statement takes as a parameter; dates travel as ISO 8601 text, documents as JSON text. */
export type SqlValue = string | number | boolean | null | readonly (string | null)[];

/** Rows of a statement; `rowCount` also counts rows changed without `RETURNING`. */
export interface SqlResult<Row> {
  readonly rows: readonly Row[];
  readonly rowCount: number;
}

/**
 * The port to a PostgreSQL database.
 *
 * Made by {@link fromPgPool} or {@link fromPglite}; both obey the same rules, so code that runs on the embedded
 * database also runs on a server:
 *
 * - inside `transaction` only the client handed to the callback may be used (the pool may have a single connection);
 * - a failed statement poisons its transaction: nothing can be run after it, and nothing is committed, even when the
 *   callback caught the error;
 * - a transaction opened on a transaction's client is a savepoint: its failure can be caught and the outer one goes on.
 */
export interface SqlClient {
  /**
   * Runs one statement.
   *
   * @param text - SQL with `$1`, `$2` … in place of values.
   */
  query<Row extends object = Record<string, unknown>>(
    text: string,
    params?: readonly SqlValue[],
  ): Promise<SqlResult<Row>>;
  /** Runs several statements without parameters, separated by semicolons. */
  script(text: string): Promise<void>;
  /**
   * Runs `run` in a transaction and commits when it resolves.
   *
   * @throws the error of `run` or of the statement that poisoned the transaction, after rolling back.
   */
  transaction<T>(run: (client: SqlClient) => Promise<T>): Promise<T>;
}
