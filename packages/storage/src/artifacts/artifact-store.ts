/**
 * Files of releases by relative path with `/`; the port that `@matome/two-tower` publishes to, in the same shape.
 *
 * @example
 * const empty: Pick<ArtifactStore, 'read'> = { read: async () => undefined };
 * await empty.read('v1/manifest.json') // => undefined
 */
export interface ArtifactStore {
  /** @returns the bytes, or undefined when there is no such file. */
  read(path: string, options?: { readonly signal?: AbortSignal }): Promise<Uint8Array | undefined>;
  /** Writes a whole file; a reader sees either what stood there before or all of it. */
  write(path: string, bytes: Uint8Array, options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Paths of the files that begin with a prefix, sorted; what lies behind links is not repeated. */
  list(prefix: string): Promise<string[]>;
  /** Makes a folder stand for another one from one moment to the next; stores that cannot leave it out. */
  link?(path: string, target: string): Promise<void>;
}

/** Splits a path, or refuses one that is empty, absolute or climbs. */
export function pathParts(path: string): readonly string[] {
  const parts = path.split('/');
  if (
    path.includes('\\') ||
    path.includes('\0') ||
    parts.some((part) => part === '' || part === '.' || part === '..')
  ) {
    throw new RangeError(
      `The path of an artefact must be relative, with "/", and stay inside. Got ${JSON.stringify(path)}.`,
    );
  }
  return parts;
}
