import type { EmbeddingBatch } from '@matome/two-tower';

/** Options of `createSupabaseClient`. */
export interface SupabaseOptions {
  readonly url: string;
  readonly serviceRoleKey: string;
  readonly fetch: typeof globalThis.fetch;
}

/** Reads tables and writes vectors through the REST interface of a Supabase project. */
export interface SupabaseClient {
  /** The rows of a table, page by page, ordered. */
  pages(
    table: string,
    options: { readonly order: string; readonly pageSize: number; readonly signal?: AbortSignal },
  ): AsyncIterable<readonly Record<string, unknown>[]>;
  /** Writes vectors; those that are there are replaced. */
  upsertEmbeddings(batch: EmbeddingBatch, signal?: AbortSignal): Promise<void>;
}

/** @throws Error with method, table, status and answer when a call is refused. */
export function createSupabaseClient({ url, serviceRoleKey, fetch }: SupabaseOptions): SupabaseClient {
  const root = `${url.replace(/\/+$/, '')}/rest/v1`;
  const headers = { apikey: serviceRoleKey, authorization: `Bearer ${serviceRoleKey}` };
  return {
    async *pages(table, { order, pageSize, signal }) {
      for (let offset = 0; ; offset += pageSize) {
        const address = `${root}/${table}?select=*&order=${encodeURIComponent(order)}`;
        const range = `${offset}-${offset + pageSize - 1}`;
        const response = await fetch(address, {
          headers: { ...headers, prefer: 'count=exact', range, 'range-unit': 'items' },
          ...(signal ? { signal } : {}),
        });
        // 416: the table ended exactly at the last page.
        if (response.status === 416) return;
        const rows = (await accepted(response, `GET ${table}`).then((answer) => answer.json())) as Record<
          string,
          unknown
        >[];
        if (rows.length > 0) yield rows;
        const total = Number(response.headers.get('content-range')?.split('/')[1]);
        if (
          rows.length < pageSize ||
          offset + rows.length >= (Number.isFinite(total) ? total : Number.POSITIVE_INFINITY)
        )
          return;
      }
    },
    async upsertEmbeddings({ ids, vectors }, signal) {
      const { data, cols } = vectors;
      const rows = ids.map((id, i) => ({
        video_id: id,
        embedding: Array.from(data.subarray(i * cols, (i + 1) * cols)),
      }));
      const response = await fetch(`${root}/video_embeddings`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json', prefer: 'resolution=merge-duplicates' },
        body: JSON.stringify(rows),
        ...(signal ? { signal } : {}),
      });
      await accepted(response, 'POST video_embeddings');
    },
  };
}

async function accepted(response: Response, what: string): Promise<Response> {
  if (response.status < 300) return response;
  throw new Error(`${what} was answered with ${response.status}: ${(await response.text()).slice(0, 300)}.`);
}

/** Options of `withRetries`. */
export interface RetryOptions {
  /** Calls in all. @default 4 */
  readonly attempts?: number;
  /** Longest wait before the second call; doubles with each further one. @default 500 */
  readonly baseDelayMs?: number;
  /** @default 60000 */
  readonly timeoutMs?: number;
  readonly sleep?: (ms: number) => Promise<void>;
  readonly random?: () => number;
}

/** A fetch that tries again after no answer, 408, 429 and 5xx. */
export function withRetries(fetch: typeof globalThis.fetch, options: RetryOptions = {}): typeof globalThis.fetch {
  const { attempts = 4, baseDelayMs = 500, timeoutMs = 60_000, random = Math.random } = options;
  const sleep = options.sleep ?? ((ms) => new Promise<void>((resolve) => setTimeout(resolve, ms)));
  return async (input, init = {}) => {
    for (let attempt = 1; ; attempt++) {
      const timeout = AbortSignal.timeout(timeoutMs);
      const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
      try {
        const response = await fetch(input, { ...init, signal });
        if (attempt >= attempts || !isPassing(response.status)) return response;
        await response.body?.cancel();
      } catch (error) {
        if (init.signal?.aborted || attempt >= attempts) throw error;
      }
      await sleep(random() * baseDelayMs * 2 ** (attempt - 1));
    }
  };
}

function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}
