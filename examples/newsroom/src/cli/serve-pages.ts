import { createMetrics, type RunningServer, serve } from '@matome/host-kit';
import { loadTaxonomy } from '@matome/recap-core';
import type { Storage } from '@matome/storage';
import { createApp } from '../page/app.js';
import { genreLooks } from '../page/genre-look.js';
import type { CommandEnvironment } from './environment.js';

/** Where the pages are served. */
export interface ServeRequest {
  readonly port: number;
  readonly hostname: string;
  /** Takes another port when this one is taken. */
  readonly anyPort: boolean;
}

/** Serves the pages until Ctrl-C. */
export async function servePages(
  storage: Storage,
  request: ServeRequest,
  { stdout, signal }: CommandEnvironment,
): Promise<void> {
  const look = genreLooks(await loadTaxonomy());
  const app = createApp({ storage, look, metrics: createMetrics('newsroom') });
  const server = await listen(app, request, signal);
  stdout.write(`Serving the recap at ${server.url}/ (Ctrl-C stops)\n`);
  await server.closed;
}

async function listen(
  app: ReturnType<typeof createApp>,
  { port, hostname, anyPort }: ServeRequest,
  signal: AbortSignal,
): Promise<RunningServer> {
  try {
    return await serve(app, { port, hostname, signal });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    if (!anyPort) throw new Error(`Port ${port} is taken. Choose another with --port, or 0 for any.`, { cause: error });
    return serve(app, { port: 0, hostname, signal });
  }
}
