import assert from 'node:assert/strict';
import { withAdvisoryLock } from '../sql/advisory-lock.js';
import type { SqlClient } from '../sql/sql-client.js';
import { upsertRows } from '../sql/upsert.js';
import type { ConformanceCase } from './conformance.js';

const count = async (client: SqlClient) =>
  (await client.query<{ n: number }>('SELECT count(*)::integer AS n FROM t')).rows[0]?.n;

const table = { table: 't', columns: { id: 'text', n: 'integer' }, conflict: ['id'], update: ['n'] } as const;

/** Promises about a {@link SqlClient}; its database is empty and a table named `t` may be made. */
export const sqlCases: readonly ConformanceCase<SqlClient>[] = [
  {
    name: 'passes every kind of value through and counts rows',
    async run(client) {
      const { rows, rowCount } = await client.query(
        'SELECT $1::text AS s, $2::integer AS n, $3::boolean AS b, $4::text[] AS a, $5::text AS z, $6::jsonb AS j',
        ['雨 "q" \\', 7, true, ['x,{y}', '"', null], null, '{"k":[1]}'],
      );
      assert.deepEqual(
        { ...rows[0] },
        { s: '雨 "q" \\', n: 7, b: true, a: ['x,{y}', '"', null], z: null, j: { k: [1] } },
      );
      assert.equal(rowCount, 1);
    },
  },
  {
    name: 'counts changed rows of a statement that returns none',
    async run(client) {
      await client.script('CREATE TABLE t (id text PRIMARY KEY, n integer); INSERT INTO t VALUES ($$a$$, 1)');
      assert.equal((await client.query("INSERT INTO t VALUES ('b', 1), ('c', 1)")).rowCount, 2);
      assert.equal((await client.query('UPDATE t SET n = 2')).rowCount, 3);
      assert.equal((await client.query('DELETE FROM t WHERE n = 9')).rowCount, 0);
    },
  },
  {
    name: 'commits when the callback resolves and rolls back when it rejects',
    async run(client) {
      await client.script('CREATE TABLE t (id text PRIMARY KEY, n integer)');
      assert.equal(
        await client.transaction(async (tx) => (await tx.query("INSERT INTO t VALUES ('a', 1)")).rowCount),
        1,
      );
      const failing = client.transaction(async (tx) => {
        await tx.query("INSERT INTO t VALUES ('b', 1)");
        throw new Error('stop');
      });
      await assert.rejects(failing, /stop/);
      assert.equal(await count(client), 1);
    },
  },
  {
    name: 'commits nothing of a transaction in which a statement failed, even when the error was caught',
    async run(client) {
      await client.script('CREATE TABLE t (id text PRIMARY KEY, n integer)');
      const poisoned = client.transaction(async (tx) => {
        await tx.query("INSERT INTO t VALUES ('a', 1)");
        await assert.rejects(tx.query("INSERT INTO t VALUES ('a', 2)"));
        await assert.rejects(tx.query('SELECT 1'), { code: 'TRANSACTION_ABORTED' });
        return 'looks fine';
      });
      await assert.rejects(poisoned, /duplicate key/);
      assert.equal(await count(client), 0);
    },
  },
  {
    name: 'survives a failed savepoint',
    async run(client) {
      await client.script('CREATE TABLE t (id text PRIMARY KEY, n integer)');
      await client.transaction(async (tx) => {
        await tx.query("INSERT INTO t VALUES ('a', 1)");
        const inner = tx.transaction(async (deeper) => {
          await deeper.query("INSERT INTO t VALUES ('b', 1)");
          await deeper.query("INSERT INTO t VALUES ('a', 1)");
        });
        await assert.rejects(inner, /duplicate key/);
        await tx.transaction((deeper) => deeper.query("INSERT INTO t VALUES ('c', 1)"));
      });
      assert.equal(await count(client), 2);
    },
  },
  {
    name: 'refuses the outer client inside its transaction instead of waiting for ever',
    async run(client) {
      const misuse = { code: 'TRANSACTION_MISUSE' };
      await client.transaction(async (tx) => {
        await assert.rejects(client.query('SELECT 1'), misuse);
        await assert.rejects(
          client.transaction(async () => 1),
          misuse,
        );
        await tx.transaction(async () => {
          await assert.rejects(tx.query('SELECT 1'), misuse);
        });
      });
      assert.equal((await client.query('SELECT 1 AS one')).rowCount, 1);
    },
  },
  {
    name: 'refuses a client whose transaction has ended',
    async run(client) {
      const kept = await client.transaction(async (tx) => tx);
      await assert.rejects(kept.query('SELECT 1'), { code: 'TRANSACTION_MISUSE' });
    },
  },
  {
    name: 'runs transactions that were started together',
    async run(client) {
      await client.script('CREATE TABLE t (id text PRIMARY KEY, n integer)');
      const ids = ['a', 'b', 'c', 'd', 'e'];
      await Promise.all(ids.map((id) => client.transaction((tx) => tx.query('INSERT INTO t VALUES ($1, 1)', [id]))));
      assert.equal(await count(client), 5);
    },
  },
  {
    name: 'upserts many rows, the last of one key winning',
    async run(client) {
      await client.script('CREATE TABLE t (id text PRIMARY KEY, n integer)');
      const rows = [
        { id: 'a', n: 1 },
        { id: 'b', n: null },
        { id: 'a', n: 3 },
      ];
      assert.equal(await upsertRows(client, table, rows), 2);
      assert.equal(await upsertRows(client, table, []), 0);
      assert.equal(await upsertRows(client, { ...table, update: 'nothing' }, [{ id: 'a', n: 9 }]), 0);
      const { rows: stored } = await client.query('SELECT id, n FROM t ORDER BY id');
      assert.deepEqual(
        stored.map((row) => ({ ...row })),
        [
          { id: 'a', n: 3 },
          { id: 'b', n: null },
        ],
      );
    },
  },
  {
    name: 'runs under an advisory lock and gives its result',
    async run(client) {
      const result = await withAdvisoryLock(client, 'name', async (tx) => (await tx.query('SELECT 1')).rowCount);
      assert.equal(result, 1);
      assert.equal(await withAdvisoryLock(client, 'name', async () => 'again', { wait: true }), 'again');
    },
  },
];
