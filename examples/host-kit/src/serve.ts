import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve as listen, type ServerType } from '@hono/node-server';
import type { Hono } from 'hono';

/** Options of {@link serve}. */
export interface ServeOptions {
  /** 0 lets the system choose a free port. */
  readonly port: number;
  /** @default '127.0.0.1' */
  readonly hostname?: string;
  /** Stops the server when aborted. */
  readonly signal?: AbortSignal;
  /** Runs after the last request, before `closed` resolves. */
  readonly onShutdown?: () => Promise<void>;
  /** Time in milliseconds that requests under way get to end. @default 5000 */
  readonly graceMs?: number;
}

/** A listening server. */
export interface RunningServer {
  /** Address with the port that was taken, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Stops listening, lets requests under way end, runs `onShutdown`. */
  close(): Promise<void>;
  /** Resolves when the server has stopped. */
  readonly closed: Promise<void>;
}

/**
 * Serves an app over HTTP until it is closed or the signal aborts.
 *
 * @throws the system's error when the port is taken.
 * @example
 * import { Hono } from 'hono';
 * const server = await serve(new Hono().get('/', (c) => c.text('hello')), { port: 0 });
 * const text = await (await fetch(server.url)).text();
 * await server.close();
 * text // => 'hello'
 */
export async function serve(app: Pick<Hono, 'fetch'>, options: ServeOptions): Promise<RunningServer> {
  const { port, hostname = '127.0.0.1', signal, onShutdown, graceMs = 5000 } = options;
  signal?.throwIfAborted();
  const server = listen({ fetch: app.fetch, port, hostname });
  const url = await new Promise<string>((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      const address = server.address() as AddressInfo;
      resolve(`http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`);
    });
  });
  let finished: Promise<void> | undefined;
  let announce: (value: Promise<void>) => void = () => undefined;
  const closed = new Promise<void>((resolve) => {
    announce = resolve;
  });
  const close = () => {
    finished ??= stop(server, graceMs).then(() => onShutdown?.());
    announce(finished);
    return finished;
  };
  signal?.addEventListener('abort', () => void close(), { once: true });
  return { url, close, closed };
}

function stop(server: ServerType, graceMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const sockets = server as Partial<Pick<Server, 'closeAllConnections' | 'closeIdleConnections'>>;
    // A kept-alive connection turns idle when its last answer is out, which no event tells.
    const sweep = setInterval(() => sockets.closeIdleConnections?.(), 50);
    const timer = setTimeout(() => sockets.closeAllConnections?.(), graceMs);
    server.close((error) => {
      clearInterval(sweep);
      clearTimeout(timer);
      if (error) reject(error);
      else resolve();
    });
    sockets.closeIdleConnections?.();
  });
}
