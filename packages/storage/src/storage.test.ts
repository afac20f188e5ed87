import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromPglite } from './adapters/pglite.js';
import { createMemoryLeases } from './memory/leases.js';
import { createMemoryStorage } from './memory/memory-storage.js';
import { migrate } from './migrations/migrate.js';
import { createPostgresLeases } from './sql/lease.js';
import { createPostgresStorage } from './storage.js';
import { leaseCases, sqlCases, storageCases } from './testing/index.js';

describe('memory storage', () => {
  for (const { name, run } of storageCases) {
    it(name, async () => {
      const clock = { now: 0 };
      await run({ storage: createMemoryStorage({ now: () => clock.now }), clock });
    });
  }
  for (const { name, run } of leaseCases) {
    it(name, async () => {
      const clock = { now: 1e12 };
      await run({ leases: createMemoryLeases(() => clock.now), clock });
    });
  }
});

describe('storage on PGlite', () => {
  let database: PGlite;
  beforeAll(async () => {
    database = await PGlite.create();
  });
  afterAll(() => database.close());

  // One schema a case: the database boots once, and every case finds it empty.
  let schemas = 0;
  async function emptyClient() {
    const schema = `case_${++schemas}`;
    await database.exec(`CREATE SCHEMA ${schema}; SET search_path TO ${schema}`);
    return fromPglite(database);
  }

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

  it('reads the clock of the database for leases when none is given', async () => {
    const client = await emptyClient();
    await migrate(client);
    const leases = createPostgresLeases(client);
    const lease = await leases.acquire('job', 'a', 60_000);
    const { rows } = await client.query<{ left: number }>(
      'SELECT extract(epoch FROM expires_at - clock_timestamp())::double precision AS left FROM matome_leases',
    );
    expect(lease?.token).toBe(1);
    expect(rows[0]!.left).toBeGreaterThan(30);
    expect(rows[0]!.left).toBeLessThanOrEqual(60);
  });
});
