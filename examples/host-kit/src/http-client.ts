/** The part of the global `fetch` that {@link createHttpClient} uses. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** An answer that is no success, or none at all. */
export class HttpError extends Error {
  override readonly name = 'HttpError';

  constructor(
    message: string,
    readonly url: string,
    /** The status of the answer; 0 when there was none. */
    readonly status: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Options of {@link createHttpClient}. */
export interface HttpClientOptions {
  /** @default the global fetch */
  readonly fetch?: Fetch;
  /** Calls in all, the first included. @default 3 */
  readonly attempts?: number;
  /** Longest wait before the second call in milliseconds; doubles with each further call. @default 250 */
  readonly baseDelayMs?: number;
  /** @default 10000 */
  readonly maxDelayMs?: number;
  /** Time for one call in milliseconds. @default 30000 */
  readonly timeoutMs?: number;
  /** Longest body in bytes. @default 50_000_000 */
  readonly maxBytes?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Chooses the wait inside its bound ("full jitter"), in [0, 1). @default Math.random */
  readonly random?: () => number;
  /** Waits; ends early when the signal aborts. @default a timer */
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** What came back. */
export interface HttpAnswer {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** Address after redirects. */
  readonly url: string;
}

/** Fetches with retries, bounds and one kind of error. */
export interface HttpClient {
  /** @throws HttpError; the reason of the signal when aborted. */
  get(url: string, options?: { readonly signal?: AbortSignal }): Promise<HttpAnswer>;
  postJson(url: string, body: unknown, options?: { readonly signal?: AbortSignal }): Promise<unknown>;
}

const retryable = (status: number) => status === 0 || status === 408 || status === 429 || status >= 500;

/**
 * Makes an HTTP client: timeouts, no answer, 408, 429 and 5xx are tried again with growing random waits.
 *
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 * @example
 * const client = createHttpClient({ fetch: async () => new Response('[1]') });
 * await client.postJson('https://a.example/', {}) // => [1]
 */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  const { attempts = 3, baseDelayMs = 250, maxDelayMs = 10_000, random = Math.random, sleep = timerSleep } = options;
  const send = async (url: string, init: RequestInit, signal?: AbortSignal): Promise<HttpAnswer> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(url, init, options, signal);
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof HttpError) || !retryable(error.status) || attempt >= attempts) throw error;
        await sleep(random() * Math.min(maxDelayMs, baseDelayMs * 2 ** (attempt - 1)), signal);
      }
    }
  };
  return {
    get: (url, { signal } = {}) => send(url, {}, signal),
    async postJson(url, body, { signal } = {}) {
      const headers = { 'content-type': 'application/json' };
      const answer = await send(url, { method: 'POST', body: JSON.stringify(body), headers }, signal);
      return JSON.parse(new TextDecoder().decode(answer.bytes));
    },
  };
}

async function once(url: string, init: RequestInit, options: HttpClientOptions, signal?: AbortSignal) {
  const { fetch = globalThis.fetch, timeoutMs = 30_000, maxBytes = 50_000_000, headers } = options;
  const timeout = AbortSignal.timeout(timeoutMs);
  const response = await fetch(url, {
    ...init,
    headers: { ...headers, ...(init.headers as Record<string, string> | undefined) },
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
  }).catch((error: Error) => {
    signal?.throwIfAborted();
    throw new HttpError(`${url} gave no answer: ${causeOf(error)}`, url, 0, { cause: error });
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new HttpError(`${url} answered ${response.status} ${response.statusText}`.trim(), url, response.status);
  }
  const bytes = await readBounded(response, url, maxBytes);
  return { bytes, contentType: response.headers.get('content-type') ?? '', url: response.url || url };
}

async function readBounded(response: Response, url: string, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > maxBytes) throw new HttpError(`${url} sent more than ${maxBytes} bytes`, url, response.status);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function causeOf(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function timerSleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', abort, { once: true });
  });
}
