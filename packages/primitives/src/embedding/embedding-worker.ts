import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type CreateEmbedderOptions, createEmbedder } from './create-embedder.js';
import type { LoadedEmbedder, TokenVectors } from './embedder.js';

/** What a worker is started with: a model by name or folder, or a module that makes an embedder. */
export type WorkerTask =
  | { readonly create: CreateEmbedderOptions }
  | { readonly module: string; readonly options: unknown };

/** What a worker says about the embedder it runs. */
export interface Identity {
  readonly modelId: string;
  readonly dimensions: number;
  readonly fingerprint: string;
  /** Whether the embedder has `embedTokens`. */
  readonly givesTokens: boolean;
}

/** What a worker can be asked for, and what it answers. */
export interface WorkerAnswers {
  readonly embed: Float32Array;
  readonly embedTokens: readonly TokenVectors[];
}

/** From the host to the worker. */
export type WorkerRequest =
  | { readonly kind: keyof WorkerAnswers; readonly id: number; readonly texts: readonly string[] }
  | { readonly kind: 'abort'; readonly id: number }
  | { readonly kind: 'close' };

/** From the worker to the host. */
export type WorkerReply =
  | ({ readonly kind: 'ready' } & Identity)
  | {
      readonly kind: 'answer';
      readonly id: number;
      readonly answer: WorkerAnswers[keyof WorkerAnswers];
      readonly rssBytes: number;
    }
  | { readonly kind: 'failed'; readonly id: number; readonly error: unknown };

async function load(task: WorkerTask): Promise<LoadedEmbedder> {
  if ('create' in task) return createEmbedder(task.create);
  const { createWorkerEmbedder } = (await import(task.module)) as {
    createWorkerEmbedder: (options: unknown) => Promise<LoadedEmbedder>;
  };
  return createWorkerEmbedder(task.options);
}

async function serve(port: MessagePort, embedder: LoadedEmbedder): Promise<void> {
  const running = new Map<number, AbortController>();
  const reply = (message: WorkerReply, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
  const answers = {
    embed: async (texts: readonly string[], signal: AbortSignal) => {
      const { data } = await embedder.embed(texts, { signal });
      return { answer: data, transfer: [data.buffer as ArrayBuffer] };
    },
    // Token vectors may lie in memory of native code, which cannot be moved to another thread.
    embedTokens: async (texts: readonly string[], signal: AbortSignal) => ({
      answer: await embedder.embedTokens!(texts, { signal }),
      transfer: [],
    }),
  };
  const call = async (kind: keyof WorkerAnswers, id: number, texts: readonly string[]) => {
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const { answer, transfer } = await answers[kind](texts, controller.signal);
      reply({ kind: 'answer', id, answer, rssBytes: process.memoryUsage.rss() }, transfer);
    } catch (error) {
      reply({ kind: 'failed', id, error });
    } finally {
      running.delete(id);
    }
  };
  port.on('message', (request: WorkerRequest) => {
    if (request.kind === 'abort') running.get(request.id)?.abort();
    else if (request.kind === 'close') void embedder.dispose().then(() => port.close());
    else void call(request.kind, request.id, request.texts);
  });
  const { modelId, dimensions, fingerprint } = embedder;
  reply({ kind: 'ready', modelId, dimensions, fingerprint, givesTokens: embedder.embedTokens !== undefined });
}

async function main(port: MessagePort): Promise<void> {
  await serve(port, await load(workerData as WorkerTask));
}

// A fault in loading is left unhandled: it ends the worker and reaches the host as its error.
if (parentPort) void main(parentPort);
