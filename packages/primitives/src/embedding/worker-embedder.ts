import type { Matrix } from '../linalg/index.js';
import { checkInteger, checkNumber, checkOneOf } from '../options/index.js';
import type { CreateEmbedderOptions } from './create-embedder.js';
import type { EmbedOptions, LoadedEmbedder, TokenVectors } from './embedder.js';
import type { Identity, WorkerAnswers, WorkerTask } from './embedding-worker.js';
import type { WorkerIsolation } from './worker-channel.js';
import { WorkerSeat } from './worker-seat.js';

/** Options of `createWorkerEmbedder`. */
export interface WorkerEmbedderOptions {
  /** The model to load in the worker. */
  readonly create?: Omit<CreateEmbedderOptions, 'runtime'>;
  /** Instead of `create`: a module whose `createWorkerEmbedder(options)` gives a `LoadedEmbedder`. */
  readonly module?: URL;
  /** Handed to that module; must survive structured cloning. */
  readonly moduleOptions?: unknown;
  /**
   * `'thread'` moves vectors without copying them. `'process'` copies them, but gives all memory back to the system whenever the
   * worker is replaced, which the allocator of a living process does not, and outlives faults in native code.
   *
   * @default 'thread'
   */
  readonly isolation?: WorkerIsolation;
  /** Workers, each with the model loaded. @default 1 */
  readonly workers?: number;
  /** Calls after which the worker is replaced. @default never */
  readonly maxCalls?: number;
  /** Memory of the worker's process, which a thread shares with its host, above which the worker is replaced after a call, in megabytes. @default never */
  readonly maxRssMb?: number;
  /** Largest JavaScript heap of the worker in megabytes; a worker that needs more dies, the process lives on. @default Node's */
  readonly maxHeapMb?: number;
}

/** An embedder in a thread or process of its own. */
export interface WorkerEmbedder extends LoadedEmbedder {
  /** Workers started so far. */
  readonly workersStarted: number;
}

/**
 * Runs an embedder in a worker thread or process: the event loop of the caller stays free, and memory stays flat because the
 * worker is replaced after so many calls or above so much memory.
 *
 * With several workers a call with many texts is shared out among them, which serves two processors better than one model
 * on two threads does; each worker holds the weights.
 *
 * A worker that dies fails the calls it was working on, not the process; the next call starts another. Only a fault in
 * native code, or the system's want of memory, ends the host of a thread; of a process it does not.
 *
 * @throws the fault of loading the model; RangeError for a bad option. `embed` throws WorkerCrashedError, the
 * embedder's error, or the signal's reason.
 * @remarks About 50 ms (100 ms and 45 MB for a process) and the model's loading time a worker.
 * @example
 * const embedder = await createWorkerEmbedder({ create: { model: 'hashing' }, maxCalls: 1000 });
 * (await embedder.embed(['tea'])).rows // => 1
 * await embedder.dispose();
 */
export async function createWorkerEmbedder(options: WorkerEmbedderOptions): Promise<WorkerEmbedder> {
  const { workers = 1, maxCalls = Number.POSITIVE_INFINITY, maxRssMb = Number.POSITIVE_INFINITY, maxHeapMb } = options;
  checkInteger('createWorkerEmbedder', 'workers', workers, { min: 1 });
  if (options.maxCalls !== undefined) checkInteger('createWorkerEmbedder', 'maxCalls', maxCalls, { min: 1 });
  checkNumber('createWorkerEmbedder', 'maxRssMb', maxRssMb, { min: 1 });
  if (maxHeapMb !== undefined) checkInteger('createWorkerEmbedder', 'maxHeapMb', maxHeapMb, { min: 1 });
  const isolation = options.isolation ?? 'thread';
  checkOneOf('createWorkerEmbedder', 'isolation', isolation, ['thread', 'process']);
  const task: WorkerTask = options.module
    ? { module: options.module.href, options: options.moduleOptions }
    : { create: options.create ?? {} };
  checkCloneable(task);
  const seats = Array.from(
    { length: workers },
    () => new WorkerSeat(task, { isolation, maxCalls, maxRssMb, maxHeapMb }),
  );
  const [{ modelId, dimensions, fingerprint, givesTokens }] = await allReady(seats);
  let disposed = false;
  /** Hands each part of the texts to a worker, and what it answers, with the rows of the part, to `take`. */
  const ask = async <K extends keyof WorkerAnswers>(
    kind: K,
    texts: readonly string[],
    signal: AbortSignal | undefined,
    take: (answer: WorkerAnswers[K], rows: readonly number[]) => void,
  ): Promise<void> => {
    if (disposed) throw new Error(`The embedder ${modelId} was disposed of.`);
    await Promise.all(
      shareOut(texts, seats).map(async ({ seat, rows }) => {
        const own = rows.map((row) => texts[row]!);
        take(await seat.call(kind, own, signal), rows);
      }),
    );
  };
  return {
    modelId,
    dimensions,
    fingerprint,
    get workersStarted() {
      return seats.reduce((sum, seat) => sum + seat.started, 0);
    },
    async embed(texts, { signal } = {}): Promise<Matrix> {
      const data = new Float32Array(texts.length * dimensions);
      await ask('embed', texts, signal, (vectors, rows) => {
        rows.forEach((row, i) => {
          data.set(vectors.subarray(i * dimensions, (i + 1) * dimensions), row * dimensions);
        });
      });
      return { data, rows: texts.length, cols: dimensions };
    },
    ...(givesTokens && {
      async embedTokens(texts: readonly string[], { signal }: EmbedOptions = {}): Promise<readonly TokenVectors[]> {
        const found = new Array<TokenVectors>(texts.length);
        await ask('embedTokens', texts, signal, (tokens, rows) => {
          rows.forEach((row, i) => {
            found[row] = tokens[i]!;
          });
        });
        return found;
      },
    }),
    async dispose() {
      disposed = true;
      await Promise.all(seats.map((seat) => seat.dispose()));
    },
  };
}

/** A worker that was started could not be told what to do with something that is not cloneable. */
function checkCloneable(task: WorkerTask): void {
  try {
    structuredClone(task);
  } catch (cause) {
    const name = 'create' in task ? 'create' : 'moduleOptions';
    throw new TypeError(`The ${name} option of createWorkerEmbedder must survive structured cloning.`, { cause });
  }
}

/** What the workers loaded; when one of them fails, none is left behind. */
async function allReady(seats: readonly WorkerSeat[]): Promise<[Identity]> {
  try {
    return (await Promise.all(seats.map((seat) => seat.ready))) as [Identity];
  } catch (error) {
    await Promise.all(seats.map((seat) => seat.ready.then(() => seat.dispose()).catch(() => undefined)));
    throw error;
  }
}

/** Fewer texts than this go to one worker: a part of a call would be too small to fill a run of the model. */
const leastShared = 32;

interface Part {
  readonly seat: WorkerSeat;
  readonly rows: number[];
}

/** Rows for each worker; dealt out by length, so that all have as much to do. */
function shareOut(texts: readonly string[], seats: readonly WorkerSeat[]): Part[] {
  const idle = seats.reduce((least, seat) => (seat.load < least.load ? seat : least));
  if (seats.length === 1 || texts.length < leastShared) return [{ seat: idle, rows: [...texts.keys()] }];
  const byLength = [...texts.keys()].sort((a, b) => texts[b]!.length - texts[a]!.length || a - b);
  return seats.map((seat, s) => ({ seat, rows: byLength.filter((_, i) => i % seats.length === s) }));
}
