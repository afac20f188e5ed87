import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRemoteEmbedder, type RemoteEmbedderOptions, RemoteEmbeddingError } from './remote-embedder.js';
import { chunkText } from './text-chunks.js';

interface Sent {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: { model: string; input: string[] };
}

/** A server that answers by a function of the texts; the text's length decides the vector. */
function server(answer: (input: string[], call: number) => Response | Promise<Response> = ollama) {
  const sent: Sent[] = [];
  const fetch = (async (url: URL, init: RequestInit) => {
    init.signal?.throwIfAborted();
    const body = JSON.parse(init.body as string) as Sent['body'];
    sent.push({ url: String(url), headers: init.headers as Record<string, string>, body });
    return answer(body.input, sent.length);
  }) as typeof globalThis.fetch;
  return { sent, fetch };
}

const vectorOf = (text: string) => [text.length, 1];
const ollama = (input: string[]) => Response.json({ embeddings: input.map(vectorOf) });
const openai = (input: string[]) =>
  Response.json({ data: input.map((text, index) => ({ index, embedding: vectorOf(text) })).reverse() });

const make = (fetch: typeof globalThis.fetch, more: Partial<RemoteEmbedderOptions> = {}) =>
  createRemoteEmbedder({ api: 'ollama', url: 'http://host:1/', model: 'bge-m3', dimensions: 2, fetch, ...more });

describe('createRemoteEmbedder', () => {
  it('speaks the protocol of Ollama', async () => {
    const { sent, fetch } = server();
    const vectors = await make(fetch).embed(['abc', 'tea']);
    expect(sent).toHaveLength(1);
    expect(sent[0]!.url).toBe('http://host:1/api/embed');
    expect(sent[0]!.body).toEqual({ model: 'bge-m3', input: ['abc', 'tea'] });
    expect(vectors.data[0]).toBeCloseTo(3 / Math.sqrt(10), 6);
  });

  it('speaks the protocol of OpenAI, whatever the order of its vectors', async () => {
    const { sent, fetch } = server(openai);
    const vectors = await make(fetch, { api: 'openai', apiKey: 'key', headers: { 'x-team': 'a' } }).embed(['a', 'abc']);
    expect(sent[0]!.url).toBe('http://host:1/v1/embeddings');
    expect(sent[0]!.headers).toMatchObject({ authorization: 'Bearer key', 'x-team': 'a' });
    expect(vectors.data[2]! / vectors.data[3]!).toBeCloseTo(3, 5);
  });

  it('sends batches and keeps the order of the texts under concurrency', async () => {
    const { sent, fetch } = server();
    const texts = Array.from({ length: 10 }, (_, i) => 'x'.repeat(i + 1));
    const vectors = await make(fetch, { batchSize: 3, concurrency: 2 }).embed(texts);
    expect(sent.map(({ body }) => body.input.length).sort()).toEqual([1, 3, 3, 3]);
    texts.forEach((text, i) => {
      expect(vectors.data[2 * i]! / vectors.data[2 * i + 1]!).toBeCloseTo(text.length, 3);
    });
  });

  it('embeds the pieces of a long text and averages them by length', async () => {
    const { sent, fetch } = server((input) =>
      Response.json({ embeddings: input.map((t) => (t.length > 1 ? [9, 0] : [0, 1])) }),
    );
    const vectors = await make(fetch, { chunkCharacters: 3 }).embed(['aaab']);
    expect(sent[0]!.body.input).toEqual(['aaa', 'b']);
    expect(vectors.data[0]! / vectors.data[1]!).toBeCloseTo(3, 5);
  });

  it('does not send empty texts and gives them a row of zeros', async () => {
    const { sent, fetch } = server();
    expect([...(await make(fetch).embed(['', ' \n']))!.data]).toEqual([0, 0, 0, 0]);
    expect(sent).toHaveLength(0);
  });

  it('tries again when the transport fails, with growing pauses', async () => {
    const pauses: number[] = [];
    const wait = async (delayMs: number) => void pauses.push(delayMs);
    const { sent, fetch } = server((input, call) => {
      if (call < 3) throw new TypeError('fetch failed');
      return ollama(input);
    });
    expect((await make(fetch, { wait }).embed(['a'])).rows).toBe(1);
    expect(pauses).toEqual([1000, 2000]);
    expect(sent).toHaveLength(3);
  });

  it('gives up after the last attempt', async () => {
    const { sent, fetch } = server(() => {
      throw new TypeError('fetch failed');
    });
    const error = await make(fetch, { attempts: 2 })
      .embed(['a'])
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(RemoteEmbeddingError);
    expect(error).toMatchObject({ code: 'transport', message: 'http://host:1/api/embed could not be reached.' });
    expect((error as Error).cause).toBeInstanceOf(TypeError);
    expect(sent).toHaveLength(2);
  });

  it('never repeats what the server refused', async () => {
    for (const status of [400, 404, 429, 500, 503]) {
      const { sent, fetch } = server(() => new Response('input length\nexceeds context', { status }));
      await expect(make(fetch).embed(['a'])).rejects.toMatchObject({
        code: 'status',
        status,
        message: `http://host:1/api/embed answered ${status}: input length exceeds context`,
      });
      expect(sent).toHaveLength(1);
    }
  });

  it('refuses answers that are not the vectors asked for', async () => {
    const answers: [Response, RegExp][] = [
      [new Response('<html>'), /something that is not JSON/],
      [Response.json({ error: 'x' }), /no embeddings/],
      [Response.json(null), /no embeddings/],
      [Response.json({ embeddings: [] }), /0 embeddings for 1 texts/],
      [Response.json({ embeddings: [[1, 2, 3]] }), /a vector of 3 instead of 2 numbers/],
      [Response.json({ embeddings: ['x'] }), /a vector of string instead of 2 numbers/],
      [Response.json({ embeddings: [[1, null]] }), /something else than numbers/],
    ];
    for (const [answer, message] of answers) {
      const { sent, fetch } = server(() => answer);
      const failed = make(fetch).embed(['a']);
      await expect(failed).rejects.toThrow(message);
      await expect(failed).rejects.toMatchObject({ code: 'malformed' });
      expect(sent).toHaveLength(1);
    }
  });

  it('ends a slow request and does not repeat it', async () => {
    const timeoutSignal = () => AbortSignal.abort(new DOMException('late', 'TimeoutError'));
    const { fetch } = server();
    await expect(make(fetch, { timeoutSignal, timeoutMs: 50 }).embed(['a'])).rejects.toMatchObject({
      code: 'timeout',
      message: 'http://host:1/api/embed did not answer within 50 ms.',
    });
  });

  it('stops at an abort, also between attempts', async () => {
    const { sent, fetch } = server();
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(make(fetch).embed(['a'], { signal })).rejects.toThrow('enough');
    expect(sent).toHaveLength(0);
    const controller = new AbortController();
    const failing = server(() => {
      throw new TypeError('fetch failed');
    });
    const wait = async () => controller.abort(new Error('stop'));
    await expect(make(failing.fetch, { wait }).embed(['a'], { signal: controller.signal })).rejects.toThrow('stop');
    expect(failing.sent).toHaveLength(1);
  });

  it('names model and settings in its fingerprint and refuses bad options', () => {
    const { fetch } = server();
    expect(make(fetch).fingerprint).toBe('ollama:bge-m3:2:400');
    expect(() => make(fetch, { dimensions: 0 })).toThrow(/The dimensions option of createRemoteEmbedder/);
    expect(() => make(fetch, { concurrency: 0 })).toThrow(/The concurrency option of createRemoteEmbedder/);
    expect(() => make(fetch, { url: 'host' })).toThrow(/must be an address. Got "host"/);
    expect(() => make(fetch, { api: 'grpc' as never })).toThrow(/The api option/);
  });
});

describe('chunkText', () => {
  it('cuts at white space and inside words only when there is none', () => {
    expect(chunkText(' one two three ', 8)).toEqual(['one two', 'three']);
    expect(chunkText('abcdefgh', 3)).toEqual(['abc', 'def', 'gh']);
    expect(chunkText('😀😀😀', 3)).toEqual(['😀', '😀', '😀']);
    expect(chunkText(' \n', 5)).toEqual([]);
  });

  it('loses nothing but white space and keeps to the size', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.integer({ min: 2, max: 20 }), (text, size) => {
        const pieces = chunkText(text, size);
        expect(pieces.every((piece) => piece.length <= size && piece.trim() === piece && piece !== '')).toBe(true);
        expect(pieces.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
      }),
    );
  });
});
