import { createHash } from 'node:crypto';
import { ArtifactError } from './artifact-error.js';
import { type ArtifactFile, artifactNames } from './artifact-files.js';

/** A file as the manifest knows it. */
export interface ManifestEntry {
  readonly path: string;
  /** Hexadecimal. */
  readonly sha256: string;
  readonly size: number;
}

/** The content of `manifest.json`. */
export interface Manifest {
  readonly model_version: string;
  readonly generated_at: string;
  readonly commit_sha: string | null;
  /** Sorted by path; the manifest itself is never among them. */
  readonly files: readonly ManifestEntry[];
  readonly model_meta?: unknown;
  /** In `current/` only: the folder of the version, relative to the manifest. */
  readonly location?: string;
}

/** Options of `buildManifest`. */
export interface ManifestOptions {
  readonly version: string;
  readonly generatedAt: Date;
  /** @default null */
  readonly commitSha?: string | null;
  /** @default none */
  readonly modelMeta?: unknown;
}

/**
 * The SHA-256 of bytes in hexadecimal.
 *
 * @example
 * sha256(new Uint8Array(0)).slice(0, 8) // => 'e3b0c442'
 */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * The entry of a file.
 *
 * @example
 * manifestEntry({ path: 'a', bytes: new Uint8Array(2) }).size // => 2
 */
export function manifestEntry({ path, bytes }: ArtifactFile): ManifestEntry {
  return { path, sha256: sha256(bytes), size: bytes.byteLength };
}

/**
 * Lists files with sizes and SHA-256, sorted by path.
 *
 * @param entries - a `manifest.json` among them is left out.
 * @throws RangeError if there are no files, two of one path, a path that leaves the folder, or the version is no name.
 * @example
 * const generatedAt = new Date(0);
 * buildManifest([manifestEntry({ path: 'a', bytes: new Uint8Array(0) })], { version: 'v1', generatedAt }).files.length // => 1
 */
export function buildManifest(entries: readonly ManifestEntry[], options: ManifestOptions): Manifest {
  const { version, generatedAt, commitSha = null, modelMeta } = options;
  checkVersion('buildManifest', version);
  const files = entries
    .filter(({ path }) => path !== artifactNames.manifest)
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  if (files.length === 0) throw new RangeError('The files of buildManifest must not be none.');
  for (const [i, { path }] of files.entries()) {
    if (path === files[i + 1]?.path) throw new RangeError(`The files of buildManifest hold ${path} twice.`);
    if (!isInside(path)) throw new RangeError(`The path ${JSON.stringify(path)} of buildManifest leaves its folder.`);
  }
  return {
    model_version: version,
    generated_at: generatedAt.toISOString(),
    commit_sha: commitSha,
    files,
    ...(modelMeta === undefined ? {} : { model_meta: modelMeta }),
  };
}

/**
 * Checks the name of a version, which is one part of a path.
 *
 * @throws RangeError if it holds anything but letters, digits, '.', '_' and '-', or is 'current'.
 * @example
 * checkVersion('release', '20240102T030405Z-abcdef0') // => undefined
 */
export function checkVersion(caller: string, version: string): void {
  if (isVersion(version)) return;
  throw new RangeError(
    `The version option of ${caller} must be letters, digits, '.', '_' and '-', and not 'current'. Got ${JSON.stringify(version)}.`,
  );
}

function isVersion(version: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(version) && version !== 'current';
}

function isInside(path: string): boolean {
  return path !== '' && !path.startsWith('/') && !path.includes('\\') && !path.split('/').includes('..');
}

/** @throws ArtifactError (`MALFORMED`) if the value is no manifest. */
export function readManifest(json: unknown): Manifest {
  const manifest = (json ?? {}) as Partial<Manifest>;
  const entry = (file: Partial<ManifestEntry> | null): boolean =>
    typeof file?.path === 'string' &&
    isInside(file.path) &&
    typeof file.sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(file.sha256) &&
    Number.isInteger(file.size);
  if (typeof manifest.model_version !== 'string' || !Array.isArray(manifest.files) || !manifest.files.every(entry)) {
    throw new ArtifactError('MALFORMED', 'The manifest must hold model_version and files with path, sha256 and size.');
  }
  // Anything else could make a reader leave the place releases stand in.
  const place = isVersion(manifest.model_version) ? `../${manifest.model_version}` : undefined;
  if (manifest.location !== undefined && manifest.location !== place) {
    throw new ArtifactError('MALFORMED', 'The location of the manifest must be the folder of its version.');
  }
  return manifest as Manifest;
}

/**
 * Holds bytes against their entry.
 *
 * @throws ArtifactError (`CHECKSUM_MISMATCH`) if a byte differs.
 * @example
 * const entry = manifestEntry({ path: 'a', bytes: new Uint8Array(1) });
 * verifyFile(entry, new Uint8Array(1)) // => undefined
 */
export function verifyFile(entry: ManifestEntry, bytes: Uint8Array): void {
  if (bytes.byteLength !== entry.size) {
    throw new ArtifactError(
      'CHECKSUM_MISMATCH',
      `The artefact ${entry.path} must have ${entry.size} bytes. Got ${bytes.byteLength}.`,
    );
  }
  const got = sha256(bytes);
  if (got !== entry.sha256) {
    throw new ArtifactError(
      'CHECKSUM_MISMATCH',
      `The artefact ${entry.path} must have the SHA-256 ${entry.sha256}. Got ${got}.`,
    );
  }
}
