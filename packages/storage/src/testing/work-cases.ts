import assert from 'node:assert/strict';
import type { StorageSubject } from './article-cases.js';
import type { ConformanceCase } from './conformance.js';

const jobId = '0f7d4b4e-0000-4000-8000-000000000004';
const second = 1000;

/** Promises about the queue of work and about messages that leave. */
export const workCases: readonly ConformanceCase<StorageSubject>[] = [
  {
    name: 'names what of a job, a stage, a setting or a message cannot be stored, and finds nothing under such a name',
    async run({ storage, clock }) {
      const nul = 'a\u0000';
      for (const windowDays of [0, 1.5, 2 ** 31]) {
        await assert.rejects(storage.jobs.create({ jobId, windowDays }), /windowDays option of JobRepository\.create/);
      }
      await storage.jobs.create({ jobId, windowDays: 1 });
      await assert.rejects(storage.stages.save(jobId, nul, { state: 1 }), /name of a stage holds a NUL/);
      assert.equal(await storage.stages.load(jobId, nul), undefined);
      await assert.rejects(storage.workerConfig.append({ type: nul, payload: 1 }), /type of a setting holds a NUL/);
      assert.equal(await storage.workerConfig.latest(nul), undefined);
      const message = { dedupeKey: 'k', kind: 'k', payload: 1, occurredAt: new Date(clock.now) };
      await assert.rejects(storage.outbox.add({ ...message, dedupeKey: nul }), /dedupeKey of a message holds a NUL/);
      await assert.rejects(storage.outbox.add({ ...message, kind: nul }), /kind of a message holds a NUL/);
      await assert.rejects(
        storage.outbox.add({ ...message, occurredAt: new Date(Number.NaN) }),
        /occurredAt of a message must be a date in the years 1 to 9999\. Got an invalid date\./,
      );
    },
  },
  {
    name: 'hands out each chunk of work once, oldest first, and gathers the results in order',
    async run({ storage, clock }) {
      const { workQueue } = storage;
      await storage.jobs.create({ jobId, windowDays: 1 });
      assert.deepEqual(await workQueue.state(jobId), { status: 'completed', results: [] });
      await workQueue.enqueue(jobId, [['a', 'b'], ['c']]);
      const [first, next, none] = [await workQueue.pick(), await workQueue.pick(), await workQueue.pick()];
      assert.deepEqual([first?.chunk, first?.texts, first?.retries], [0, ['a', 'b'], 0]);
      assert.deepEqual([next?.chunk, next?.texts], [1, ['c']]);
      assert.equal(none, undefined);
      await workQueue.complete(next!, [{ top: 'x' }]);
      assert.deepEqual(await workQueue.state(jobId), { status: 'open', open: 1, done: 1 });
      clock.now += second;
      await workQueue.complete(first!, ['y']);
      assert.deepEqual(await workQueue.state(jobId), { status: 'completed', results: [['y'], [{ top: 'x' }]] });
    },
  },
  {
    name: 'gives the chunk of a silent worker to another, and tells the first when it comes back',
    async run({ storage, clock }) {
      const { workQueue } = storage;
      await storage.jobs.create({ jobId, windowDays: 1 });
      await workQueue.enqueue(jobId, [['a']]);
      const late = await workQueue.pick({ leaseMs: 60 * second });
      clock.now += 59 * second;
      assert.equal(await workQueue.pick({ leaseMs: 60 * second }), undefined);
      clock.now += second;
      const present = await workQueue.pick({ leaseMs: 60 * second });
      assert.ok(present!.token > late!.token);
      await assert.rejects(workQueue.complete(late!, 'old'), { code: 'LEASE_LOST' });
      await assert.rejects(workQueue.fail(late!, 'old'), { code: 'LEASE_LOST' });
      await workQueue.complete(present!, 'new');
      await assert.rejects(workQueue.complete(present!, 'twice'), { code: 'LEASE_LOST' });
      assert.deepEqual(await workQueue.state(jobId), { status: 'completed', results: ['new'] });
    },
  },
  {
    name: 'tries a failed chunk again, later each time, and gives up after the last retry',
    async run({ storage, clock }) {
      const { workQueue } = storage;
      await storage.jobs.create({ jobId, windowDays: 1 });
      await workQueue.enqueue(jobId, [['a'], ['b']], { maxRetries: 2 });
      await workQueue.complete((await workQueue.pick())!, 'done');
      const rounds = [
        { retries: 0, outcome: 'retrying', waitMs: 10 },
        { retries: 1, outcome: 'retrying', waitMs: 20 },
        { retries: 2, outcome: 'failed', waitMs: 900_000 },
      ];
      for (const { retries, outcome, waitMs } of rounds) {
        const chunk = await workQueue.pick();
        assert.equal(chunk?.retries, retries);
        assert.equal(await workQueue.fail(chunk!, `no ${retries}`, { retryDelayMs: 10 }), outcome);
        clock.now += waitMs - 1;
        assert.equal(await workQueue.pick(), undefined);
        clock.now += 1;
      }
      assert.deepEqual(await workQueue.state(jobId), { status: 'failed', chunks: [{ chunk: 1, error: 'no 2' }] });
      assert.equal(await workQueue.pick(), undefined);
    },
  },
  {
    name: 'keeps results of the same texts and starts changed texts anew',
    async run({ storage, clock }) {
      const { workQueue } = storage;
      await storage.jobs.create({ jobId, windowDays: 1 });
      await workQueue.enqueue(jobId, [['a'], ['b'], ['c']]);
      await workQueue.complete((await workQueue.pick())!, 'of a');
      await workQueue.complete((await workQueue.pick())!, 'of b');
      const held = await workQueue.pick();
      await workQueue.enqueue(jobId, [['a'], ['B'], ['C']]);
      assert.deepEqual(await workQueue.state(jobId), { status: 'open', open: 2, done: 1 });
      await assert.rejects(workQueue.complete(held!, 'of c'), { code: 'LEASE_LOST' });
      for (const text of ['B', 'C']) {
        const chunk = await workQueue.pick();
        assert.deepEqual(chunk?.texts, [text]);
        await workQueue.complete(chunk!, `of ${text}`);
      }
      assert.deepEqual(await workQueue.state(jobId), { status: 'completed', results: ['of a', 'of B', 'of C'] });
      await workQueue.enqueue(jobId, [['a']]);
      assert.deepEqual(await workQueue.state(jobId), { status: 'completed', results: ['of a'] });
      await assert.rejects(workQueue.enqueue(jobId.replace('4', '5'), [['a']]), { code: 'NOT_FOUND' });
      await storage.jobs.deleteBefore(new Date(clock.now + 1));
      assert.deepEqual(await workQueue.state(jobId), { status: 'completed', results: [] });
    },
  },
  {
    name: 'forwards a message once it is written, under one key once',
    async run({ storage, clock }) {
      const { outbox } = storage;
      const message = { dedupeKey: 'recap:1', kind: 'recap', payload: { n: 1 }, occurredAt: new Date(5) };
      assert.deepEqual(await outbox.add(message), { added: true });
      assert.deepEqual(await outbox.add({ ...message, payload: { n: 2 } }), { added: false });
      const failing = storage.transaction(async (inside) => {
        await inside.outbox.add({ ...message, dedupeKey: 'recap:2' });
        throw new Error('the work failed');
      });
      await assert.rejects(failing, /the work failed/);
      const [claimed, ...others] = await outbox.claim({ relay: 'r', leaseMs: 60 * second });
      assert.deepEqual(others, []);
      assert.deepEqual(claimed, { ...message, userId: null, attempt: 1 });
      assert.deepEqual(await outbox.claim({ relay: 's' }), []);
      clock.now += 60 * second;
      const [again] = await outbox.claim({ relay: 's' });
      assert.equal(again?.attempt, 2);
      await assert.rejects(outbox.forwarded(claimed!), { code: 'LEASE_LOST' });
      await outbox.forwarded(again!);
      await assert.rejects(outbox.forwarded(again!), { code: 'LEASE_LOST' });
      assert.deepEqual(await outbox.counts(), { pending: 0, forwarding: 0, forwarded: 1, dead: 0 });
    },
  },
  {
    name: 'puts a message off that could not be forwarded, and buries it after the last attempt',
    async run({ storage, clock }) {
      const { outbox } = storage;
      for (const dedupeKey of ['a', 'b', 'c'])
        await outbox.add({ dedupeKey, kind: 'k', payload: null, occurredAt: new Date(0) });
      const claimed = await outbox.claim({ relay: 'r', limit: 2 });
      assert.deepEqual(
        claimed.map(({ dedupeKey }) => dedupeKey),
        ['a', 'b'],
      );
      const failure = { error: '503', nextAttemptAt: new Date(clock.now + second), maxAttempts: 2 };
      assert.equal(await outbox.failed(claimed[0]!, failure), 'pending');
      assert.deepEqual(
        (await outbox.claim({ relay: 'r' })).map(({ dedupeKey }) => dedupeKey),
        ['c'],
      );
      clock.now += second;
      const [last] = await outbox.claim({ relay: 'r' });
      assert.deepEqual([last?.dedupeKey, last?.attempt], ['a', 2]);
      assert.equal(await outbox.failed(last!, failure), 'dead');
      assert.deepEqual(await outbox.counts(), { pending: 0, forwarding: 2, forwarded: 0, dead: 1 });
    },
  },
];
