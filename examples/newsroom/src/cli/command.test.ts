import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from 'citty';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../store/open-store.js';
import { createCommand } from './command.js';

const sampleFolder = fileURLToPath(new URL('../../sample/', import.meta.url));

interface Run {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

async function newsroom(rawArgs: readonly string[], signal = new AbortController().signal): Promise<Run> {
  const written = { stdout: '', stderr: '' };
  let exitCode = 0;
  let ticks = 0;
  const command = createCommand({
    stdout: { write: (text) => (written.stdout += text) },
    stderr: { write: (text) => (written.stderr += text) },
    signal,
    now: () => Date.UTC(2026, 2, 9),
    monotonic: () => ticks++,
    peakMemory: () => 0,
    sampleFolder,
    defaults: { dataDir: '.newsroom', port: 0 },
    setExitCode: (code) => {
      exitCode = code;
    },
  });
  await runCommand(command, { rawArgs: [...rawArgs] });
  return { ...written, exitCode };
}

describe('newsroom', () => {
  let root: string;
  // One database for all: making one takes seconds.
  let dataDir: string;
  let out: string;
  let input: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'newsroom-command-'));
    dataDir = await mkdtemp(join(tmpdir(), 'newsroom-data-'));
    out = join(dataDir, 'report');
    input = join(root, 'mixed.jsonl');
    const line = (id: string, text: string, title = '') => JSON.stringify({ id, title, text });
    const flood = 'The River Torven rose over its banks in Skelby on Monday and the council closed the old bridge.';
    await writeFile(
      input,
      [
        line('good-1', `${flood} Two schools stayed shut.`, 'Skelby bridge closed by flood'),
        '{"id": "torn", "text": "a',
        line('good-2', `${flood} Two schools stayed shut.`, 'Flood shuts bridge'),
        line('empty', ' '),
        line('signs', '----- *** -----'),
        line('nul', 'The council of Skelby will\u0000 meet on Friday to talk about the levee and its repair.'),
      ].join('\n'),
    );
    await writeFile(join(root, 'deep.html'), `<html><body>${'<div>'.repeat(2_000_000)}</body></html>`);
    await writeFile(join(root, 'not-a-feed.xml'), '<stock><item>1</item></stock>');
    await writeFile(
      join(root, 'invalid.html'),
      Buffer.from([0x3c, 0x70, 0x3e, 0xff, 0xfe, 0xff, 0x3c, 0x2f, 0x70, 0x3e]),
    );
  });
  afterAll(async () => {
    for (const folder of [root, dataDir]) await rm(folder, { recursive: true });
  });

  it('tells each problem of the input once, makes a recap of the rest and ends with 0', async () => {
    const { stdout, stderr, exitCode } = await newsroom([
      'recap',
      '--input',
      root,
      '--data-dir',
      dataDir,
      '--out',
      out,
    ]);
    const told = stderr.split('\n').filter((line) => line.startsWith(root));
    const places = told.map((line) => line.slice(root.length + 1).replace(/: .*/, ''));
    expect(places.sort()).toEqual([
      'deep.html',
      'invalid.html',
      'mixed.jsonl:2',
      'mixed.jsonl:4',
      'mixed.jsonl:5',
      'mixed.jsonl:6',
      'not-a-feed.xml',
    ]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('3 articles, 1 of them copies');
    expect(stdout).toMatch(/Peak memory: \d+ MiB/);
    const recap = JSON.parse(await readFile(join(out, 'recap.json'), 'utf8'));
    expect(recap.articles.map(({ id }: { id: string }) => id)).toEqual(['good-1', 'good-2', 'nul']);
    expect(recap.duplicates).toMatchObject([{ articleId: 'good-2', primaryId: 'good-1', reason: 'exact' }]);
    const problems = (await readFile(join(out, 'problems.jsonl'), 'utf8')).trim().split('\n');
    expect(problems).toHaveLength(7);
    expect(JSON.parse(problems[0]!)).toHaveProperty('source');
  });

  it('adds nothing when it runs over the same articles again, tells the problems again, and ends with 2 when strict', async () => {
    const before = await rowCounts(dataDir);
    const { stdout, stderr, exitCode } = await newsroom(['recap', '--input', root, '--strict', '--data-dir', dataDir]);
    expect(stdout).toContain('Nothing new');
    expect(stderr.split('\n').filter((line) => line.startsWith(root))).toHaveLength(7);
    expect(exitCode).toBe(2);
    expect(await rowCounts(dataDir)).toEqual(before);
  });

  it('quotes every sentence of a summary at the place it names', async () => {
    const recap = JSON.parse(await readFile(join(out, 'recap.json'), 'utf8'));
    const { storage, close } = await openStore(dataDir, { now: () => 0 });
    let sentences = 0;
    for (const section of recap.sections) {
      for (const story of section.stories) {
        for (const { text, citations } of story.sentences) {
          const [article] = await storage.articles.find([citations[0].articleId]);
          expect(article?.body.slice(citations[0].start, citations[0].end)).toBe(text);
          sentences++;
        }
      }
    }
    await close();
    expect(sentences).toBeGreaterThan(1);
  });

  it('says that there was no article, and fails only when nothing could be found', async () => {
    const bad = await newsroom(['recap', '--input', join(root, 'not-a-feed.xml'), '--data-dir', dataDir]);
    expect([bad.stdout, bad.exitCode]).toEqual(['No article was found.\n', 0]);
    const missing = await newsroom(['recap', '--input', join(root, 'nowhere'), '--data-dir', dataDir]);
    expect(missing.stderr).toContain('nowhere: no such file or folder; skipped.');
    expect(missing.exitCode).toBe(1);
  });

  it('stops cleanly when interrupted, and says how to go on', async () => {
    const abort = new AbortController();
    abort.abort(new Error('stopped'));
    const { stderr, exitCode } = await newsroom(['recap', '--input', input, '--data-dir', dataDir], abort.signal);
    expect(stderr).toContain('The same command goes on');
    expect(exitCode).toBe(130);
  });

  it('refuses a folder that another process has open, and takes over one that a dead process left', async () => {
    const { close } = await openStore(dataDir, { now: () => 0 });
    const refused = await newsroom(['serve', '--data-dir', dataDir]);
    expect(refused.stderr).toContain(`is in use by process ${process.pid}`);
    expect(refused.exitCode).toBe(1);
    await close();
    await writeFile(join(dataDir, 'newsroom.lock'), '999999999');
    await (await openStore(dataDir, { now: () => 0 })).close();
  });

  it('names an option that does not exist and a port that is none', async () => {
    const wrong = await newsroom(['recap', '--input', input, '--stict']);
    expect([wrong.stderr, wrong.exitCode]).toEqual(['newsroom: There is no option --stict. See --help.\n', 1]);
    const port = await newsroom(['serve', '--port', '99999', '--data-dir', dataDir]);
    expect(port.stderr).toContain('The --port option must be an integer in [0, 65535]. Got 99999.');
    expect((await newsroom(['recap'])).stderr).toContain('Give at least one --input.');
  });
});

async function rowCounts(folder: string): Promise<unknown> {
  const { storage, close } = await openStore(folder, { now: () => 0 });
  const jobs = await storage.jobs.list({ limit: 99 });
  const counts = {
    articles: await storage.articles.count(),
    jobs: jobs.length,
    history: (await storage.jobs.history(jobs[0]!.jobId)).length,
    stages: (await storage.stages.list(jobs[0]!.jobId)).length,
    sections: (await storage.sections.load(jobs[0]!.jobId)).length,
  };
  await close();
  return counts;
}
