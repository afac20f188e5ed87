import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { HttpError } from '@matome/host-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Problem, RawArticle, Reading } from './raw-article.js';
import { readInputs } from './read-inputs.js';

const sample = fileURLToPath(new URL('../../sample/', import.meta.url));

const offline = {
  async get(url: string): Promise<never> {
    throw new HttpError(`${url} gave no answer: connection refused`, url, 0);
  },
};

async function readAll(inputs: readonly string[], http: Parameters<typeof readInputs>[1]['http'] = offline) {
  const articles: RawArticle[] = [];
  const problems: Problem[] = [];
  for await (const reading of readInputs(inputs, { http })) sort(reading, articles, problems);
  return { articles, problems };
}

function sort(reading: Reading, articles: RawArticle[], problems: Problem[]): void {
  if (reading.type === 'article') articles.push(reading.article);
  else problems.push(reading.problem);
}

describe('readInputs', () => {
  let folder: string;
  const write = async (name: string, content: string | Uint8Array) => {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'newsroom-read-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('finds every article of the sample corpus, each under its address', async () => {
    const { articles, problems } = await readAll(
      ['pages', 'feeds', 'articles.jsonl'].map((part) => join(sample, part)),
    );
    expect(problems).toEqual([]);
    expect(new Set(articles.map(({ url }) => url)).size).toBe(25 + 30 + 15 + 25 + 15 + 49);
    expect(articles.filter(({ kind, publishedAt }) => kind !== 'page' && publishedAt === null)).toEqual([]);
    expect(articles.map(({ body }) => body).join('')).not.toContain('\ufffd');
  });

  it('tells each problem of the hostile files once, with file and line, and reads the rest', async () => {
    const { articles, problems } = await readAll([join(sample, 'hostile')]);
    expect(problems.map(({ origin, effect }) => [origin.source.slice(sample.length), origin.line, effect])).toEqual([
      ['hostile/invalid-utf8.html', undefined, 'repaired'],
      ['hostile/lines.jsonl', 1, 'skipped'],
      ['hostile/lines.jsonl', 2, 'skipped'],
      ['hostile/not-a-feed.xml', undefined, 'skipped'],
    ]);
    expect(articles).toHaveLength(5);
  });

  it('reads gzipped JSON lines and keeps the ids, languages and dates they give', async () => {
    const lines = [
      { id: 'business/001', language: 'en', title: 'Ad sales', text: 'Profits rose.\n\nAgain.' },
      { id: 7, text: '雨', published_at: '2026-03-01', url: 'https://a.example/x', source: 'Paper' },
      { html: '<p>Only markup</p>' },
    ];
    const text = `\ufeff${lines.map((line) => JSON.stringify(line)).join('\r\n')}`;
    const path = await write('a.jsonl.gz', gzipSync(text));
    const { articles, problems } = await readAll([path]);
    expect(problems).toEqual([]);
    expect(articles.map(({ id, kind, language, publishedAt }) => [id, kind, language, publishedAt])).toEqual([
      ['business/001', 'text', 'en', null],
      ['7', 'text', null, '2026-03-01T00:00:00.000Z'],
      [expect.stringMatching(/^[0-9a-f-]{36}$/), 'fragment', null, null],
    ]);
  });

  it('goes on behind torn, foreign and undecodable lines', async () => {
    const good = JSON.stringify({ id: 'g', text: 'Good.' });
    const bytes = Buffer.concat([
      Buffer.from('{"id":"torn","text":"a\n[1]\n"text"\n{"id":"n","text":"  "}\n'),
      Buffer.from([...Buffer.from('{"id":"x","text":"caf'), 0xe9, ...Buffer.from('"}\n\n')]),
      Buffer.from(good),
    ]);
    const { articles, problems } = await readAll([await write('a.jsonl', bytes)]);
    expect(problems.map(({ origin, effect }) => [origin.line, effect])).toEqual([
      [1, 'skipped'],
      [2, 'skipped'],
      [3, 'skipped'],
      [4, 'skipped'],
      [5, 'repaired'],
    ]);
    expect(articles.map(({ id }) => id)).toEqual(['x', 'g']);
  });

  it('keeps what came before the end of a damaged gzip file', async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => JSON.stringify({ id: i, text: `text ${i * 7919}` })).join(
      '\n',
    );
    const whole = gzipSync(lines);
    const { articles, problems } = await readAll([await write('a.jsonl.gz', whole.subarray(0, whole.length / 2))]);
    expect(articles.length).toBeGreaterThan(100);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toMatch(/cannot be read further/);
    expect(problems[0]?.origin.line).toBe(articles.length + 1);
  });

  it('tells missing paths and empty folders, and reads only files that can hold articles', async () => {
    await write('notes.md', '# not for us');
    const missing = join(folder, 'missing');
    expect((await readAll([missing, folder])).problems).toEqual([
      { origin: { source: missing }, message: 'no such file or folder', effect: 'skipped' },
      { origin: { source: folder }, message: 'the folder holds no feeds, pages or JSON lines', effect: 'skipped' },
    ]);
  });

  it('fetches addresses, follows what the server says about encoding, and tells what does not answer', async () => {
    const eucJp = Uint8Array.from([0xb1, 0xab, 0xa4, 0xc0]);
    const http = {
      async get(url: string) {
        if (url.includes('gone')) return offline.get(url);
        const bytes = Buffer.concat([Buffer.from('<html><body><p>'), eucJp, Buffer.from('</p></body></html>')]);
        return { bytes, contentType: 'text/html; charset=EUC-JP', url: 'https://a.example/moved' };
      },
    };
    const { articles, problems } = await readAll(['https://a.example/gone', 'https://a.example/page'], http);
    expect(articles.map(({ id, body }) => [id, body.includes('雨だ')])).toEqual([['https://a.example/moved', true]]);
    expect(problems).toEqual([
      {
        origin: { source: 'https://a.example/gone' },
        message: 'https://a.example/gone gave no answer: connection refused',
        effect: 'skipped',
      },
    ]);
  });

  it('stops when told to', async () => {
    const reading = readInputs([sample], { http: offline, signal: AbortSignal.abort(new Error('enough')) });
    await expect(reading.next()).rejects.toThrow('enough');
  });
});
