import { withAdvisoryLock } from '../sql/advisory-lock.js';
import type { SqlClient } from '../sql/sql-client.js';
import { StorageError } from '../storage-error.js';
import { migrations as ownMigrations } from './migration-files.js';

/** One numbered step of the schema; steps go forward only. */
export interface Migration {
  readonly id: number;
  readonly name: string;
  /** SHA-256 of `sql`, hexadecimal: an applied step must never change. */
  readonly checksum: string;
  readonly sql: string;
}

/** Options of {@link migrate}. */
export interface MigrateOptions {
  /** Steps to apply, in order of `id`. @default the steps of this package */
  readonly migrations?: readonly Migration[];
  /**
   * Table that keeps what was applied: steps of another kind in the same schema need one of their own.
   *
   * @default 'matome_migrations'
   */
  readonly ledger?: string;
}

const createLedger = (ledger: string) => `CREATE TABLE IF NOT EXISTS ${ledger} (
  id integer PRIMARY KEY,
  name text NOT NULL,
  checksum text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
)`;

/**
 * Brings the schema on the connection's `search_path` up to this package.
 *
 * Steps run one transaction each, the ledger row before the statements: of two processes that start together one waits,
 * then finds the work done.
 *
 * @returns the ids applied by this call; none when the schema was up to date.
 * @throws StorageError `SCHEMA_AHEAD` if the database knows a step that this package does not: a newer program has been
 * here, and an older one must not write. `MIGRATION_CHANGED` if an applied step differs from the one in this package.
 * @example
 * const sent: string[] = [];
 * const client: SqlClient = {
 *   query: async (text) => { sent.push(text); return { rows: [], rowCount: 0 }; },
 *   script: async (text) => { sent.push(text); },
 *   transaction: async (run) => run(client),
 * };
 * const step = { id: 1, name: 'first', checksum: 'c', sql: 'CREATE TABLE t (id text)' };
 * (await migrate(client, { migrations: [step] })).applied // => [1]
 */
export async function migrate(
  client: SqlClient,
  options: MigrateOptions = {},
): Promise<{ readonly applied: readonly number[] }> {
  const { migrations = ownMigrations, ledger = 'matome_migrations' } = options;
  if (!/^[a-z][a-z0-9_]*$/.test(ledger)) {
    throw new RangeError(`The ledger option of migrate must be a plain table name. Got ${JSON.stringify(ledger)}.`);
  }
  await locked(client, ledger, (transaction) => transaction.script(createLedger(ledger)));
  refuseForeign(await appliedSteps(client, ledger), migrations);
  const applied: number[] = [];
  for (const migration of migrations) {
    const isNew = await locked(client, ledger, (transaction) => applyOne(transaction, migration, migrations, ledger));
    if (isNew) applied.push(migration.id);
  }
  return { applied };
}

async function locked<T>(client: SqlClient, ledger: string, run: (transaction: SqlClient) => Promise<T>): Promise<T> {
  return (await withAdvisoryLock(client, ledger, run, { wait: true })) as T;
}

interface AppliedStep {
  readonly id: number;
  readonly name: string;
  readonly checksum: string;
}

async function appliedSteps(client: SqlClient, ledger: string): Promise<readonly AppliedStep[]> {
  const { rows } = await client.query<AppliedStep>(`SELECT id, name, checksum FROM ${ledger} ORDER BY id`);
  return rows;
}

function refuseForeign(applied: readonly AppliedStep[], migrations: readonly Migration[]): void {
  const known = new Map(migrations.map((migration) => [migration.id, migration]));
  for (const step of applied) {
    const own = known.get(step.id);
    if (!own) {
      throw new StorageError(
        'SCHEMA_AHEAD',
        `The database has migration ${step.id} (${step.name}), which this version does not know. Use the newer version.`,
      );
    }
    if (own.checksum !== step.checksum) {
      throw new StorageError(
        'MIGRATION_CHANGED',
        `Migration ${step.id} (${step.name}) was applied with other statements than this version holds.`,
      );
    }
  }
}

async function applyOne(
  transaction: SqlClient,
  { id, name, checksum, sql }: Migration,
  migrations: readonly Migration[],
  ledger: string,
): Promise<boolean> {
  // Read under the lock: since the first look another process, perhaps a newer one, may have been here.
  const steps = await appliedSteps(transaction, ledger);
  refuseForeign(steps, migrations);
  if (steps.some((step) => step.id === id)) return false;
  await transaction.query(`INSERT INTO ${ledger} (id, name, checksum) VALUES ($1::integer, $2, $3)`, [
    id,
    name,
    checksum,
  ]);
  await transaction.script(sql);
  return true;
}
