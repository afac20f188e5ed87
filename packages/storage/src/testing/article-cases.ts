import assert from 'node:assert/strict';
import { cursorOf } from '../sql/cursor.js';
import type { Storage } from '../storage.js';
import type { ConformanceCase } from './conformance.js';

/** A storage whose clock the case moves. */
export interface StorageSubject {
  readonly storage: Storage;
  /** Milliseconds since 1970; every reading of the storage's clock gives this. */
  readonly clock: { now: number };
}

const day = 86_400_000;

async function collect<T>(pages: AsyncIterable<readonly T[]>): Promise<T[][]> {
  const all: T[][] = [];
  for await (const page of pages) all.push([...page]);
  return all;
}

/** Promises about articles and tags. */
export const articleCases: readonly ConformanceCase<StorageSubject>[] = [
  {
    name: 'stores an article once and leaves the stored one as it is',
    async run({ storage }) {
      assert.equal(await storage.articles.save([{ id: 'a', title: 'First', body: '雨が降った。' }]), 1);
      const second = { id: 'a', title: 'Second', body: 'changed' };
      assert.equal(await storage.articles.save([second, { id: 'b', title: '', body: '' }]), 1);
      assert.equal(await storage.articles.count(), 2);
      const [article] = await storage.articles.find(['a']);
      assert.equal(article?.title, 'First');
      assert.equal(article?.body, '雨が降った。');
    },
  },
  {
    name: 'keeps the first of two articles of one id in one call',
    async run({ storage }) {
      const twice = ['x', 'y'].map((title) => ({ id: 'a', title, body: 'b' }));
      assert.equal(await storage.articles.save(twice), 1);
      assert.equal((await storage.articles.find(['a']))[0]?.title, 'x');
    },
  },
  {
    name: 'gives back every field of an article, dates to the millisecond',
    async run({ storage, clock }) {
      const publishedAt = new Date('2026-03-01T10:20:30.456Z');
      clock.now = Date.UTC(2026, 2, 2, 1, 2, 3, 789);
      const article = { id: 'é', title: '題 "q" \\ {a,b} \'', body: '<p>x</p>', url: 'https://a.example/1' };
      await storage.articles.save([{ ...article, feedId: 'f', language: 'ja', publishedAt }]);
      const createdAt = new Date(clock.now);
      assert.deepEqual(await storage.articles.find(['é', 'missing']), [
        { ...article, feedId: 'f', language: 'ja', publishedAt, createdAt },
      ]);
    },
  },
  {
    name: 'refuses text with a NUL character or half a surrogate pair, naming the article, and stores nothing of the call',
    async run({ storage }) {
      for (const body of ['a\u0000b', 'a\ud83d', '\ude00b']) {
        const call = storage.articles.save([
          { id: 'good', title: '', body: '' },
          { id: 'bad', title: '', body },
        ]);
        await assert.rejects(call, /body of article bad/);
      }
      assert.equal(await storage.articles.count(), 0);
    },
  },
  {
    name: 'refuses a date that is none or outside the years 1 to 9999, and feeds and languages that cannot be stored',
    async run({ storage }) {
      const article = { id: 'bad', title: '', body: '' };
      const good = { from: new Date(0), to: new Date(day) };
      for (const time of [Number.NaN, 8.64e15, -8.64e15]) {
        const date = new Date(time);
        await assert.rejects(
          storage.articles.save([{ ...article, publishedAt: date }]),
          /^RangeError: The publishedAt of article bad must be a date in the years 1 to 9999\. Got /,
        );
        await assert.rejects(collect(storage.articles.fetchWindow({ ...good, from: date })), /start of the window/);
        await assert.rejects(collect(storage.articles.fetchWindow({ ...good, to: date })), /end of the window/);
      }
      await assert.rejects(storage.articles.save([{ ...article, feedId: 'a\u0000' }]), /feedId of article bad/);
      await assert.rejects(storage.articles.save([{ ...article, language: '\ud83d' }]), /language of article bad/);
      assert.equal(await storage.articles.count(), 0);
    },
  },
  {
    name: 'finds nothing under an id that cannot be stored',
    async run({ storage }) {
      await storage.articles.save([{ id: '\ufffd', title: '', body: '' }]);
      await storage.tags.save([{ articleId: '\ufffd', tags: [{ name: 'x', confidence: 1 }] }]);
      for (const id of ['a\u0000', '\ud83d']) {
        assert.deepEqual(await storage.articles.find([id]), []);
        assert.equal((await storage.tags.find([id])).size, 0);
      }
      assert.equal((await storage.articles.find(['\u0000', '\ufffd'])).length, 1);
    },
  },
  {
    name: 'pages through a window oldest first, each article once, ends included, undated articles left out',
    async run({ storage }) {
      const times = [3, 1, 1, 1, 2, 0, 4];
      const articles = times.map((time, i) => {
        return { id: `a${i}`, title: '', body: '', publishedAt: new Date(time * day) };
      });
      await storage.articles.save([...articles, { id: 'undated', title: '', body: '' }]);
      const window = { from: new Date(day), to: new Date(3 * day) };
      const pages = await collect(storage.articles.fetchWindow(window, { pageSize: 2 }));
      assert.deepEqual(
        pages.map((page) => page.map(({ id }) => id)),
        [['a1', 'a2'], ['a3', 'a4'], ['a0']],
      );
    },
  },
  {
    name: 'walks untagged articles newest first by cursor while tagging takes rows out of the list',
    async run({ storage, clock }) {
      for (let i = 0; i < 6; i++) {
        clock.now = 1_000_000 + Math.floor(i / 2);
        await storage.articles.save([{ id: `a${i}`, title: '', body: '' }]);
      }
      const first = await storage.tags.findUntagged({ limit: 3 });
      assert.deepEqual(
        first.map(({ id }) => id),
        ['a5', 'a4', 'a3'],
      );
      await storage.tags.save(first.map(({ id }) => ({ articleId: id, tags: [{ name: `t-${id}`, confidence: 0.5 }] })));
      const second = await storage.tags.findUntagged({ limit: 9, after: cursorOf(first.at(-1)!) });
      assert.deepEqual(
        second.map(({ id }) => id),
        ['a2', 'a1', 'a0'],
      );
    },
  },
  {
    name: 'keeps confidences of articles of one feed apart and drops tags that an article lost',
    async run({ storage }) {
      await storage.articles.save(['a', 'b'].map((id) => ({ id, title: '', body: '', feedId: 'feed' })));
      const tag = (name: string, confidence: number) => ({ name, confidence });
      await storage.tags.save([
        { articleId: 'a', tags: [tag('rain', 0.9), tag('flood', 0.125)] },
        { articleId: 'b', tags: [tag('rain', 0.25), tag('rain', 0.75), tag('雨', 1)] },
      ]);
      await storage.tags.save([{ articleId: 'a', tags: [tag('storm', 0.1), tag('rain', 0.3)] }]);
      const found = await storage.tags.find(['b', 'a', 'missing']);
      assert.deepEqual(found.get('a'), [tag('storm', 0.1), tag('rain', 0.3)]);
      assert.deepEqual(found.get('b'), [tag('rain', 0.25), tag('雨', 1)]);
      assert.equal(found.has('missing'), false);
    },
  },
  {
    name: 'refuses tags of an unknown article and a confidence outside [0, 1], and writes nothing',
    async run({ storage }) {
      await storage.articles.save([{ id: 'a', title: '', body: '' }]);
      const good = { articleId: 'a', tags: [{ name: 'x', confidence: 1 }] };
      const unknown = storage.tags.save([good, { articleId: 'nobody', tags: [{ name: 'x', confidence: 1 }] }]);
      await assert.rejects(unknown, { code: 'NOT_FOUND', message: /"nobody"/ });
      const tooSure = storage.tags.save([{ articleId: 'a', tags: [{ name: 'x', confidence: 1.5 }] }]);
      await assert.rejects(tooSure, /must be a number in \[0, 1\]. Got 1.5/);
      assert.equal((await storage.tags.find(['a'])).size, 0);
    },
  },
  {
    name: 'replaces a label graph as a whole, window by window',
    async run({ storage }) {
      const edge = { genre: 'science', tag: 'moon', weight: 0.1, sampleSize: 3, lastObservedAt: new Date(5) };
      await storage.labelGraph.replace('7d', [edge, { ...edge, tag: 'air', lastObservedAt: null }]);
      await storage.labelGraph.replace('30d', [edge]);
      await storage.labelGraph.replace('7d', [{ ...edge, genre: 'art' }, edge]);
      const weight = Math.fround(0.1);
      assert.deepEqual(await storage.labelGraph.load('7d'), [
        { ...edge, genre: 'art', weight },
        { ...edge, weight },
      ]);
      assert.equal((await storage.labelGraph.load('30d')).length, 1);
      await assert.rejects(storage.labelGraph.replace('7d', [{ ...edge, weight: 1.1 }]), RangeError);
      assert.equal((await storage.labelGraph.load('7d')).length, 2);
    },
  },
];
