import {
  createCatalogueRepository,
  fromPglite,
  fromPgPool,
  migrate,
  type SqlClient,
  twoTowerMigrations,
} from '@matome/storage';
import { sampleCatalogue } from './sample-catalogue.js';

/** An open database with the tables of the pipeline. */
export interface Database {
  readonly client: SqlClient;
  /** What was opened, for people. */
  readonly description: string;
  close(): Promise<void>;
}

/** Options of `openDatabase`. */
export interface DatabaseOptions {
  /** A PostgreSQL server; without it a database inside the process. */
  readonly pgDsn?: string | undefined;
  /** Folder of the database inside the process. @default in memory */
  readonly dataDir?: string | undefined;
  /** Fills an empty database inside the process with a made-up catalogue. @default true */
  readonly sample?: boolean;
}

/**
 * Opens a database and brings its schema up to date.
 *
 * @throws Error with one sentence when the server cannot be reached or has no pgvector.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const database = options.pgDsn ? await openServer(options.pgDsn) : await openEmbedded(options.dataDir);
  try {
    await migrate(database.client, { migrations: twoTowerMigrations, ledger: 'two_tower_migrations' });
    if (!options.pgDsn && options.sample !== false) await fillWhenEmpty(database.client);
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

async function openServer(pgDsn: string): Promise<Database> {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({ connectionString: pgDsn, max: 4 });
  try {
    await pool.query('SELECT 1');
  } catch (cause) {
    await pool.end();
    // The address may hold a password and is not repeated.
    throw new Error(`The database of --pg-dsn cannot be reached: ${(cause as Error).message || String(cause)}.`, {
      cause,
    });
  }
  return { client: fromPgPool(pool), description: 'the PostgreSQL server of --pg-dsn', close: () => pool.end() };
}

async function openEmbedded(dataDir: string | undefined): Promise<Database> {
  const { PGlite } = await import('@electric-sql/pglite');
  const { vector } = await import('@electric-sql/pglite-pgvector');
  const database = await PGlite.create({ ...(dataDir ? { dataDir } : {}), extensions: { vector } });
  const description = dataDir
    ? `a database inside the process, in ${dataDir}`
    : 'a database inside the process, in memory';
  return { client: fromPglite(database), description, close: () => database.close() };
}

async function fillWhenEmpty(client: SqlClient): Promise<void> {
  const { rows } = await client.query<{ filled: boolean }>(
    'SELECT EXISTS (SELECT FROM profiles) OR EXISTS (SELECT FROM videos) AS filled',
  );
  if (rows[0]!.filled) return;
  const catalogue = createCatalogueRepository(client);
  const { profiles, videos, decisions } = sampleCatalogue();
  await catalogue.saveProfiles(profiles);
  await catalogue.saveVideos(videos);
  await catalogue.saveDecisions(decisions);
}
