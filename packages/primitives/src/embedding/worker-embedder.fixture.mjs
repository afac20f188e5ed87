import { threadId } from 'node:worker_threads';

/** Tells threads and processes apart. */
const place = process.pid + threadId;

/** An embedder whose texts are orders; the vector of other texts is the number of its place and the text's length. */
export async function createWorkerEmbedder() {
  let aborted = 0;
  const orders = {
    'native fault': () => process.kill(process.pid, 'SIGSEGV'),
    'lose host': () => process.disconnect(),
    exit: () => process.exit(3),
    throw: () => {
      throw new RangeError('no such word');
    },
    'throw outside': () => {
      queueMicrotask(() => {
        throw new Error('outside of any call');
      });
      return new Promise(() => undefined);
    },
    'fill memory': () => {
      const held = [];
      for (;;) held.push(new Array(10_000).fill(held.length));
    },
    'until abort': (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          aborted++;
          reject(signal.reason);
        });
      }),
    'aborted calls': () => aborted,
  };
  return {
    modelId: 'fixture',
    dimensions: 2,
    fingerprint: 'fixture-1',
    async embed([text], { signal }) {
      const first = (await orders[text]?.(signal)) ?? place;
      return { data: Float32Array.of(first, text.length), rows: 1, cols: 2 };
    },
    /** One token a character; its vector is the place's number and the character's. */
    async embedTokens(texts) {
      return texts.map((text) => ({
        vectors: {
          data: Float32Array.from([...text].flatMap((c) => [place, c.charCodeAt(0)])),
          rows: text.length,
          cols: 2,
        },
        starts: Int32Array.from(text, (_, i) => i),
        ends: Int32Array.from(text, (_, i) => i + 1),
      }));
    },
    async dispose() {},
  };
}
