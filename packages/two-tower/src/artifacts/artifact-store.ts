import { ArtifactError } from './artifact-error.js';

/** A place releases are read from, by relative path with `/`. */
export interface ArtifactSource {
  /** @returns the bytes, or undefined when there is no such file. */
  read(path: string, options?: { readonly signal?: AbortSignal }): Promise<Uint8Array | undefined>;
}

/** A place releases are written to. */
export interface ArtifactStore extends ArtifactSource {
  /** Writes a whole file; a reader sees either what stood there before or all of it. */
  write(path: string, bytes: Uint8Array, options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Paths of the files that begin with a prefix, sorted. */
  list(prefix: string): Promise<string[]>;
  /**
   * Makes a folder stand for another one from one moment to the next; stores that cannot leave it out.
   *
   * @param path - the name to switch.
   * @param target - an existing folder beside it.
   */
  link?(path: string, target: string): Promise<void>;
}

/**
 * A store that keeps everything in memory.
 *
 * @example
 * const store = createMemoryArtifactStore();
 * await store.write('a/b', new Uint8Array([1]));
 * await store.list('a/') // => ['a/b']
 */
export function createMemoryArtifactStore(): ArtifactStore {
  const files = new Map<string, Uint8Array>();
  const links = new Map<string, string>();
  const followed = (path: string) => {
    const link = [...links].find(([name]) => path.startsWith(`${name}/`));
    return link ? `${link[1]}${path.slice(link[0].length)}` : path;
  };
  return {
    read: async (path) => copyOf(files.get(followed(path))),
    write: async (path, bytes) => void files.set(followed(path), new Uint8Array(bytes)),
    list: async (prefix) => [...files.keys()].filter((path) => path.startsWith(prefix)).sort(),
    link: async (path, target) => void links.set(path, target),
  };
}

function copyOf(bytes: Uint8Array | undefined): Uint8Array | undefined {
  return bytes && new Uint8Array(bytes);
}

/**
 * A part of a source, seen as a source of its own.
 *
 * @example
 * const store = createMemoryArtifactStore();
 * await store.write('v1/a', new Uint8Array([7]));
 * [...(await sourceBelow(store, 'v1').read('a'))] // => [7]
 */
export function sourceBelow(source: ArtifactSource, prefix: string): ArtifactSource {
  return { read: (path, options) => source.read(resolvePath(prefix, path), options) };
}

/** Joins two paths; `..` climbs. */
export function resolvePath(base: string, path: string): string {
  const parts: string[] = [];
  for (const part of `${base}/${path}`.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
}

/**
 * Reads a file that has to be there.
 *
 * @throws ArtifactError (`MISSING_FILE`).
 */
export async function readRequired(source: ArtifactSource, path: string, signal?: AbortSignal): Promise<Uint8Array> {
  const bytes = await source.read(path, signal ? { signal } : {});
  if (!bytes) throw new ArtifactError('MISSING_FILE', `The artefact ${path} is missing.`);
  return bytes;
}
