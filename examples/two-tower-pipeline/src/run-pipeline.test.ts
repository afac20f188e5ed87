import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadOnnxRuntime } from '@matome/primitives/onnx';
import { createFileArtifactStore } from '@matome/storage/artifacts';
import {
  currentRelease,
  directorySource,
  loadUserTower,
  readEmbeddingsParquet,
  sourceBelow,
  verifyFile,
} from '@matome/two-tower';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readPipelineConfig } from './config.js';
import { openDatabase } from './database.js';
import {
  type PipelineContext,
  type PipelineOptions,
  PipelineUsageError,
  rollBack,
  runPipeline,
} from './run-pipeline.js';
import { sampleCatalogue } from './sample-catalogue.js';
import { createSupabaseClient, withRetries } from './supabase-client.js';

const settings = { artifacts: { embedding_dim: 16 }, training: { epochs: 3, batch_size: 256 } };
const config = readPipelineConfig(settings, 'test');
const slow = 400_000;

/** A database with the made-up catalogue: to open a copy of it takes a tenth of making one. */
let filled: string;
beforeAll(async () => {
  filled = await mkdtemp(join(tmpdir(), 'pipeline-database-'));
  await (await openDatabase({ dataDir: filled })).close();
});
afterAll(() => rm(filled, { recursive: true, force: true }));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pipeline-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function databaseIn(place: string): string {
  const dataDir = join(place, 'database');
  if (!existsSync(dataDir)) cpSync(filled, dataDir, { recursive: true });
  return dataDir;
}

const optionsIn = (place: string, change: Partial<PipelineOptions> = {}): PipelineOptions => ({
  config,
  dataDir: databaseIn(place),
  checkpoint: join(place, 'latest.ckpt'),
  artifacts: join(place, 'artifacts'),
  fetchRemote: false,
  pageSize: 1000,
  batchSize: 200,
  skipExport: false,
  skipEmbeddings: false,
  dryRun: false,
  commitSha: null,
  upload: false,
  bucket: 'models',
  prefix: 'two-tower/v3',
  threads: 1,
  ...change,
});

function contextWith(change: Partial<PipelineContext> = {}): PipelineContext & { readonly messages: string[] } {
  const messages: string[] = [];
  return {
    messages,
    now: () => new Date(Date.UTC(2025, 0, 2, 3, 4, 5)),
    fetch: async () => Promise.reject(new Error('no network in this test')),
    progress: (message) => void messages.push(message),
    ...change,
  };
}

const filesOf = async (place: string) =>
  JSON.parse(await readFile(join(place, 'artifacts/manifest.json'), 'utf8')).files;

/** Runs the command itself and kills it as soon as it says something. */
async function killWhen(said: string, place: string, args: readonly string[]): Promise<void> {
  const yaml = join(place, 'settings.yaml');
  await writeFile(yaml, JSON.stringify(settings));
  const main = new URL('./main.ts', import.meta.url).pathname;
  const node = ['--import', 'tsx', '--conditions=matome-source', main];
  const own = [
    '--config',
    yaml,
    '--data-dir',
    databaseIn(place),
    '--checkpoint',
    join(place, 'latest.ckpt'),
    '--artifacts',
    join(place, 'artifacts'),
    '--threads',
    '1',
  ];
  const child = spawn(process.execPath, [...node, ...own, ...args], {
    cwd: new URL('..', import.meta.url),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let heard = '';
  for await (const chunk of child.stderr) {
    heard += String(chunk);
    if (heard.includes(said)) break;
  }
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  expect(heard).toContain(said);
}

describe('runPipeline', () => {
  it('makes a release that serves, the same again from the same data, and goes back to an older one', {
    timeout: slow,
  }, async () => {
    const publish = join(folder, 'releases');
    const context = contextWith();
    const report = await runPipeline(optionsIn(join(folder, 'a'), { publish, version: 'v1' }), context);
    expect(report).toMatchObject({ version: 'v1', embeddings: 400, epochs: 3, published: [publish], dryRun: false });
    expect(context.messages).toContain('the SQL functions give the features that training used');
    expect((await filesOf(join(folder, 'a'))).map(({ path }: { path: string }) => path)).toEqual([
      'feature_schema.json',
      'item_feature_schema.json',
      'item_tower.onnx',
      'model_meta.json',
      'normalizer.json',
      'user_tower.onnx',
      'video_embeddings.parquet',
      'vocab_actress.json',
      'vocab_tag.json',
    ]);
    const store = createFileArtifactStore({ root: publish });
    const source = sourceBelow(store, 'two-tower/v3/current');
    const runtime = await loadOnnxRuntime({ threads: 1 });
    const tower = await loadUserTower(source, { runtime });
    expect((await tower.embedUser({ tags: ['comedy'] }, new Date(0))).length).toBe(16);
    await tower.dispose();
    const embeddings = await readEmbeddingsParquet((await source.read('video_embeddings.parquet'))!);
    expect(embeddings.ids).toEqual([...sampleCatalogue().videos.map(({ id }) => id)].sort());
    await runPipeline(optionsIn(join(folder, 'b'), { publish, version: 'v2' }), contextWith());
    expect(await filesOf(join(folder, 'b'))).toEqual(await filesOf(join(folder, 'a')));
    await rollBack(optionsIn(folder, { publish }), contextWith(), 'v1');
    expect((await currentRelease(store))!.model_version).toBe('v1');
  });

  it('goes on after a kill during training, to the same bytes', { timeout: slow }, async () => {
    const whole = join(folder, 'whole');
    await runPipeline(optionsIn(whole, { skipEmbeddings: true }), contextWith());
    const killed = join(folder, 'killed');
    await cp(new URL('../config', import.meta.url), killed, { recursive: true });
    await killWhen('epoch 2/3: loss', killed, ['--skip-embeddings']);
    expect(await readdir(killed)).not.toContain('artifacts');
    const context = contextWith();
    await runPipeline(optionsIn(killed, { skipEmbeddings: true }), context);
    expect(context.messages.some((message) => message.startsWith('going on from'))).toBe(true);
    expect(context.messages.some((message) => message.startsWith('epoch 1/3: loss'))).toBe(false);
    expect(await filesOf(killed)).toEqual(await filesOf(whole));
  });

  it('leaves current complete after a kill during export or publishing', { timeout: slow }, async () => {
    const publish = join(folder, 'releases');
    await runPipeline(optionsIn(folder, { publish, version: 'v1' }), contextWith());
    const store = createFileArtifactStore({ root: publish });
    for (const said of ['exported 8 files', ': 9 files']) {
      await killWhen(said, folder, ['--publish', publish, '--version', `killed-${said.length}`]);
      const current = (await currentRelease(store))!;
      const source = sourceBelow(store, 'two-tower/v3/current');
      for (const entry of current.files) verifyFile(entry, (await source.read(entry.path))!);
    }
    await runPipeline(optionsIn(folder, { publish, version: 'v2' }), contextWith());
    expect((await currentRelease(store))!.model_version).toBe('v2');
  });

  it('writes to files only in a dry run, and needs no credentials for it', { timeout: slow }, async () => {
    const context = contextWith();
    const publish = join(folder, 'releases');
    const report = await runPipeline(optionsIn(folder, { publish, upload: true, dryRun: true }), context);
    expect(report).toMatchObject({
      dryRun: true,
      published: [],
      embeddings: 400,
      version: expect.stringMatching(/^20250102T030405Z-[0-9a-f]{7}$/),
    });
    expect(context.messages).toContain('dry run: 400 vectors would be written to the table video_embeddings');
    expect(await readdir(folder)).not.toContain('releases');
    const database = await openDatabase({ dataDir: databaseIn(folder) });
    const { rows } = await database.client.query<{ n: number }>('SELECT count(*)::integer AS n FROM video_embeddings');
    await database.close();
    expect(rows[0]!.n).toBe(0);
    const source = directorySource(join(folder, 'artifacts'));
    expect((await loadUserTower(source, { runtime: await loadOnnxRuntime({ threads: 1 }) })).modelVersion).toBe(
      report.version,
    );
  });

  it('pulls a project, publishes to its storage and uploads the vectors', { timeout: slow }, async () => {
    const project = await supabaseProject();
    const supabase = { url: project.url, serviceRoleKey: 'secret' };
    const fetch = withRetries(globalThis.fetch, { sleep: async () => {} });
    // Pulled into a database of its own, in memory.
    const change = {
      dataDir: undefined,
      supabase,
      fetchRemote: true,
      upload: true,
      pageSize: 137,
      batchSize: 150,
      version: 'v1',
    };
    const report = await runPipeline(optionsIn(folder, change), contextWith({ fetch }));
    expect(report.published).toEqual(['bucket models']);
    expect(project.uploaded.size).toBe(400);
    expect(project.batches).toEqual([150, 150, 100]);
    expect([...project.objects.keys()]).toContain('models/two-tower/v3/current/manifest.json');
    const current = JSON.parse(project.objects.get('models/two-tower/v3/current/manifest.json')!.toString());
    expect(current).toMatchObject({ model_version: 'v1', location: '../v1' });
    // The same rows out of another database give the same model.
    await runPipeline(optionsIn(join(folder, 'own'), { skipEmbeddings: true }), contextWith());
    const hash = (files: { path: string; sha256: string }[]) =>
      files.find(({ path }) => path === 'user_tower.onnx')!.sha256;
    expect(hash(current.files)).toBe(hash(await filesOf(join(folder, 'own'))));
    await project.close();
  });

  it('says in one sentence what is missing', { timeout: slow }, async () => {
    for (const change of [{ fetchRemote: true }, { upload: true }]) {
      await expect(runPipeline(optionsIn(folder, change), contextWith())).rejects.toThrow(PipelineUsageError);
    }
    await expect(rollBack(optionsIn(folder), contextWith(), 'v1')).rejects.toThrow(
      '--rollback needs --publish FOLDER or --upload.',
    );
    const supabase = { url: 'https://a.example', serviceRoleKey: 'k' };
    const fetch = async () => new Response('[]', { headers: { 'content-range': '*/0' } });
    await expect(
      runPipeline(optionsIn(folder, { dataDir: undefined, fetchRemote: true, supabase }), contextWith({ fetch })),
    ).rejects.toThrow('must hold at least one like of a known user on a known item');
  });
});

/** A project over real HTTP: tables with ranges, a table of vectors, and a storage. */
async function supabaseProject() {
  const { profiles, videos, decisions } = sampleCatalogue();
  const iso = (date: Date | null) => date?.toISOString() ?? null;
  const tables: Record<string, Record<string, unknown>[]> = {
    profiles: profiles.map((p) => ({ user_id: p.userId, display_name: p.displayName, created_at: iso(p.createdAt) })),
    videos: videos.map((v) => ({
      id: v.id,
      title: v.title,
      price: v.price,
      duration_seconds: v.durationSeconds,
      product_released_at: iso(v.productReleasedAt),
      safety_level: v.safetyLevel,
      region_codes: v.regionCodes,
      is_active: v.isActive,
    })),
    video_tags: videos.flatMap((v) => v.tags.map((tag_name) => ({ video_id: v.id, tag_name }))),
    video_performers: videos.flatMap((v) => v.performers.map((performer_name) => ({ video_id: v.id, performer_name }))),
    user_video_decisions: decisions.map((d) => ({
      user_id: d.userId,
      video_id: d.videoId,
      decision_type: d.decisionType,
      created_at: iso(d.createdAt),
    })),
  };
  const objects = new Map<string, Buffer>();
  const uploaded = new Set<string>();
  const batches: number[] = [];
  let calls = 0;
  const server = createServer(async (request, response) => {
    // Every fifth call fails once, as networks do.
    if (++calls % 5 === 0) return void response.writeHead(503).end();
    if (request.headers.apikey !== 'secret') return void response.writeHead(401).end();
    const path = decodeURIComponent(new URL(request.url!, 'http://x').pathname);
    const body = await bodyOf(request);
    if (path === '/rest/v1/video_embeddings') {
      const rows = JSON.parse(body.toString()) as { video_id: string; embedding: number[] }[];
      batches.push(rows.length);
      for (const { video_id, embedding } of rows) if (embedding.length === 16) uploaded.add(video_id);
      return void response.writeHead(201).end();
    }
    const rows = tables[path.replace('/rest/v1/', '')];
    if (rows) {
      const [from, to] = String(request.headers.range).split('-').map(Number) as [number, number];
      const page = rows.slice(from, to + 1);
      response.setHeader('content-range', `${from}-${from + page.length - 1}/${rows.length}`);
      return void response.end(JSON.stringify(page));
    }
    const key = path.replace('/storage/v1/object/', '');
    if (request.method === 'POST') {
      objects.set(key, body);
      return void response.end('{}');
    }
    const object = objects.get(key);
    if (!object) return void response.writeHead(404).end('{}');
    response.end(object);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, objects, uploaded, batches, close: () => new Promise((resolve) => server.close(resolve)) };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe('the command', () => {
  it('says in one sentence what is wrong, and never the password', { timeout: slow }, async () => {
    const run = (...args: string[]) => {
      const main = new URL('./main.ts', import.meta.url).pathname;
      const node = ['--import', 'tsx', '--conditions=matome-source', main];
      const { status, stderr } = spawnSync(process.execPath, [...node, ...args], {
        cwd: new URL('..', import.meta.url),
        encoding: 'utf8',
      });
      return [status, stderr.trim()];
    };
    const [status, said] = run('--pg-dsn', 'postgres://u:secret@127.0.0.1:1/x');
    expect(status).toBe(1);
    expect(said).toMatch(/^The database of --pg-dsn cannot be reached: .*ECONNREFUSED/);
    expect(said).not.toContain('secret');
    expect(run('--page-size', '0')).toEqual([2, '--page-size must be a whole number in [1, 100000]. Got "0".']);
    expect(run('--config', join(folder, 'none.yaml'))[0]).toBe(2);
    await writeFile(join(folder, 'bad.yaml'), 'training: { epochs: many }');
    expect(run('--config', join(folder, 'bad.yaml'))).toEqual([2, expect.stringMatching(/training\.epochs: /)]);
    expect(run('--version', '../up', '--skip-embeddings')).toEqual([
      2,
      expect.stringMatching(/The version option of two-tower-pipeline/),
    ]);
  });
});

describe('createSupabaseClient', () => {
  it('stops at an empty page, a short page, the total, and a range behind the end', async () => {
    const asked: string[] = [];
    const answer = (rows: number, total: string, status = 200) => ({ rows, total, status });
    const cases = [
      { answers: [answer(2, '0-1/*'), answer(0, '*/*')], pages: 1 },
      { answers: [answer(2, '0-1/*'), answer(1, '2-2/*')], pages: 2 },
      { answers: [answer(2, '0-1/4'), answer(2, '2-3/4')], pages: 2 },
      { answers: [answer(2, '0-1/*'), answer(0, '*/2', 416)], pages: 1 },
    ];
    for (const { answers, pages } of cases) {
      let call = 0;
      const fetch = async (_: unknown, init?: RequestInit) => {
        asked.push(new Headers(init?.headers).get('range')!);
        const { rows, total, status } = answers[call++]!;
        return new Response(JSON.stringify(new Array(rows).fill({})), { status, headers: { 'content-range': total } });
      };
      const client = createSupabaseClient({ url: 'https://a.example/', serviceRoleKey: 'k', fetch });
      const seen = [];
      for await (const page of client.pages('videos', { order: 'id.asc', pageSize: 2 })) seen.push(page.length);
      expect(seen.length).toBe(pages);
      expect(call).toBe(answers.length);
    }
    expect(asked.slice(0, 2)).toEqual(['0-1', '2-3']);
  });

  it('ends at an error with what the project said', async () => {
    const fetch = async () => new Response('no such table', { status: 404 });
    const client = createSupabaseClient({ url: 'https://a.example', serviceRoleKey: 'k', fetch });
    const first = client.pages('videos', { order: 'id', pageSize: 2 })[Symbol.asyncIterator]().next();
    await expect(first).rejects.toThrow('GET videos was answered with 404: no such table.');
  });
});

describe('withRetries', () => {
  it('tries again after no answer and passing answers, with growing waits, and gives up at last', async () => {
    const waits: number[] = [];
    const options = {
      attempts: 3,
      baseDelayMs: 100,
      random: () => 1,
      sleep: async (ms: number) => void waits.push(ms),
    };
    let calls = 0;
    const flaky = async () => {
      calls++;
      if (calls === 1) throw new TypeError('fetch failed');
      return new Response(null, { status: calls === 2 ? 503 : 200 });
    };
    expect((await withRetries(flaky, options)('https://a.example')).status).toBe(200);
    expect(waits).toEqual([100, 200]);
    const dead = async () => new Response(null, { status: 500 });
    expect((await withRetries(dead, options)('https://a.example')).status).toBe(500);
    const refused = async () => new Response(null, { status: 401 });
    waits.length = 0;
    expect((await withRetries(refused, options)('https://a.example')).status).toBe(401);
    expect(waits).toEqual([]);
  });
});
