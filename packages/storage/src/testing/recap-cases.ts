import assert from 'node:assert/strict';
import type { StorageSubject } from './article-cases.js';
import type { ConformanceCase } from './conformance.js';

const jobId = '0f7d4b4e-0000-4000-8000-000000000001';
const otherId = '0f7d4b4e-0000-4000-8000-000000000002';

async function withJob({ storage, clock }: StorageSubject) {
  clock.now = 1000;
  await storage.jobs.create({ jobId, windowDays: 7 });
  return storage;
}

/** Promises about jobs, their stages and their results. */
export const recapCases: readonly ConformanceCase<StorageSubject>[] = [
  {
    name: 'creates a job once and tells so',
    async run({ storage, clock }) {
      clock.now = 1000;
      assert.deepEqual(await storage.jobs.create({ jobId, windowDays: 7, note: 'n' }), { created: true });
      clock.now = 2000;
      assert.deepEqual(await storage.jobs.create({ jobId, windowDays: 3 }), { created: false });
      assert.deepEqual(await storage.jobs.get(jobId), {
        jobId,
        status: 'pending',
        lastStage: null,
        windowDays: 7,
        trigger: 'system',
        userId: null,
        note: 'n',
        kickedAt: new Date(1000),
        updatedAt: new Date(1000),
      });
      assert.equal(await storage.jobs.get(otherId), undefined);
    },
  },
  {
    name: 'lists jobs newest first, by status',
    async run({ storage, clock }) {
      for (const [i, id] of [jobId, otherId].entries()) {
        clock.now = 1000 + i;
        await storage.jobs.create({ jobId: id, windowDays: 1, trigger: 'user' });
      }
      await storage.jobs.setStatus(jobId, 'completed', { reason: 'done', actor: 'test' });
      const ids = async (filter: { status?: 'completed'; limit: number }) =>
        (await storage.jobs.list(filter)).map((job) => job.jobId);
      assert.deepEqual(await ids({ limit: 5 }), [otherId, jobId]);
      assert.deepEqual(await ids({ limit: 1 }), [otherId]);
      assert.deepEqual(await ids({ limit: 5, status: 'completed' }), [jobId]);
    },
  },
  {
    name: 'keeps the history of a job and refuses to move an unknown one',
    async run(subject) {
      const storage = await withJob(subject);
      subject.clock.now = 1500;
      await storage.jobs.setStatus(jobId, 'running', { stage: 'fetch' });
      subject.clock.now = 2500;
      await storage.jobs.setStatus(jobId, 'failed', { reason: 'disk full', actor: 'worker' });
      const rest = { stage: null, reason: null, actor: null };
      assert.deepEqual(await storage.jobs.history(jobId), [
        { ...rest, status: 'pending', at: new Date(1000) },
        { ...rest, status: 'running', stage: 'fetch', at: new Date(1500) },
        { ...rest, status: 'failed', at: new Date(2500), reason: 'disk full', actor: 'worker' },
      ]);
      assert.equal((await storage.jobs.get(jobId))?.lastStage, 'fetch');
      await assert.rejects(storage.jobs.setStatus(otherId, 'failed'), { code: 'NOT_FOUND' });
    },
  },
  {
    name: 'saves a stage with its items in order and makes it the last stage of a running job',
    async run(subject) {
      const storage = await withJob(subject);
      const items = Array.from({ length: 2500 }, (_, i) => ({ zebra: i, apple: `雨 "${i}" \\`, weight: 0.1 + i }));
      await storage.stages.save(jobId, 'fetch', { state: { count: 2500 }, items });
      const saved = await storage.stages.load(jobId, 'fetch');
      assert.deepEqual(saved?.state, { count: 2500 });
      assert.equal(JSON.stringify(saved?.items), JSON.stringify(items));
      const job = await storage.jobs.get(jobId);
      assert.deepEqual([job?.status, job?.lastStage], ['running', 'fetch']);
    },
  },
  {
    name: 'replaces the result of a stage, keeps stages in the order of saving, and knows nothing of others',
    async run(subject) {
      const storage = await withJob(subject);
      await storage.stages.save(jobId, 'write', { state: 1, items: [1, 2, 3] });
      await storage.stages.save(jobId, 'read', { state: 'x' });
      await storage.stages.save(jobId, 'write', { state: [2], items: [null, 'a'] });
      assert.deepEqual((await storage.stages.load(jobId, 'write'))?.items, [null, 'a']);
      assert.deepEqual(await storage.stages.list(jobId), [
        { stage: 'read', state: 'x' },
        { stage: 'write', state: [2] },
      ]);
      assert.equal(await storage.stages.load(jobId, 'never'), undefined);
      await assert.rejects(storage.stages.save(otherId, 'read', { state: 0 }), { code: 'NOT_FOUND' });
    },
  },
  {
    name: 'refuses an item that no database can hold and keeps the earlier result',
    async run(subject) {
      const storage = await withJob(subject);
      await storage.stages.save(jobId, 'read', { state: 1, items: ['kept'] });
      const bad = storage.stages.save(jobId, 'read', { state: 2, items: ['x', { deep: ['a\u0000'] }] });
      await assert.rejects(bad, /item 1 of stage read holds a NUL character/);
      const saved = await storage.stages.load(jobId, 'read');
      assert.deepEqual([saved?.state, saved?.items], [1, ['kept']]);
    },
  },
  {
    name: 'records failures and deletes old jobs with all that is theirs',
    async run(subject) {
      const storage = await withJob(subject);
      const failure = { stage: 'evidence', error: 'timed out', payload: { genre: 'ai', tries: 2 } };
      await storage.jobs.recordFailure(jobId, failure);
      assert.deepEqual(await storage.jobs.failures(jobId), [failure]);
      subject.clock.now = 5000;
      await storage.jobs.create({ jobId: otherId, windowDays: 7 });
      await storage.stages.save(jobId, 'read', { state: 1, items: [1] });
      assert.equal(await storage.jobs.deleteBefore(new Date(5000)), 1);
      assert.equal(await storage.jobs.get(jobId), undefined);
      assert.equal(await storage.stages.load(jobId, 'read'), undefined);
      assert.deepEqual(await storage.jobs.failures(jobId), []);
      assert.equal((await storage.jobs.get(otherId))?.jobId, otherId);
    },
  },
  {
    name: 'replaces the duplicates of a job',
    async run(subject) {
      const storage = await withJob(subject);
      const near = { articleId: 'b', primaryId: 'a', similarity: 0.875, reason: 'near' };
      const exact = { articleId: 'a2', primaryId: 'a', similarity: 1, reason: 'exact' };
      await storage.duplicates.replace(jobId, [near, exact]);
      assert.deepEqual(await storage.duplicates.load(jobId), [exact, near]);
      await storage.duplicates.replace(jobId, []);
      assert.deepEqual(await storage.duplicates.load(jobId), []);
    },
  },
  {
    name: 'keeps the feedback of a genre decision when the decision is made again',
    async run(subject) {
      const storage = await withJob(subject);
      const record = {
        articleId: 'a',
        coarseCandidates: [{ genre: 'ai', score: 0.5 }],
        refineDecision: { genre: 'ai', confidence: 0.5, strategy: 'coarse-only' },
        tagProfile: { topTags: ['chips'] },
      };
      await storage.genreLearning.save(jobId, [{ ...record, feedback: { correct: false } }]);
      const decided = { ...record, refineDecision: { genre: 'energy' } };
      await storage.genreLearning.save(jobId, [decided, { ...record, articleId: 'b' }]);
      const rest = { graphContext: [], telemetry: null, timestamps: {} };
      assert.deepEqual(await storage.genreLearning.load(jobId), [
        { ...decided, ...rest, feedback: { correct: false } },
        { ...record, ...rest, articleId: 'b', feedback: null },
      ]);
    },
  },
  {
    name: 'replaces the evidence of a genre and gives back all of it',
    async run(subject) {
      const storage = await withJob(subject);
      const cluster = (clusterId: number) => ({
        clusterId,
        size: 2,
        label: clusterId === 0 ? null : 'Rain over Torven',
        topTerms: ['rain', '洪水'],
        stats: { cohesion: 0.5 },
        sentences: [
          { articleId: 'b', sentenceId: 4, paragraphIndex: null, text: 'It rained.', language: 'en', score: 0.25 },
          { articleId: 'a', sentenceId: 0, paragraphIndex: 1, text: '雨だ。', language: 'ja', score: 0.75 },
        ],
        articles: [
          { articleId: 'b', title: null, url: null, publishedAt: null, language: null, rank: 1 },
          { articleId: 'a', title: 'T', url: 'u', publishedAt: new Date(7), language: 'ja', rank: 0 },
        ],
      });
      const diagnostics = { algorithm: 'average-link', noise: 0.1 };
      await storage.evidence.replace(jobId, { genre: 'z', clusters: [], diagnostics: {} });
      await storage.evidence.replace(jobId, { genre: 'ai', clusters: [cluster(5)], diagnostics: {} });
      await storage.evidence.replace(jobId, { genre: 'ai', clusters: [cluster(1), cluster(0)], diagnostics });
      const sorted = (id: number) => {
        const { sentences, articles, ...rest } = cluster(id);
        return { ...rest, sentences: sentences.toReversed(), articles: articles.toReversed() };
      };
      assert.deepEqual(await storage.evidence.load(jobId), [
        { genre: 'ai', clusters: [sorted(0), sorted(1)], diagnostics },
        { genre: 'z', clusters: [], diagnostics: {} },
      ]);
    },
  },
  {
    name: 'stores sections by genre and replaces them',
    async run(subject) {
      const storage = await withJob(subject);
      const section = {
        genre: 'ai',
        responseId: 'r1',
        title: 'AI',
        summary: 's',
        bullets: [{ text: 'b', articleId: 'a', start: 0, end: 1 }],
        body: { stories: [] },
        tags: ['chips'],
        windowDays: 7,
      };
      await storage.sections.save(jobId, [{ ...section, genre: 'energy' }, section]);
      await storage.sections.save(jobId, [{ ...section, responseId: 'r2', summary: 'new' }]);
      const loaded = await storage.sections.load(jobId);
      assert.deepEqual(loaded, [
        { ...section, responseId: 'r2', summary: 'new' },
        { ...section, genre: 'energy' },
      ]);
      await assert.rejects(storage.sections.save(otherId, [section]));
    },
  },
];
