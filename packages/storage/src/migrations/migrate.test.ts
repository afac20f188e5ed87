import { readFileSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { renderMigrations } from '../../scripts/embed-migrations.mjs';
import { fromPglite } from '../adapters/pglite.js';
import type { SqlClient } from '../sql/sql-client.js';
import { migrate } from './migrate.js';
import { migrations } from './migration-files.js';

describe('migrate', () => {
  let database: PGlite;
  let client: SqlClient;
  let schemas = 0;
  beforeAll(async () => {
    database = await PGlite.create();
  });
  beforeEach(async () => {
    const schema = `case_${++schemas}`;
    await database.exec(`CREATE SCHEMA ${schema}; SET search_path TO ${schema}`);
    client = fromPglite(database);
  });
  afterAll(() => database.close());

  it('embeds the files of the migrations folder byte by byte', () => {
    const embedded = readFileSync(new URL('./migration-files.ts', import.meta.url), 'utf8');
    expect(embedded).toBe(renderMigrations());
  });

  it('numbers the steps without a gap', () => {
    expect(migrations.map(({ id }) => id)).toEqual(migrations.map((_, i) => i + 1));
  });

  it('applies every step once', async () => {
    expect((await migrate(client)).applied).toEqual(migrations.map(({ id }) => id));
    expect((await migrate(client)).applied).toEqual([]);
  });

  it('applies every step once when two callers start together', async () => {
    const both = await Promise.all([migrate(client), migrate(client)]);
    expect(both.flatMap(({ applied }) => applied).sort()).toEqual(migrations.map(({ id }) => id));
  });

  it('goes on where an earlier version stopped', async () => {
    await migrate(client, { migrations: migrations.slice(0, 1) });
    expect((await migrate(client)).applied).toEqual(migrations.slice(1).map(({ id }) => id));
  });

  it('leaves neither tables nor a ledger row of a step that fails', async () => {
    const broken = {
      id: 1,
      name: 'broken',
      checksum: 'c',
      sql: 'CREATE TABLE half (id text); SELECT no_such_function()',
    };
    await expect(migrate(client, { migrations: [broken] })).rejects.toThrow(/no_such_function/);
    const { rows } = await client.query(
      "SELECT to_regclass('half') AS half, (SELECT count(*) FROM matome_migrations)::int AS n",
    );
    expect(rows[0]).toEqual({ half: null, n: 0 });
  });

  it('refuses a database that a newer version has migrated', async () => {
    await migrate(client);
    const older = migrations.slice(0, -1);
    await expect(migrate(client, { migrations: older })).rejects.toMatchObject({ code: 'SCHEMA_AHEAD' });
  });

  it('refuses a step whose statements changed after it was applied', async () => {
    await migrate(client);
    const changed = [{ ...migrations[0]!, checksum: 'other' }, ...migrations.slice(1)];
    await expect(migrate(client, { migrations: changed })).rejects.toMatchObject({ code: 'MIGRATION_CHANGED' });
  });

  it('leads to the recorded schema', async () => {
    await migrate(client);
    const columns = await client.query<{ line: string }>(
      `SELECT table_name || '.' || column_name || ' ' || data_type || CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END
         || coalesce(' default ' || column_default, '') AS line
       FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position`,
    );
    const indexes = await client.query<{ line: string }>(
      `SELECT replace(indexdef, current_schema() || '.', '') AS line FROM pg_indexes
       WHERE schemaname = current_schema() ORDER BY indexname`,
    );
    const lines = [...columns.rows, ...indexes.rows].map(({ line }) => line);
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('../../migrations/schema.snapshot.txt');
  });
});
