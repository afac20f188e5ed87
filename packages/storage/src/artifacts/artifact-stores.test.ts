import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ArtifactStore,
  activateRelease,
  buildManifest,
  currentRelease,
  listReleases,
  manifestEntry,
  publishRelease,
  sourceBelow,
  verifyFile,
} from '@matome/two-tower';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { artifactCases } from '../testing/artifact-cases.js';
import { createFileArtifactStore } from './file-artifact-store.js';
import { createHttpArtifactStore } from './http-artifact-store.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'artifact-store-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** An object store over real HTTP, in memory: what Supabase Storage answers, as far as the store asks. */
async function objectServer() {
  const objects = new Map<string, Buffer>();
  const uploads = { before: (_path: string): boolean => true };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const path = decodeURIComponent(request.url ?? '').replace('/storage/v1/object/', '');
    if (request.headers.authorization !== 'Bearer secret') return void response.writeHead(403).end('{"message":"no"}');
    if (path.startsWith('list/')) {
      const { prefix, offset, limit } = JSON.parse(body.toString()) as {
        prefix: string;
        offset: number;
        limit: number;
      };
      const below = [...objects.keys()]
        .map((key) => key.slice('models/'.length))
        .filter((key) => prefix === '' || key.startsWith(`${prefix}/`));
      const names = below.map((key) => key.slice(prefix === '' ? 0 : prefix.length + 1).split('/'));
      const entries = new Map(
        names.map((parts) => [parts[0]!, { name: parts[0]!, id: parts.length > 1 ? null : 'x' }]),
      );
      return void response.end(
        JSON.stringify([...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).slice(offset, offset + limit)),
      );
    }
    if (request.method === 'POST') {
      // An upload that is never answered: its sender is gone.
      if (!uploads.before(path)) return;
      if (objects.has(path) && request.headers['x-upsert'] !== 'true') return void response.writeHead(409).end();
      objects.set(path, body);
      return void response.end('{}');
    }
    const object = objects.get(path);
    if (!object) return void response.writeHead(400).end('{"statusCode":"404","error":"not_found"}');
    response.end(object);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, objects, uploads, close: () => new Promise((resolve) => server.close(resolve)) };
}

let server: Awaited<ReturnType<typeof objectServer>>;
beforeAll(async () => {
  server = await objectServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.objects.clear();
  server.uploads.before = () => true;
});

const http = (change: object = {}) =>
  createHttpArtifactStore({ url: `${server.url}/`, bucket: 'models', serviceRoleKey: 'secret', ...change });

const stores: [string, () => ArtifactStore][] = [
  ['file', () => createFileArtifactStore({ root: folder })],
  ['HTTP', () => http()],
];

const files = ['a.json', 'deep/b é.bin'].map((path, i) => ({ path, bytes: new Uint8Array([i, 250, 0, 7]) }));
const manifest = (version: string) => buildManifest(files.map(manifestEntry), { version, generatedAt: new Date(0) });

describe.each(stores)('%s artefact store', (_, create) => {
  it('publishes, switches and rolls back', async () => {
    const store = create();
    for (const version of ['v1', 'v2']) await publishRelease(store, files, manifest(version));
    expect((await currentRelease(store))!.model_version).toBe('v2');
    await activateRelease(store, 'v1');
    const current = (await currentRelease(store))!;
    expect(current.model_version).toBe('v1');
    expect(await listReleases(store)).toEqual(['v1', 'v2']);
    const source = sourceBelow(store, 'two-tower/v3/current');
    for (const entry of current.files) verifyFile(entry, (await source.read(entry.path))!);
  });
});

describe('publishing to a folder', () => {
  it('shows a complete version after a kill at any moment', async () => {
    // A process of its own publishes one version after the other until it is killed in the middle of one.
    const program = `
      import { createFileArtifactStore } from ${JSON.stringify(new URL('./file-artifact-store.ts', import.meta.url).href)};
      import { buildManifest, manifestEntry, publishRelease } from '@matome/two-tower';
      const store = createFileArtifactStore({ root: process.argv[1] });
      for (let n = 0; ; n++) {
        const files = ['a', 'b', 'c'].map((path) => ({ path, bytes: new Uint8Array(200_000).fill(n) }));
        const manifest = buildManifest(files.map(manifestEntry), { version: 'v' + n, generatedAt: new Date(0) });
        await publishRelease(store, files, manifest);
        console.log(n);
      }`;
    for (let round = 0; round < 4; round++) {
      const root = join(folder, `round-${round}`);
      const options = ['--import', 'tsx', '--conditions=matome-source', '--input-type=module', '-e', program, root];
      const child = spawn(process.execPath, options, {
        cwd: new URL('../..', import.meta.url),
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      // The second version is out; how far into the third the process comes differs from round to round.
      let out = '';
      for await (const chunk of child.stdout) {
        out += String(chunk);
        if (out.split('\n').length > 2 + round) break;
      }
      child.kill('SIGKILL');
      await once(child, 'exit');
      const store = createFileArtifactStore({ root });
      const current = (await currentRelease(store))!;
      const source = sourceBelow(store, 'two-tower/v3/current');
      expect(current.files).toHaveLength(3);
      for (const entry of current.files) verifyFile(entry, (await source.read(entry.path))!);
    }
  });
});

describe('publishing over HTTP', () => {
  /** A process of its own that publishes v1, says so, and then publishes v2. */
  const program = `
    import { createHttpArtifactStore } from ${JSON.stringify(new URL('./http-artifact-store.ts', import.meta.url).href)};
    import { buildManifest, manifestEntry, publishRelease } from '@matome/two-tower';
    const [url, prefix] = process.argv.slice(1);
    const store = createHttpArtifactStore({ url, bucket: 'models', serviceRoleKey: 'secret' });
    for (const n of [1, 2]) {
      const files = ['a', 'b', 'c'].map((path) => ({ path, bytes: new Uint8Array(50_000).fill(n) }));
      const manifest = buildManifest(files.map(manifestEntry), { version: 'v' + n, generatedAt: new Date(0) });
      await publishRelease(store, files, manifest, { prefix });
    }`;

  /** @param upload - the upload of v2 that is under way when the process is killed, counted from 1. */
  async function killedAt(upload: number): Promise<string> {
    const prefix = `killed-at-${upload}`;
    const options = ['--import', 'tsx', '--conditions=matome-source', '--input-type=module', '-e', program];
    const cwd = new URL('../..', import.meta.url);
    const child = spawn(process.execPath, [...options, server.url, prefix], { cwd, stdio: 'inherit' });
    // Version v1 takes three files, their manifest, three copies and the manifest of current.
    let left = 8 + upload;
    const others = server.uploads.before;
    server.uploads.before = (path) => {
      if (!path.startsWith(`models/${prefix}/`)) return others(path);
      left--;
      if (left === 0) child.kill('SIGKILL');
      return left > 0;
    };
    await once(child, 'exit');
    expect(child.signalCode).toBe('SIGKILL');
    return prefix;
  }

  it('leaves current on a complete version when the process is killed in any upload', async () => {
    const prefixes = await Promise.all([1, 4, 6, 8].map(killedAt));
    server.uploads.before = () => true;
    const store = http();
    for (const prefix of prefixes) {
      const current = (await currentRelease(store, { prefix }))!;
      expect(current).toMatchObject({ model_version: 'v1', location: '../v1' });
      const whole = sourceBelow(store, `${prefix}/${current.model_version}`);
      for (const entry of current.files) verifyFile(entry, (await whole.read(entry.path))!);
    }
    // Killed between the copies: who takes them by name is told by the manifest that stands beside them.
    const halfway = sourceBelow(store, 'killed-at-6/current');
    const [first, second] = (await currentRelease(store, { prefix: 'killed-at-6' }))!.files;
    const taken = (await halfway.read(first!.path))!;
    expect(taken[0]).toBe(2);
    expect(() => verifyFile(first!, taken)).toThrow(/must have the SHA-256/);
    verifyFile(second!, (await halfway.read(second!.path))!);
  });
});

describe('createHttpArtifactStore', () => {
  for (const { name, run } of artifactCases) it(name, () => run(http()));

  it('says method, address and answer when it is refused', async () => {
    const store = http({ serviceRoleKey: 'wrong' });
    await expect(store.write('a b', new Uint8Array(1))).rejects.toThrow(
      /^POST http.*\/models\/a%20b was answered with 403: .*no/,
    );
    await expect(store.read('a')).rejects.toThrow('was answered with 403');
  });

  it('writes under the address that the service knows', async () => {
    await http().write('two-tower/v3/x.json', new Uint8Array([123, 125]));
    expect([...server.objects.keys()]).toEqual(['models/two-tower/v3/x.json']);
  });
});
