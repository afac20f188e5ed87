import { mapConcurrent } from '../async/index.js';
import type { Matrix } from '../linalg/index.js';
import { checkInteger, checkOneOf } from '../options/index.js';
import type { Embedder } from './embedder.js';
import { chunkText } from './text-chunks.js';

/** What went wrong between us and an embedding server. */
export type RemoteEmbeddingCode = 'transport' | 'timeout' | 'status' | 'malformed';

/** Thrown when an embedding server cannot be reached, refuses, or answers nonsense. */
export class RemoteEmbeddingError extends Error {
  override readonly name = 'RemoteEmbeddingError';

  constructor(
    message: string,
    /** `transport`: no answer; `timeout`: too late; `status`: an HTTP error; `malformed`: not the vectors asked for. */
    readonly code: RemoteEmbeddingCode,
    /** HTTP status where there was one. */
    readonly status: number | undefined,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}

/** Options of `createRemoteEmbedder`. */
export interface RemoteEmbedderOptions {
  /** `ollama`: POST /api/embed; `openai`: POST /v1/embeddings, also spoken by vLLM, TEI and others. */
  readonly api: 'ollama' | 'openai';
  /** Address of the server without the path. */
  readonly url: string;
  readonly model: string;
  /** Width of the vectors; another width in an answer is refused. */
  readonly dimensions: number;
  readonly fetch: typeof globalThis.fetch;
  /** Sent as a bearer token. */
  readonly apiKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Longest piece sent; the pieces of a longer text are embedded apart and averaged by length. @default 400 */
  readonly chunkCharacters?: number;
  /** Pieces in one request. @default 64 */
  readonly batchSize?: number;
  /** Requests under way at a time. @default 1 */
  readonly concurrency?: number;
  /** Time for one answer. @default 120_000, as a server may have to load its model first */
  readonly timeoutMs?: number;
  /** Attempts at a request whose transport fails; errors of the server are never tried again. @default 3 */
  readonly attempts?: number;
  /** Waits before another attempt, e.g. a sleep. @default no pause */
  readonly wait?: (delayMs: number, signal: AbortSignal | undefined) => Promise<void>;
  /** Makes the signal that ends a slow request; given by tests. @default AbortSignal.timeout */
  readonly timeoutSignal?: (timeoutMs: number) => AbortSignal;
}

const paths = { ollama: '/api/embed', openai: '/v1/embeddings' } as const;

/**
 * An embedder that asks a server, with Ollama's or OpenAI's protocol.
 *
 * Pauses between attempts are 1 s, 2 s and so on, handed to `wait`. Empty texts are not sent: their row is zero.
 *
 * @throws RangeError if an option is out of range; `embed` throws RemoteEmbeddingError, or the signal's reason.
 * @see https://github.com/ollama/ollama/blob/main/docs/api.md
 * @see https://platform.openai.com/docs/api-reference/embeddings
 * @example
 * const fetch = async () => Response.json({ embeddings: [[3, 4]] });
 * const embedder = createRemoteEmbedder({ api: 'ollama', url: 'http://localhost:11434', model: 'bge-m3', dimensions: 2, fetch });
 * [...(await embedder.embed(['tea'])).data].map((v) => v.toFixed(1)) // => ['0.6', '0.8']
 */
export function createRemoteEmbedder(options: RemoteEmbedderOptions): Embedder {
  const { api, url, model, dimensions, chunkCharacters = 400, batchSize = 64, concurrency = 1 } = options;
  checkOneOf('createRemoteEmbedder', 'api', api, ['ollama', 'openai']);
  checkInteger('createRemoteEmbedder', 'dimensions', dimensions, { min: 1 });
  checkInteger('createRemoteEmbedder', 'chunkCharacters', chunkCharacters, { min: 1 });
  checkInteger('createRemoteEmbedder', 'batchSize', batchSize, { min: 1 });
  checkInteger('createRemoteEmbedder', 'concurrency', concurrency, { min: 1 });
  checkInteger('createRemoteEmbedder', 'timeoutMs', options.timeoutMs ?? 120_000, { min: 1 });
  checkInteger('createRemoteEmbedder', 'attempts', options.attempts ?? 3, { min: 1 });
  if (!URL.canParse(url))
    throw new RangeError(`The url option of createRemoteEmbedder must be an address. Got ${JSON.stringify(url)}.`);
  return {
    modelId: model,
    dimensions,
    fingerprint: `${api}:${model}:${dimensions}:${chunkCharacters}`,
    async embed(texts, { signal } = {}): Promise<Matrix> {
      signal?.throwIfAborted();
      const pieces = texts.flatMap((text, row) => chunkText(text, chunkCharacters).map((piece) => ({ row, piece })));
      const batches: (typeof pieces)[] = [];
      for (let at = 0; at < pieces.length; at += batchSize) batches.push(pieces.slice(at, at + batchSize));
      const data = new Float32Array(texts.length * dimensions);
      const ask = (batch: typeof pieces, batchSignal: AbortSignal) =>
        request(
          options,
          batch.map(({ piece }) => piece),
          batchSignal,
        );
      const answers = await mapConcurrent(batches, concurrency, ask, { signal });
      for (const [b, vectors] of answers.entries()) {
        for (const [i, vector] of vectors.entries()) {
          const { row, piece } = batches[b]![i]!;
          addUnit(data, row * dimensions, vector, piece.length);
        }
      }
      normalizeEach(data, dimensions);
      return { data, rows: texts.length, cols: dimensions };
    },
  };
}

/** Sends one request, again when the transport fails. */
async function request(
  options: RemoteEmbedderOptions,
  input: readonly string[],
  signal: AbortSignal,
): Promise<number[][]> {
  const { attempts = 3, wait } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return await requestOnce(options, input, signal);
    } catch (error) {
      signal.throwIfAborted();
      const again = error instanceof RemoteEmbeddingError && error.code === 'transport' && attempt < attempts;
      if (!again) throw error;
      await wait?.(1000 * attempt, signal);
      signal.throwIfAborted();
    }
  }
}

async function requestOnce(
  options: RemoteEmbedderOptions,
  input: readonly string[],
  signal: AbortSignal,
): Promise<number[][]> {
  const { api, url, model, apiKey, headers, timeoutMs = 120_000 } = options;
  const address = new URL(`${url.replace(/\/+$/, '')}${paths[api]}`);
  const timeout = (options.timeoutSignal ?? AbortSignal.timeout)(timeoutMs);
  const fault = (cause: unknown) =>
    timeout.aborted
      ? new RemoteEmbeddingError(`${address} did not answer within ${timeoutMs} ms.`, 'timeout', undefined, { cause })
      : new RemoteEmbeddingError(`${address} could not be reached.`, 'transport', undefined, { cause });
  let response: Response;
  let body: string;
  try {
    response = await options.fetch(address, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
        ...headers,
      },
      body: JSON.stringify({ model, input }),
      signal: AbortSignal.any([signal, timeout]),
    });
    body = await response.text();
  } catch (cause) {
    throw fault(cause);
  }
  if (!response.ok) {
    const reason = body.slice(0, 200).replace(/\s+/g, ' ').trim();
    throw new RemoteEmbeddingError(`${address} answered ${response.status}: ${reason}`, 'status', response.status);
  }
  return parseVectors(options, address.href, body, response.status, input.length);
}

function parseVectors(
  { api, dimensions }: RemoteEmbedderOptions,
  address: string,
  body: string,
  status: number,
  count: number,
): number[][] {
  const fail = (what: string, cause?: unknown) =>
    new RemoteEmbeddingError(`${address} answered with ${what}.`, 'malformed', status, { cause });
  let json: { embeddings?: unknown; data?: unknown };
  try {
    json = JSON.parse(body) as typeof json;
  } catch (cause) {
    throw fail('something that is not JSON', cause);
  }
  const vectors = api === 'ollama' ? json?.embeddings : inOrder(json?.data);
  if (!Array.isArray(vectors)) throw fail('no embeddings');
  if (vectors.length !== count) throw fail(`${vectors.length} embeddings for ${count} texts`);
  for (const vector of vectors as unknown[]) {
    if (!Array.isArray(vector) || vector.length !== dimensions) {
      throw fail(
        `a vector of ${Array.isArray(vector) ? vector.length : typeof vector} instead of ${dimensions} numbers`,
      );
    }
    if (!vector.every((value) => Number.isFinite(value))) throw fail('a vector that holds something else than numbers');
  }
  return vectors as number[][];
}

/** OpenAI numbers the vectors; their order in the list is not promised. */
function inOrder(data: unknown): unknown {
  if (!Array.isArray(data)) return undefined;
  const entries = data as { index?: number; embedding?: unknown }[];
  const vectors: unknown[] = [];
  entries.forEach((entry, i) => {
    vectors[entry?.index ?? i] = entry?.embedding;
  });
  return vectors;
}

function addUnit(out: Float32Array, at: number, vector: readonly number[], weight: number): void {
  const length = Math.hypot(...vector);
  if (length === 0) return;
  for (let j = 0; j < vector.length; j++) out[at + j] = out[at + j]! + (weight * vector[j]!) / length;
}

function normalizeEach(data: Float32Array, size: number): void {
  for (let start = 0; start < data.length; start += size) {
    let sum = 0;
    for (let j = start; j < start + size; j++) sum += data[j]! * data[j]!;
    const factor = sum === 0 ? 0 : 1 / Math.sqrt(sum);
    for (let j = start; j < start + size; j++) data[j] = data[j]! * factor;
  }
}
