import { parentPort } from 'node:worker_threads';
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
  | { readonly kind: 'start'; readonly task: WorkerTask }
  | { readonly kind: keyof WorkerAnswers; readonly id: number; readonly texts: readonly string[] }
  | { readonly kind: 'abort'; readonly id: number }
  | { readonly kind: 'close' };

/** From the worker to the host. */
export type WorkerReply =
  | ({ readonly kind: 'ready' } & Identity)
  | { readonly kind: 'refused'; readonly error: unknown }
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

/** The way to the host. */
interface HostChannel {
  send(reply: WorkerReply, transfer?: ArrayBuffer[]): void;
  listen(listener: (request: WorkerRequest) => void): void;
  /** Lets the worker end once nothing is left to do. */
  close(): void;
}

function hostChannel(): HostChannel | undefined {
  const port = parentPort;
  if (port) {
    return {
      send: (reply, transfer = []) => port.postMessage(reply, transfer),
      listen: (listener) => port.on('message', listener),
      close: () => port.close(),
    };
  }
  if (!process.send) return undefined;
  return {
    send: (reply) => void (process.connected && process.send!(reply)),
    listen(listener) {
      process.on('message', listener);
      // Nobody waits for the calls under way once the host is gone.
      process.on('disconnect', () => listener({ kind: 'close' }));
    },
    close: () => process.connected && process.disconnect(),
  };
}

/** The error itself where it stays one when it is cloned, which not all errors of the runtime do; else one that says the same. */
function portable(error: unknown): unknown {
  if (staysError(error)) return error;
  const { name = 'Error', message = String(error) } = (error ?? {}) as Partial<Error>;
  return Object.assign(new Error(message), { name });
}

function staysError(error: unknown): boolean {
  try {
    return structuredClone(error) instanceof Error;
  } catch {
    // What cannot be cloned cannot be sent.
    return false;
  }
}

/** The embedder of a worker with the calls under way. */
class Service {
  private readonly running = new Map<number, AbortController>();

  constructor(
    private readonly host: HostChannel,
    private readonly embedder: LoadedEmbedder,
  ) {}

  async call(kind: keyof WorkerAnswers, id: number, texts: readonly string[]): Promise<void> {
    const controller = new AbortController();
    this.running.set(id, controller);
    try {
      const { answer, transfer } = await this[kind](texts, controller.signal);
      this.host.send({ kind: 'answer', id, answer, rssBytes: process.memoryUsage.rss() }, transfer);
    } catch (error) {
      this.host.send({ kind: 'failed', id, error: portable(error) });
    } finally {
      this.running.delete(id);
    }
  }

  abort(id: number): void {
    this.running.get(id)?.abort();
  }

  async close(): Promise<void> {
    for (const controller of this.running.values()) controller.abort();
    await this.embedder.dispose();
    this.host.close();
  }

  private async embed(texts: readonly string[], signal: AbortSignal) {
    const { data } = await this.embedder.embed(texts, { signal });
    return { answer: data, transfer: [data.buffer as ArrayBuffer] };
  }

  private async embedTokens(texts: readonly string[], signal: AbortSignal) {
    // Token vectors may lie in memory of native code, which cannot be moved to another thread.
    return { answer: await this.embedder.embedTokens!(texts, { signal }), transfer: [] };
  }
}

function serve(host: HostChannel): void {
  let service: Service | undefined;
  const start = async (task: WorkerTask) => {
    try {
      const embedder = await load(task);
      const { modelId, dimensions, fingerprint, embedTokens } = embedder;
      service = new Service(host, embedder);
      host.send({ kind: 'ready', modelId, dimensions, fingerprint, givesTokens: embedTokens !== undefined });
    } catch (error) {
      host.send({ kind: 'refused', error: portable(error) });
      host.close();
    }
  };
  host.listen((request) => {
    if (request.kind === 'start') void start(request.task);
    else if (request.kind === 'abort') service?.abort(request.id);
    else if (request.kind === 'close') void service?.close();
    else void service?.call(request.kind, request.id, request.texts);
  });
}

const host = hostChannel();
if (host) serve(host);
