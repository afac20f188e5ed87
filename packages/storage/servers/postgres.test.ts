import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import {
  createPostgresLeases,
  createPostgresStorage,
  fromPgPool,
  migrate,
  type SqlClient,
  withAdvisoryLock,
} from '../src/index.js';
import { migrations } from '../src/migrations/migration-files.js';
import { leaseCases, sqlCases, storageCases } from '../src/testing/index.js';

const connectionString = inject('postgresUrl');

describe('storage on a PostgreSQL server', () => {
  const pools: pg.Pool[] = [];
  const schemas: string[] = [];

  beforeAll(() => {
    expect(connectionString, 'MATOME_TEST_POSTGRES_URL must name a server').not.toBe('');
  });

  async function emptyClient(): Promise<SqlClient> {
    const schema = `matome_${randomBytes(6).toString('hex')}`;
    const admin = new pg.Client({ connectionString });
    await admin.connect();
    await admin.query(`CREATE SCHEMA ${schema}`);
    await admin.end();
    schemas.push(schema);
    const pool = new pg.Pool({ connectionString, max: 4, options: `-c search_path=${schema}` });
    pools.push(pool);
    return fromPgPool(pool);
  }

  afterEach(async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.end()));
    const admin = new pg.Client({ connectionString });
    await admin.connect();
    for (const schema of schemas.splice(0)) await admin.query(`DROP SCHEMA ${schema} CASCADE`);
    await admin.end();
  });

  for (const { name, run } of sqlCases) it(name, async () => run(await emptyClient()));
  for (const { name, run } of storageCases) {
    it(name, async () => {
      const client = await emptyClient();
      await migrate(client);
      const clock = { now: 0 };
      await run({ storage: createPostgresStorage(client, { now: () => clock.now }), clock });
    });
  }
  for (const { name, run } of leaseCases) {
    it(name, async () => {
      const client = await emptyClient();
      await migrate(client);
      const clock = { now: 1e12 };
      await run({ leases: createPostgresLeases(client, { now: () => clock.now }), clock });
    });
  }

  it('keeps a second session out of an advisory lock while the first holds it', async () => {
    const client = await emptyClient();
    const rival = fromPgPool(pools[0]!);
    const inside = await withAdvisoryLock(client, 'shared', () => withAdvisoryLock(rival, 'shared', async () => 'in'));
    expect(inside).toBe('locked');
    expect(await withAdvisoryLock(rival, 'shared', async () => 'in')).toBe('in');
  });

  it('lets two sessions migrate at the same time', async () => {
    const client = await emptyClient();
    const both = await Promise.all([migrate(client), migrate(fromPgPool(pools[0]!))]);
    // Either session may come to do a step; each step is done once.
    expect(both.flatMap(({ applied }) => applied).sort()).toEqual(migrations.map(({ id }) => id));
  });
});
