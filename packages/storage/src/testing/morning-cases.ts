import assert from 'node:assert/strict';
import type { StorageSubject } from './article-cases.js';
import type { ConformanceCase } from './conformance.js';

const day = 86_400_000;
const group = (n: number) => `0f7d4b4e-0000-4000-8000-00000000000${n}`;

/** Promises about the morning update, settings, figures and how long things are kept. */
export const morningCases: readonly ConformanceCase<StorageSubject>[] = [
  {
    name: 'keeps the groups of the night, each article of a group once',
    async run({ storage: { morning }, clock }) {
      const [a, b] = [
        { groupId: group(1), articleId: 'b', isPrimary: true },
        { groupId: group(1), articleId: 'a', isPrimary: false },
      ];
      assert.equal(await morning.saveGroups([a, b, b]), 2);
      clock.now += 1000;
      assert.equal(await morning.saveGroups([a, { groupId: group(2), articleId: 'b', isPrimary: true }]), 1);
      const all = await morning.groupsSince(new Date(0), 10);
      assert.deepEqual(
        all.map(({ groupId, articleId, createdAt }) => [groupId, articleId, createdAt.getTime()]),
        [
          [group(1), 'b', 0],
          [group(1), 'a', 0],
          [group(2), 'b', 1000],
        ],
      );
      assert.deepEqual(
        (await morning.groupsSince(new Date(1), 10)).map(({ groupId }) => groupId),
        [group(2)],
      );
      assert.equal((await morning.groupsSince(new Date(0), 1)).length, 1);
    },
  },
  {
    name: 'writes the letter of a day anew under the same id, with the next revision and its own sources',
    async run({ storage: { morning }, clock }) {
      const letter = { targetDate: '2025-01-31', jobId: null, isDegraded: true, result: { lead: 'x' }, model: null };
      const source = { sectionKey: 'top', articleId: 'a', position: 2 };
      const first = await morning.saveLetter({
        ...letter,
        sources: [source, { ...source, articleId: 'b', position: 1 }],
      });
      assert.equal(first.revision, 1);
      assert.deepEqual(
        (await morning.sources(first.id)).map(({ articleId, sourceType }) => [articleId, sourceType]),
        [
          ['b', 'overnight'],
          ['a', 'overnight'],
        ],
      );
      clock.now += 1000;
      const again = { ...letter, isDegraded: false, result: { lead: 'y' }, model: 'm', sources: [source] };
      assert.deepEqual(await morning.saveLetter(again), { id: first.id, revision: 2 });
      assert.equal((await morning.sources(first.id)).length, 1);
      const { sources: _, ...stored } = again;
      const expected = { ...stored, id: first.id, revision: 2, timezone: 'Asia/Tokyo', metadata: {} };
      assert.deepEqual(await morning.letter(), { ...expected, createdAt: new Date(1000) });
      await morning.saveLetter({ ...letter, targetDate: '2025-01-30', sources: [] });
      assert.equal((await morning.letter())?.targetDate, '2025-01-31');
      assert.equal((await morning.letter({ targetDate: '2025-01-30' }))?.revision, 1);
      assert.equal(await morning.letter({ targetDate: '2025-01-30', timezone: 'UTC' }), undefined);
      assert.deepEqual(await morning.sources(group(9)), []);
      for (const targetDate of ['2025-02-30', 'today', '2025-1-1']) {
        await assert.rejects(morning.saveLetter({ ...letter, targetDate, sources: [] }), RangeError);
      }
    },
  },
  {
    name: 'has the newest settings of a type in force and keeps the older ones',
    async run({ storage: { workerConfig }, clock }) {
      assert.equal(await workerConfig.latest('graph_override'), undefined);
      await workerConfig.append({ type: 'graph_override', payload: { margin: 0.1 } });
      await workerConfig.append({
        type: 'graph_override',
        payload: { margin: 0.2 },
        source: 'hand',
        metadata: { by: 'me' },
      });
      await workerConfig.append({ type: 'genre_distribution', payload: {} });
      const expected = { type: 'graph_override', payload: { margin: 0.2 }, source: 'hand', metadata: { by: 'me' } };
      assert.deepEqual(await workerConfig.latest('graph_override'), { ...expected, createdAt: new Date(clock.now) });
      assert.equal((await workerConfig.latest('genre_distribution'))?.source, 'genre_learning');
    },
  },
  {
    name: 'lists figures from the newest, by type, job and time',
    async run({ storage: { systemMetrics }, clock }) {
      const jobId = group(1);
      for (const [i, type] of ['classification', 'clustering', 'classification'].entries()) {
        await systemMetrics.record({ type, metrics: { i }, ...(i === 2 ? { jobId } : {}) });
        clock.now += 1000;
      }
      const numbers = async (filter: Parameters<typeof systemMetrics.list>[0]) =>
        (await systemMetrics.list(filter)).map(({ metrics }) => (metrics as { i: number }).i);
      assert.deepEqual(await numbers({ limit: 2 }), [2, 1]);
      assert.deepEqual(await numbers({ type: 'classification', limit: 9 }), [2, 0]);
      assert.deepEqual(await numbers({ jobId, limit: 9 }), [2]);
      assert.deepEqual(await numbers({ since: new Date(1000), limit: 9 }), [2, 1]);
      const [newest] = await systemMetrics.list({ limit: 1 });
      assert.deepEqual(newest, { type: 'classification', metrics: { i: 2 }, at: new Date(2000), jobId });
    },
  },
  {
    name: 'deletes what is older than it is to be kept, and nothing that waits to be forwarded',
    async run({ storage, clock }) {
      const { retention, outbox, morning, systemMetrics, jobs } = storage;
      await assert.rejects(retention.set('articles' as 'recap_jobs', 3), /must be one of recap_jobs/);
      await assert.rejects(retention.set('recap_jobs', 0.5), /positive whole number/);
      for (const dedupeKey of ['sent', 'waiting'])
        await outbox.add({ dedupeKey, kind: 'k', payload: 1, occurredAt: new Date(0) });
      await outbox.forwarded((await outbox.claim({ relay: 'r', limit: 1 }))[0]!);
      for (const n of [1, 2]) {
        await jobs.create({ jobId: group(n), windowDays: 1 });
        await morning.saveGroups([{ groupId: group(n), articleId: 'a', isPrimary: true }]);
        await systemMetrics.record({ type: 't', metrics: n });
        await morning.saveLetter({
          ...{ targetDate: `2025-01-0${n}`, jobId: null, isDegraded: false, result: {}, model: null },
          sources: [{ sectionKey: 's', articleId: 'a', position: 0 }],
        });
        clock.now += 5 * day;
      }
      const tables = ['recap_jobs', 'recap_system_metrics', 'morning_article_groups', 'morning_letters'] as const;
      for (const table of tables) await retention.set(table, 30);
      for (const table of tables) await retention.set(table, 7);
      await retention.set('notification_outbox', 7);
      const kept = Object.fromEntries([...tables, 'notification_outbox'].map((table) => [table, 7]));
      assert.deepEqual(await retention.list(), kept);
      const gone = Object.fromEntries([...tables, 'notification_outbox'].map((table) => [table, 1]));
      assert.deepEqual(await retention.apply(), gone);
      assert.equal((await jobs.list({ limit: 9 })).length, 1);
      assert.deepEqual(await outbox.counts(), { pending: 1, forwarding: 0, forwarded: 0, dead: 0 });
      assert.equal((await morning.letter({ targetDate: '2025-01-01' }))?.id, undefined);
      assert.deepEqual(Object.values(await retention.apply()), [0, 0, 0, 0, 0]);
    },
  },
];
