import { afterEach, describe, expect, it } from 'vitest';
import { createHashingEmbedder } from './hashing-embedder.js';
import { createWorkerEmbedder, type WorkerEmbedder, type WorkerEmbedderOptions } from './worker-embedder.js';

const module = new URL('./worker-embedder.fixture.mjs', import.meta.url);
let open: WorkerEmbedder[] = [];
afterEach(async () => {
  await Promise.all(open.map((embedder) => embedder.dispose()));
  open = [];
});

async function started(options: WorkerEmbedderOptions): Promise<WorkerEmbedder> {
  const embedder = await createWorkerEmbedder(options);
  open.push(embedder);
  return embedder;
}

describe.each(['thread', 'process'] as const)('createWorkerEmbedder in a %s', (isolation) => {
  const start = (options: WorkerEmbedderOptions = { module }) => started({ isolation, ...options });

  it('gives the vectors of the embedder it runs, under the same name', async () => {
    const embedder = await start({ create: { model: 'hashing' } });
    const direct = createHashingEmbedder();
    expect(await embedder.embed(['tea', 'rain', ''])).toEqual(await direct.embed(['tea', 'rain', '']));
    expect(embedder.fingerprint).toBe(direct.fingerprint);
    expect(embedder.dimensions).toBe(direct.dimensions);
  });

  it('replaces the worker after so many calls', async () => {
    const embedder = await start({ module, maxCalls: 2 });
    const places = [];
    for (let i = 0; i < 5; i++) places.push((await embedder.embed(['place'])).data[0]);
    expect(new Set(places).size).toBe(3);
    expect(places[0]).toBe(places[1]);
    expect(embedder.workersStarted).toBe(3);
  });

  it('replaces the worker when the process holds too much memory', async () => {
    const embedder = await start({ module, maxRssMb: 1 });
    await embedder.embed(['a']);
    await embedder.embed(['a']);
    expect(embedder.workersStarted).toBe(2);
  });

  it('fails the call of a worker that dies, and serves the next one', async () => {
    const embedder = await start({ module, maxHeapMb: 64 });
    for (const text of ['exit', 'throw outside', 'fill memory']) {
      await expect(embedder.embed([text])).rejects.toMatchObject({ name: 'WorkerCrashedError' });
      expect((await embedder.embed(['a'])).data[1]).toBe(1);
    }
    expect(embedder.workersStarted).toBe(4);
  });

  it('hands the embedder’s own error on and keeps the worker', async () => {
    const embedder = await start();
    await expect(embedder.embed(['throw'])).rejects.toThrow('no such word');
    await embedder.embed(['a']);
    expect(embedder.workersStarted).toBe(1);
  });

  it('stops waiting at an abort and tells the worker', async () => {
    const embedder = await start();
    const controller = new AbortController();
    const slow = embedder.embed(['until abort'], { signal: controller.signal });
    const refused = expect(slow).rejects.toThrow('enough');
    // One turn of the event loop later the call is with the worker.
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort(new Error('enough'));
    await refused;
    expect((await embedder.embed(['aborted calls'])).data[0]).toBe(1);
    await expect(embedder.embed(['a'], { signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop');
  });

  it('stops waiting at an abort while the calls before it go on', async () => {
    const embedder = await start();
    const [before, controller] = [new AbortController(), new AbortController()];
    const slow = embedder.embed(['until abort'], { signal: before.signal });
    const stopped = expect(slow).rejects.toThrow('enough');
    const waiting = embedder.embed(['a'], { signal: controller.signal });
    controller.abort(new Error('stop'));
    await expect(waiting).rejects.toThrow('stop');
    before.abort(new Error('enough'));
    await stopped;
    expect((await embedder.embed(['a'])).data[1]).toBe(1);
  });

  it('refuses what cannot be sent to a worker', async () => {
    const uncloneable = () => 1;
    await expect(createWorkerEmbedder({ isolation, module, moduleOptions: uncloneable })).rejects.toThrow(
      'The moduleOptions option of createWorkerEmbedder must survive structured cloning.',
    );
    const embedder = await start();
    await expect(embedder.embed([uncloneable as unknown as string])).rejects.toThrow('could not be cloned');
    expect((await embedder.embed(['a'])).data[1]).toBe(1);
  });

  it('hands on why a module cannot be loaded', async () => {
    const missing = new URL('./no-such-module.mjs', import.meta.url);
    await expect(start({ module: missing, workers: 2 })).rejects.toThrow(/^Cannot find module/);
  });

  it('shares a long list out among several workers and keeps its order', async () => {
    const embedder = await start({ create: { model: 'hashing' }, workers: 2 });
    const texts = Array.from({ length: 70 }, (_, i) => 'tea '.repeat(i));
    expect(await embedder.embed(texts)).toEqual(await createHashingEmbedder().embed(texts));
    expect(embedder.workersStarted).toBe(2);
  });

  it('gives calls under way at once to different workers', async () => {
    const embedder = await start({ module, workers: 2 });
    const [a, b] = await Promise.all([embedder.embed(['place']), embedder.embed(['place'])]);
    expect(a!.data[0]).not.toBe(b!.data[0]);
  });

  it('gives token vectors in the order of the texts, where the embedder it runs has them', async () => {
    const embedder = await start({ module, workers: 2 });
    const texts = Array.from({ length: 40 }, (_, i) => 'x'.repeat(i % 7) + 'y');
    const found = await embedder.embedTokens!(texts);
    expect(found.map(({ vectors }) => vectors.rows)).toEqual(texts.map(({ length }) => length));
    expect(found.map(({ vectors }) => vectors.data.at(-1))).toEqual(texts.map(() => 'y'.charCodeAt(0)));
    expect([...found[3]!.ends]).toEqual([1, 2, 3, 4]);
    expect(new Set(found.map(({ vectors }) => vectors.data[0])).size).toBe(2);
    expect((await start({ create: { model: 'hashing' } })).embedTokens).toBeUndefined();
  });

  it('answers many calls at once in their order', async () => {
    const embedder = await start();
    const results = await Promise.all(['a', 'bb', 'ccc'].map((text) => embedder.embed([text])));
    expect(results.map(({ data }) => data[1])).toEqual([1, 2, 3]);
  });

  it('throws what loading the model threw, and refuses to embed once disposed of', async () => {
    await expect(createWorkerEmbedder({ isolation, create: { model: '/nowhere' } })).rejects.toThrow(
      /The model option of createEmbedder/,
    );
    await expect(createWorkerEmbedder({ isolation, maxCalls: 0 })).rejects.toThrow(
      /The maxCalls option of createWorkerEmbedder/,
    );
    const embedder = await createWorkerEmbedder({ isolation, module });
    await embedder.dispose();
    await expect(embedder.embed(['a'])).rejects.toThrow('The embedder fixture was disposed of.');
  });
});

describe('an embedder in a process', () => {
  const start = () => started({ isolation: 'process', module });

  it('outlives a fault in native code', async () => {
    const embedder = await start();
    await expect(embedder.embed(['native fault'])).rejects.toThrow('The embedding worker died: signal SIGSEGV.');
    expect((await embedder.embed(['a'])).data[1]).toBe(1);
  });

  it('ends when its host is gone', async () => {
    const embedder = await start();
    await expect(embedder.embed(['lose host'])).rejects.toThrow('The embedding worker died: exit code 0.');
  });

  it('leaves no process behind', async () => {
    const embedder = await createWorkerEmbedder({ isolation: 'process', module });
    const pid = (await embedder.embed(['place'])).data[0]!;
    expect(process.kill(pid, 0)).toBe(true);
    await embedder.dispose();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});

it('refuses another isolation', async () => {
  const options = { isolation: 'container' } as unknown as WorkerEmbedderOptions;
  await expect(createWorkerEmbedder(options)).rejects.toThrow(/The isolation option of createWorkerEmbedder/);
});
