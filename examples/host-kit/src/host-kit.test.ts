import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  ConfigError,
  createHttpClient,
  createJsonLogger,
  createMetrics,
  HttpError,
  loadConfig,
  serve,
} from './index.js';

describe('loadConfig', () => {
  const schema = z.object({
    PORT: z.coerce.number().int().min(1).max(65535).default(8080),
    DB_PASSWORD: z.string(),
    LEVEL: z.enum(['debug', 'info']).default('info'),
  });
  it('reads a secret from the file that a variable names, without its last line end', () => {
    const config = loadConfig(schema, { DB_PASSWORD_FILE: '/secret' }, { readFile: (path) => `${path}!\n` });
    expect(config).toEqual({ PORT: 8080, LEVEL: 'info', DB_PASSWORD: '/secret!' });
  });
  it('names every problem in one message and repeats no value', () => {
    const env = { PORT: '99999', LEVEL: 'hunter2', DB_PASSWORD_FILE: '/gone' };
    const fail = () => {
      throw new Error('no such file');
    };
    expect(() => loadConfig(schema, env, { readFile: fail })).toThrow(ConfigError);
    try {
      loadConfig(schema, env, { readFile: fail });
    } catch (error) {
      const { message, problems } = error as ConfigError;
      expect(problems).toHaveLength(4);
      expect(message).toMatch(/DB_PASSWORD_FILE.*no such file[\s\S]*PORT[\s\S]*DB_PASSWORD[\s\S]*LEVEL/);
      expect(message).not.toContain('hunter2');
    }
  });
  it('leaves variables of other programs alone', () => {
    const fail = () => {
      throw new Error('must not be read');
    };
    expect(loadConfig(schema, { DB_PASSWORD: 'p', OTHER_FILE: '/gone' }, { readFile: fail }).DB_PASSWORD).toBe('p');
  });
  it('refuses a secret that is given twice', () => {
    const env = { DB_PASSWORD: 'a', DB_PASSWORD_FILE: '/b' };
    expect(() => loadConfig(schema, env, { readFile: () => 'b' })).toThrow('both set');
  });
});

describe('createJsonLogger', () => {
  it('writes one JSON line an event and leaves out what is below the level', () => {
    const lines: string[] = [];
    const log = createJsonLogger({
      service: 's',
      level: 'warn',
      destination: { write: (line) => void lines.push(line) },
    });
    log.info('quiet');
    log.warn('loud', { id: 7 });
    expect(lines).toHaveLength(1);
    const { time, ...line } = JSON.parse(lines[0]!);
    expect(line).toEqual({ level: 'warn', service: 's', id: 7, message: 'loud' });
    expect(new Date(time).toISOString()).toBe(time);
  });
});

describe('serve', () => {
  it('lets a request under way end, refuses new ones, then runs the last steps', async () => {
    let release: (text: string) => void = () => undefined;
    const held = new Promise<string>((resolve) => {
      release = resolve;
    });
    let arrived: () => void = () => undefined;
    const started = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const steps: string[] = [];
    const app = new Hono().get('/', async (c) => {
      arrived();
      return c.text(await held);
    });
    const abort = new AbortController();
    const onShutdown = async () => void steps.push('shutdown');
    const server = await serve(app, { port: 0, signal: abort.signal, onShutdown });
    const answer = fetch(server.url).then((response) => response.text());
    await started;
    abort.abort();
    release('late but whole');
    expect(await answer).toBe('late but whole');
    await server.closed;
    expect(steps).toEqual(['shutdown']);
    await expect(fetch(server.url)).rejects.toThrow();
  });
  it('rejects when the port is taken', async () => {
    const first = await serve(new Hono(), { port: 0 });
    const port = Number(new URL(first.url).port);
    await expect(serve(new Hono(), { port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await first.close();
  });
});

describe('createHttpClient', () => {
  const waits: number[] = [];
  const sleep = async (ms: number) => void waits.push(ms);

  it('tries an overloaded server again with growing waits, then gives up with its status', async () => {
    waits.length = 0;
    let calls = 0;
    const fetch = async () => {
      calls++;
      return new Response('', { status: 503, statusText: 'busy' });
    };
    const client = createHttpClient({ fetch, sleep, random: () => 1, attempts: 4, maxDelayMs: 900 });
    await expect(client.get('https://a.example/')).rejects.toMatchObject({ status: 503, message: /503 busy/ });
    expect(calls).toBe(4);
    expect(waits).toEqual([250, 500, 900]);
  });
  it('does not repeat what the server refuses', async () => {
    let calls = 0;
    const fetch = async () => {
      calls++;
      return new Response('', { status: 404 });
    };
    await expect(createHttpClient({ fetch, sleep }).get('https://a.example/')).rejects.toBeInstanceOf(HttpError);
    expect(calls).toBe(1);
  });
  it('gives the bytes of the first answer that comes', async () => {
    let calls = 0;
    const fetch = async () => {
      if (++calls < 3) throw new TypeError('fetch failed', { cause: new Error('connection refused') });
      return new Response(Uint8Array.of(1, 2), { headers: { 'content-type': 'text/x' } });
    };
    const answer = await createHttpClient({ fetch, sleep }).get('https://a.example/');
    expect([...answer.bytes]).toEqual([1, 2]);
    expect(answer.contentType).toBe('text/x');
  });
  it('stops reading a body that is too long', async () => {
    const client = createHttpClient({ fetch: async () => new Response('x'.repeat(100)), maxBytes: 99, sleep });
    await expect(client.get('https://a.example/')).rejects.toThrow('more than 99 bytes');
  });
  it('throws the reason of an aborted signal', async () => {
    const client = createHttpClient({ fetch: async () => new Response('', { status: 500 }), sleep });
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(client.get('https://a.example/', { signal })).rejects.toThrow('enough');
  });
});

describe('createMetrics', () => {
  it('renders counters and histograms under one prefix', async () => {
    const metrics = createMetrics('host');
    metrics.count('pages');
    metrics.count('pages');
    metrics.observe('stage', 0.2, { stage: 'read' });
    const text = await metrics.render();
    expect(text).toContain('host_pages_total 2');
    expect(text).toContain('host_stage_seconds_bucket{le="0.5",stage="read"} 1');
  });
});
