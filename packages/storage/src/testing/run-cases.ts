import assert from 'node:assert/strict';
import type { Leases } from '../sql/lease.js';
import type { StorageSubject } from './article-cases.js';
import type { ConformanceCase } from './conformance.js';

const submission = {
  jobId: '0f7d4b4e-0000-4000-8000-000000000003',
  genre: 'ai',
  idempotencyKey: 'k1',
  requestHash: 'h1',
  payload: { texts: ['a'] },
};

/** Promises about idempotent runs and about transactions. */
export const runCases: readonly ConformanceCase<StorageSubject>[] = [
  {
    name: 'starts a submission once, also when it is handed in twice at the same time',
    async run({ storage }) {
      const outcomes = await Promise.all([storage.runs.submit(submission), storage.runs.submit(submission)]);
      assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['created', 'known']);
      assert.equal(outcomes[0]?.runId, outcomes[1]?.runId);
      const { payload, jobId, genre } = submission;
      const runId = outcomes[0]!.runId;
      assert.deepEqual(await storage.runs.get(runId), { runId, jobId, genre, payload, state: { status: 'running' } });
    },
  },
  {
    name: 'tells a changed payload and a second run of the same genre from a repetition',
    async run({ storage }) {
      const { runId } = await storage.runs.submit(submission);
      assert.deepEqual(await storage.runs.submit({ ...submission, requestHash: 'h2' }), { status: 'mismatch', runId });
      assert.deepEqual(await storage.runs.submit({ ...submission, idempotencyKey: 'k2' }), { status: 'busy', runId });
      const other = await storage.runs.submit({ ...submission, genre: 'energy' });
      assert.equal(other.status, 'created');
    },
  },
  {
    name: 'returns a finished run for its submission and starts a failed one anew',
    async run({ storage }) {
      const { runId } = await storage.runs.submit(submission);
      await storage.runs.finish(runId, { status: 'partial', result: { clusters: [1] }, count: 1 });
      assert.deepEqual(await storage.runs.submit(submission), { status: 'known', runId });
      const state = (await storage.runs.get(runId))?.state;
      assert.deepEqual(state, { status: 'partial', result: { clusters: [1] }, count: 1 });
      const second = await storage.runs.submit({ ...submission, idempotencyKey: 'k2' });
      await storage.runs.finish(second.runId, { status: 'failed', message: 'no memory' });
      const failed = await storage.runs.get(second.runId);
      assert.deepEqual(failed?.state, { status: 'failed', message: 'no memory' });
      const third = await storage.runs.submit({ ...submission, idempotencyKey: 'k2' });
      assert.equal(third.status, 'created');
      assert.notEqual(third.runId, second.runId);
    },
  },
  {
    name: 'ends a run once',
    async run({ storage }) {
      const { runId } = await storage.runs.submit(submission);
      await storage.runs.finish(runId, { status: 'failed', message: 'x' });
      await assert.rejects(storage.runs.finish(runId, { status: 'failed', message: 'y' }), { code: 'CONFLICT' });
      await assert.rejects(storage.runs.finish('999999', { status: 'failed', message: 'y' }), { code: 'NOT_FOUND' });
      assert.equal(await storage.runs.get('not-a-number'), undefined);
    },
  },
  {
    name: 'keeps all or nothing of a transaction',
    async run({ storage }) {
      const article = { id: 'a', title: '', body: '' };
      const failing = storage.transaction(async (inside) => {
        await inside.articles.save([article]);
        assert.equal(await inside.articles.count(), 1);
        throw new Error('stop');
      });
      await assert.rejects(failing, /stop/);
      assert.equal(await storage.articles.count(), 0);
      const count = await storage.transaction(async (inside) => {
        await inside.articles.save([article]);
        return inside.articles.count();
      });
      assert.equal(count, 1);
      assert.equal(await storage.articles.count(), 1);
    },
  },
  {
    name: 'goes on after a failed transaction inside a transaction',
    async run({ storage }) {
      await storage.transaction(async (outer) => {
        await outer.articles.save([{ id: 'a', title: '', body: '' }]);
        const inner = outer.transaction(async (inside) => {
          await inside.articles.save([{ id: 'b', title: '', body: '' }]);
          throw new Error('inner');
        });
        await assert.rejects(inner, /inner/);
        await outer.articles.save([{ id: 'c', title: '', body: '' }]);
      });
      const found = await storage.articles.find(['a', 'b', 'c']);
      assert.deepEqual(
        found.map(({ id }) => id),
        ['a', 'c'],
      );
    },
  },
];

/** Leases whose clock the case moves. */
export interface LeasesSubject {
  readonly leases: Leases;
  readonly clock: { now: number };
}

/** Promises about leases. */
export const leaseCases: readonly ConformanceCase<LeasesSubject>[] = [
  {
    name: 'gives a name to one holder at a time',
    async run({ leases }) {
      const both = await Promise.all([leases.acquire('job', 'a', 1000), leases.acquire('job', 'b', 1000)]);
      assert.equal(both.filter(Boolean).length, 1);
      assert.equal((await leases.acquire('other', 'b', 1000))?.token, 1);
    },
  },
  {
    name: 'lets the next holder in when the time is over, with a higher token, and tells the late one',
    async run({ leases, clock }) {
      const first = await leases.acquire('job', 'a', 1000);
      clock.now += 999;
      assert.equal(await leases.acquire('job', 'b', 1000), undefined);
      clock.now += 1;
      const second = await leases.acquire('job', 'b', 1000);
      assert.ok(second!.token > first!.token);
      await assert.rejects(leases.renew(first!, 1000), { code: 'LEASE_LOST' });
      await leases.release(first!);
      assert.equal(await leases.acquire('job', 'c', 1000), undefined);
    },
  },
  {
    name: 'renews and releases',
    async run({ leases, clock }) {
      const lease = await leases.acquire('job', 'a', 1000);
      clock.now += 900;
      const renewed = await leases.renew(lease!, 1000);
      assert.equal(renewed.expiresAt.getTime(), clock.now + 1000);
      assert.equal(renewed.token, lease!.token);
      clock.now += 900;
      assert.equal(await leases.acquire('job', 'b', 1000), undefined);
      await leases.release(renewed);
      const next = await leases.acquire('job', 'b', 1000);
      assert.equal(next?.holder, 'b');
      assert.equal(next?.token, lease!.token + 1);
      await leases.release(next!);
      await assert.rejects(leases.renew(next!, 1000), { code: 'LEASE_LOST' });
    },
  },
];
