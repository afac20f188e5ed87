import type { Worker } from 'node:worker_threads';
import { controlBytes, type LayoutMemory, layoutStep } from './layout-memory.js';
import { chunkRows } from './optimize-layout.js';

/** Threads that compute the epochs of a layout together. */
export interface LayoutTeam {
  readonly threads: number;
  /** Hands the layout's memory to all threads; returns a function that computes one epoch from the kernel's arguments. */
  attach(layout: LayoutMemory): (values: readonly number[]) => void;
  /** Ends the threads. */
  close(): Promise<void>;
}

/** More threads than any machine serves; each costs memory before it does any work. */
export const mostThreads = 256;

/** Control words at the start of the shared memory. */
const control = { epoch: 0, nextChunk: 1, finished: 2, values: 4 } as const;
/** Index of the scratch address among the arguments behind the range of rows: each thread has its own. */
const scratchArgument = 7;

/**
 * What a worker does: waits for an epoch, takes chunks of rows until none is left, says that it has finished.
 *
 * A string, because a bundled package has no file of its own for it; all the arithmetic is in the WebAssembly module.
 */
const workerSource = `
const { parentPort } = require('node:worker_threads');
parentPort.on('message', ({ module, memory, scratch, rows, chunkRows, layout: c }) => {
  const words = new Int32Array(memory.buffer);
  const values = new Float64Array(memory.buffer, 8 * c.values, 17);
  const { step } = new WebAssembly.Instance(module, { host: { memory } }).exports;
  for (let epoch = 1; ; epoch++) {
    Atomics.wait(words, c.epoch, epoch - 1);
    if (Atomics.load(words, c.epoch) < 0) return;
    const own = Array.from(values);
    own[${scratchArgument}] = scratch;
    for (;;) {
      const from = Atomics.add(words, c.nextChunk, 1) * chunkRows;
      if (from >= rows) break;
      step(from, Math.min(rows, from + chunkRows), ...own);
    }
    Atomics.add(words, c.finished, 1);
    Atomics.notify(words, c.finished);
  }
});
`;

/**
 * Starts `threads - 1` worker threads; the caller's thread is the last of the team.
 *
 * @remarks Starting a thread takes about 20 ms.
 */
export async function createLayoutTeam(threads: number): Promise<LayoutTeam> {
  const { Worker: Thread } = await import('node:worker_threads');
  const workers: Worker[] = Array.from({ length: threads - 1 }, () => new Thread(workerSource, { eval: true }));
  let words: Int32Array | undefined;
  const attach = (layout: LayoutMemory) => {
    const { module, memory, addresses, rows } = layout;
    const shared = new Int32Array(memory.buffer, 0, controlBytes / 4);
    words = shared;
    for (const [i, worker] of workers.entries()) {
      worker.postMessage({ module, memory, scratch: addresses.scratch[i + 1]!, rows, chunkRows, layout: control });
    }
    return epochRunner(layout, shared, workers.length);
  };
  const close = async () => {
    if (words) {
      Atomics.store(words, control.epoch, -1);
      Atomics.notify(words, control.epoch);
    }
    await Promise.all(workers.map((worker) => worker.terminate()));
  };
  return { threads, attach, close };
}

function epochRunner(layout: LayoutMemory, words: Int32Array, workers: number) {
  const { memory, rows } = layout;
  const values = new Float64Array(memory.buffer, 8 * control.values, 17);
  const step = layoutStep(layout);
  return (own: readonly number[]) => {
    values.set(own);
    Atomics.store(words, control.nextChunk, 0);
    Atomics.store(words, control.finished, 0);
    Atomics.add(words, control.epoch, 1);
    Atomics.notify(words, control.epoch);
    for (;;) {
      const from = Atomics.add(words, control.nextChunk, 1) * chunkRows;
      if (from >= rows) break;
      step(from, Math.min(rows, from + chunkRows), ...own);
    }
    for (let done = Atomics.load(words, control.finished); done < workers; ) {
      Atomics.wait(words, control.finished, done);
      done = Atomics.load(words, control.finished);
    }
  };
}
