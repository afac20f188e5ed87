import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactSource } from './artifact-store.js';

/**
 * Reads releases from a folder.
 *
 * @param folder - of a version, or `current`.
 * @example
 * await directorySource('/nowhere').read('manifest.json') // => undefined
 */
export function directorySource(folder: string): ArtifactSource {
  return {
    async read(path, options) {
      try {
        return await readFile(join(folder, path), options?.signal ? { signal: options.signal } : {});
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
  };
}

/** Options of `urlSource`. */
export interface UrlSourceOptions {
  /** @default the global fetch */
  readonly fetch?: typeof globalThis.fetch;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Reads releases over HTTP.
 *
 * @param base - address of the folder of a version, or of `current`.
 * @throws Error from `read` for an answer that is neither the file nor 404.
 * @example
 * const fetch = async (url) => new Response(url.endsWith('/a') ? 'x' : null, { status: url.endsWith('/a') ? 200 : 404 });
 * [...(await urlSource('https://example.org/v1', { fetch }).read('a'))] // => [120]
 */
export function urlSource(base: string, options: UrlSourceOptions = {}): ArtifactSource {
  const { fetch = globalThis.fetch, headers = {} } = options;
  const root = base.endsWith('/') ? base : `${base}/`;
  return {
    async read(path, { signal } = {}) {
      const url = new URL(path, root).href;
      const response = await fetch(url, { headers, ...(signal ? { signal } : {}) });
      if (response.status === 404) return undefined;
      if (!response.ok) throw new Error(`The artefact ${url} could not be read: the answer is ${response.status}.`);
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}
