import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type CreateEmbedderOptions, createEmbedder } from './create-embedder.js';
import type { LoadedEmbedder } from './embedder.js';

/** What a worker is started with: a model by name or folder, or a module that makes an embedder. */
export type WorkerTask =
  | { readonly create: CreateEmbedderOptions }
  | { readonly module: string; readonly options: unknown };

/** From the host to the worker. */
export type WorkerRequest =
  | { readonly kind: 'embed'; readonly id: number; readonly texts: readonly string[] }
  | { readonly kind: 'abort'; readonly id: number }
  | { readonly kind: 'close' };

/** From the worker to the host. */
export type WorkerReply =
  | { readonly kind: 'ready'; readonly modelId: string; readonly dimensions: number; readonly fingerprint: string }
  | { readonly kind: 'vectors'; readonly id: number; readonly data: Float32Array; readonly rssBytes: number }
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
  const embed = async (id: number, texts: readonly string[]) => {
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const { data } = await embedder.embed(texts, { signal: controller.signal });
      reply({ kind: 'vectors', id, data, rssBytes: process.memoryUsage.rss() }, [data.buffer as ArrayBuffer]);
    } catch (error) {
      reply({ kind: 'failed', id, error });
    } finally {
      running.delete(id);
    }
  };
  port.on('message', (request: WorkerRequest) => {
    if (request.kind === 'embed') void embed(request.id, request.texts);
    else if (request.kind === 'abort') running.get(request.id)?.abort();
    else void embedder.dispose().then(() => port.close());
  });
  const { modelId, dimensions, fingerprint } = embedder;
  reply({ kind: 'ready', modelId, dimensions, fingerprint });
}

async function main(port: MessagePort): Promise<void> {
  await serve(port, await load(workerData as WorkerTask));
}

// A fault in loading is left unhandled: it ends the worker and reaches the host as its error.
if (parentPort) void main(parentPort);
