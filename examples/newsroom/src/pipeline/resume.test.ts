import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stableJson } from '@matome/primitives/hashing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../store/open-store.js';
import { loadRecap } from './load-recap.js';
import { stages } from './run-newsroom.js';

const sample = fileURLToPath(new URL('../../sample/', import.meta.url));
const inputs = [join(sample, 'feeds', 'rss1.rdf'), join(sample, 'hostile')];
const program = fileURLToPath(new URL('./resume.fixture.ts', import.meta.url));
const options = { cwd: fileURLToPath(new URL('../../', import.meta.url)) };

/** Runs the fixture; answers with the signal that ended it, or `null`. */
function run(folder: string, stage: string): Promise<string | null> {
  const args = ['--import', 'tsx', '--conditions=matome-source', program, folder, stage, ...inputs];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, options, (error, _, stderr) => {
      if (!error) resolve(null);
      else if (error.signal) resolve(error.signal);
      else reject(new Error(stderr));
    });
  });
}

/** Everything of a recap that does not depend on when it was made. */
async function storedRecap(folder: string) {
  const { storage, close } = await openStore(folder, { now: () => 0 });
  const [job] = await storage.jobs.list({ limit: 9 });
  const jobs = (await storage.jobs.list({ limit: 9 })).length;
  const sections = stableJson(await storage.sections.load(job!.jobId));
  const evidence = stableJson(await storage.evidence.load(job!.jobId));
  const { articles, problems } = await loadRecap(storage, job!.jobId);
  const tags = [...articles.values()].map(({ id, tags: own, duplicates }) => [id, own, duplicates]);
  await close();
  return { jobs, status: job!.status, jobId: job!.jobId, sections, evidence, tags: stableJson(tags), problems };
}

describe('a run that is killed', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'newsroom-resume-'));
  });
  afterAll(() => rm(root, { recursive: true }));

  it('in any stage is gone on with by the next one, to the same bytes as a run that nobody disturbed', async () => {
    const [empty, calm, killed] = ['empty', 'calm', 'killed'].map((name) => join(root, name)) as [
      string,
      string,
      string,
    ];
    await (await openStore(empty, { now: () => 0 })).close();
    for (const folder of [calm, killed]) await cp(empty, folder, { recursive: true });
    expect(await run(calm, 'none')).toBeNull();
    const names = ['read', ...stages.map(({ name }) => name), 'store'].flatMap((name) =>
      name === 'genre' ? [name, 'genre saved'] : [name],
    );
    // One folder for all: each run goes on behind the stage that killed the one before, up to the next.
    for (const name of names) expect([name, await run(killed, name)]).toEqual([name, 'SIGKILL']);
    expect(await run(killed, 'none')).toBeNull();
    expect(await storedRecap(killed)).toEqual(await storedRecap(calm));
  });
});
