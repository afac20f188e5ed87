import { afterAll, describe, expect, it } from 'vitest';
import type { Article } from './article.js';
import { createPreparationPool, type PreparationPool, type PreparationPoolOptions } from './preparation-pool.js';
import { prepareArticles } from './prepare-articles.js';

const article = (i: number, html = `The harbour opened its pier number ${i} on Monday.`): Article => ({
  id: String(i),
  title: `Pier ${i}`,
  html,
});

/** A module whose tokenizer does what the article says. */
const module = `data:text/javascript,${encodeURIComponent(`
  export default () => ({
    detectLanguage: () => ({ language: 'en', code: 'en', confidence: 1 }),
    tokenize: (text) => {
      if (text.includes('exit')) process.exit(3);
      if (text.includes('throw')) throw new Error('tokenizer failed');
      if (text.includes('hang')) for (;;);
      if (text.includes('hoard')) for (const kept = []; ; ) kept.push(new Array(1e5).fill(text));
      if (text.includes('slow')) { const end = Date.now() + 40; while (Date.now() < end); }
      return text.split(' ');
    },
  });
`)}`;

const pools: PreparationPool[] = [];
function open(options: PreparationPoolOptions): PreparationPool {
  const pool = createPreparationPool(options);
  pools.push(pool);
  return pool;
}
afterAll(async () => {
  for (const pool of pools) await pool.close();
});

async function idsOf(preparations: AsyncIterable<{ status: string; id?: string; article?: { id: string } }>) {
  const ids: string[] = [];
  for await (const { id, article: prepared } of preparations) ids.push(prepared?.id ?? `${id} dropped`);
  return ids;
}

describe('createPreparationPool', () => {
  it('prepares as the same thread does, with the detector and the extractor of the package', async () => {
    const pool = open({ workers: 2 });
    const page = `<html><body><nav>Home</nav><article>${'<p>The ferry left the old harbour at noon with 200 people on board.</p>'.repeat(4)}</article></body></html>`;
    const articles = [
      article(1),
      article(2, '市議会は月曜日、新しい桟橋の建設を承認した。'),
      article(3, page),
      article(4, ' '),
    ];
    const { createLanguageDetector } = await import('@matome/primitives/text');
    expect(await pool.batch(articles)).toEqual(
      prepareArticles(articles, { detectLanguage: await createLanguageDetector() }),
    );
  });

  it('keeps the order of a stream and reads no further ahead than it may', async () => {
    const pool = open({ workers: 2, module });
    let read = 0;
    async function* source() {
      for (; read < 60; ) yield article(read++, read % 7 === 0 ? 'A slow article on the harbour.' : undefined);
    }
    let furthest = 0;
    const ids: string[] = [];
    for await (const preparation of pool.stream(source())) {
      furthest = Math.max(furthest, read - ids.length);
      ids.push(preparation.status === 'prepared' ? preparation.article.id : '');
    }
    expect(ids).toEqual(Array.from({ length: 60 }, (_, i) => String(i)));
    expect(furthest).toBeLessThanOrEqual(17);
  });

  it('gives an article as soon as it is ready, however slow the source', async () => {
    const pool = open({ workers: 1, module });
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    async function* source() {
      yield article(1);
      await gate;
      yield article(2);
    }
    const stream = pool.stream(source());
    expect((await stream.next()).value).toMatchObject({ article: { id: '1' } });
    release();
    expect((await stream.next()).value).toMatchObject({ article: { id: '2' } });
    expect((await stream.next()).done).toBe(true);
  });

  it('drops and counts poison, and loses nothing else to a worker that dies of it', async () => {
    const pool = open({ workers: 2, module });
    const poison: Readonly<Record<number, string>> = {
      3: 'An exit from the harbour is planned.',
      8: 'They throw stones at the harbour.',
      12: '',
      15: 'Not for sending.',
    };
    const articles = Array.from({ length: 20 }, (_, i) => article(i, poison[i]));
    Object.assign(articles[15]!, { render: () => 'functions cannot be copied' });
    const { prepared, dropped, metrics } = await pool.batch(articles);
    expect(prepared.map(({ id }) => Number(id))).toEqual([...articles.keys()].filter((i) => poison[i] === undefined));
    expect(dropped.map(({ id, reason, error }) => [id, reason, error?.message])).toEqual([
      ['3', 'failed', 'The worker died of this article.'],
      ['8', 'failed', 'tokenizer failed'],
      ['12', 'empty', undefined],
      ['15', 'failed', 'The article cannot be sent to a worker.'],
    ]);
    expect(metrics).toMatchObject({ fetched: 20, prepared: 16, dropped: 4 });
  });

  it('drops an article that hangs', async () => {
    const pool = open({ workers: 1, module, timeoutMs: 300 });
    const ids = await idsOf(pool.stream([article(1), article(2, 'They hang lanterns at the harbour.'), article(3)]));
    expect(ids).toEqual(['1', '2 dropped', '3']);
  });

  it('drops an article that outgrows the memory of its worker', async () => {
    const pool = open({ workers: 1, module, maxHeapMb: 24 });
    const { prepared, dropped } = await pool.batch([article(1), article(2, 'They hoard lanterns here.'), article(3)]);
    expect(prepared.map(({ id }) => id)).toEqual(['1', '3']);
    expect(dropped[0]).toMatchObject({ id: '2', error: { cause: { code: 'ERR_WORKER_OUT_OF_MEMORY' } } });
  });

  it('ends a stream and a batch with the reason of the signal, and serves later calls', async () => {
    const pool = open({ workers: 1, module });
    const controller = new AbortController();
    const articles = Array.from({ length: 30 }, (_, i) => article(i, 'A slow article on the harbour.'));
    const stream = pool.stream(articles, { signal: controller.signal });
    await stream.next();
    const batch = pool.batch(articles, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(stream.next()).rejects.toThrow('enough');
    await expect(batch).rejects.toThrow('enough');
    await expect(pool.prepare(article(1), { signal: controller.signal })).rejects.toThrow('enough');
    expect(await pool.prepare(article(1))).toMatchObject({ status: 'prepared' });
  });

  it('says why its workers cannot start', async () => {
    const pool = open({ workers: 1, module: 'data:text/javascript,throw new Error("no dictionary")' });
    const failed = await pool.prepare(article(1)).catch((error: Error) => error);
    expect(failed).toMatchObject({
      message: 'A preparation worker could not be started.',
      cause: { message: 'no dictionary' },
    });
  });

  it('refuses articles once closed, and options out of range', async () => {
    const pool = createPreparationPool({ workers: 1, module });
    const late = pool.prepare(article(1, 'A slow article on the harbour.'));
    late.catch(() => undefined);
    await pool.close();
    await expect(late).rejects.toThrow('was closed');
    await expect(pool.prepare(article(1))).rejects.toThrow('The preparation pool is closed.');
    expect(() => createPreparationPool({ workers: 0 })).toThrow('The workers option of createPreparationPool');
  });
});
