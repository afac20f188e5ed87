import { AsyncLocalStorage } from 'node:async_hooks';
import { StorageError } from '../storage-error.js';
import type { SqlClient, SqlResult, SqlValue } from './sql-client.js';

/** One connection, as the adapters see it. */
export interface SqlSession {
  query<Row extends object>(text: string, params: readonly SqlValue[]): Promise<SqlResult<Row>>;
  script(text: string): Promise<void>;
}

/** Clients whose transaction encloses the running code. */
const openClients = new AsyncLocalStorage<ReadonlySet<object>>();

/**
 * Refuses the use of a client by code that runs inside that client's own open transaction.
 *
 * On a pool of one connection such a call waits for ever for the connection that its own caller holds.
 */
export function refuseInsideOwnTransaction(client: object): void {
  if (openClients.getStore()?.has(client)) {
    throw new StorageError(
      'TRANSACTION_MISUSE',
      'The outer SqlClient was used inside its own transaction. Use the client that the callback receives.',
    );
  }
}

/** Runs `run` with `client` marked as enclosing. */
export function enclose<T>(client: object, run: () => Promise<T>): Promise<T> {
  return openClients.run(new Set([...(openClients.getStore() ?? []), client]), run);
}

interface ScopeState {
  failure: unknown;
  failed: boolean;
  closed: boolean;
  busy: boolean;
}

/**
 * Runs `run` with a client over a session on which a transaction is open.
 *
 * @throws the first failure of a statement, even when `run` caught it.
 */
export async function runInScope<T>(
  session: SqlSession,
  run: (client: SqlClient) => Promise<T>,
  depth = 0,
): Promise<T> {
  const state: ScopeState = { failure: undefined, failed: false, closed: false, busy: false };
  try {
    const result = await run(scopedClient(session, state, depth));
    if (state.failed) throw state.failure;
    if (state.busy) {
      throw new StorageError('TRANSACTION_MISUSE', 'A nested transaction was still open when its outer one ended.');
    }
    return result;
  } finally {
    state.closed = true;
  }
}

function scopedClient(session: SqlSession, state: ScopeState, depth: number): SqlClient {
  const guard = () => {
    if (state.closed) throw new StorageError('TRANSACTION_MISUSE', 'The transaction of this SqlClient has ended.');
    if (state.busy) {
      throw new StorageError('TRANSACTION_MISUSE', 'A nested transaction is open. Use the client of its callback.');
    }
    if (state.failed) {
      const options = { cause: state.failure };
      throw new StorageError('TRANSACTION_ABORTED', 'An earlier statement of this transaction failed.', options);
    }
  };
  const watched = async <R>(statement: () => Promise<R>): Promise<R> => {
    guard();
    try {
      return await statement();
    } catch (error) {
      if (!state.failed) {
        state.failed = true;
        state.failure = error;
      }
      throw error;
    }
  };
  return {
    query: (text, params = []) => watched(() => session.query(text, params)),
    script: (text) => watched(() => session.script(text)),
    transaction: (run) => runInSavepoint(session, state, depth, run, watched),
  };
}

async function runInSavepoint<T>(
  session: SqlSession,
  state: ScopeState,
  depth: number,
  run: (client: SqlClient) => Promise<T>,
  watched: <R>(statement: () => Promise<R>) => Promise<R>,
): Promise<T> {
  const name = `matome_${depth + 1}`;
  const opening = watched(() => session.script(`SAVEPOINT ${name}`));
  state.busy = true;
  try {
    await opening;
    try {
      const result = await runInScope(session, run, depth + 1);
      await session.script(`RELEASE SAVEPOINT ${name}`);
      return result;
    } catch (error) {
      await session.script(`ROLLBACK TO SAVEPOINT ${name}; RELEASE SAVEPOINT ${name}`);
      throw error;
    }
  } finally {
    state.busy = false;
  }
}
