import { ArtifactError } from './artifact-error.js';
import { type ArtifactFile, artifactNames, jsonFile, parseJsonFile } from './artifact-files.js';
import { type ArtifactStore, readRequired, resolvePath } from './artifact-store.js';
import { checkVersion, type Manifest, readManifest, verifyFile } from './manifest.js';

/** Options of `publishRelease`. */
export interface PublishOptions {
  /** Where the versions stand. @default 'two-tower/v3' */
  readonly prefix?: string;
  /**
   * In a store that cannot switch a folder at once: copies the files into `current/`, for readers that take them from there
   * by name. They are replaced one after the other: readers that follow the manifest never see a mixture, others may.
   *
   * @default true
   */
  readonly copyToCurrent?: boolean;
  readonly signal?: AbortSignal;
  /** Called after each file. */
  readonly onFile?: (path: string) => void;
}

const defaultPrefix = 'two-tower/v3';

/**
 * Publishes a release: first every file of the version, each read back and compared, then its manifest, and last the one
 * file that decides which version is current. Killed at any moment, `current/manifest.json` names a complete version.
 *
 * @param manifest - of exactly the given files.
 * @throws ArtifactError if a file does not fit its entry, or comes back changed (`CHECKSUM_MISMATCH`), or the version
 * exists with other content (`SCHEMA_MISMATCH`).
 * @example
 * const store = createMemoryArtifactStore();
 * const files = [{ path: 'a.json', bytes: new Uint8Array([1]) }];
 * const manifest = buildManifest(files.map(manifestEntry), { version: 'v1', generatedAt: new Date(0) });
 * await publishRelease(store, files, manifest);
 * (await currentRelease(store)).model_version // => 'v1'
 */
export async function publishRelease(
  store: ArtifactStore,
  files: readonly ArtifactFile[],
  manifest: Manifest,
  options: PublishOptions = {},
): Promise<void> {
  const { prefix = defaultPrefix, signal, onFile } = options;
  const version = manifest.model_version;
  checkVersion('publishRelease', version);
  const byPath = new Map(files.map((file) => [file.path, file]));
  for (const entry of manifest.files) {
    const file = byPath.get(entry.path);
    if (!file) throw new ArtifactError('MISSING_FILE', `The artefact ${entry.path} of the manifest was not given.`);
    verifyFile(entry, file.bytes);
  }
  const folder = resolvePath(prefix, version);
  await refuseOtherContent(store, folder, manifest);
  for (const entry of manifest.files) {
    signal?.throwIfAborted();
    const path = resolvePath(folder, entry.path);
    await store.write(path, byPath.get(entry.path)!.bytes, signal ? { signal } : {});
    verifyFile(entry, await readRequired(store, path, signal));
    onFile?.(path);
  }
  const own = jsonFile(artifactNames.manifest, manifest);
  await store.write(resolvePath(folder, own.path), own.bytes, signal ? { signal } : {});
  await activateRelease(store, version, options);
}

/** A version is published once: running again finishes it, but never changes it. */
async function refuseOtherContent(store: ArtifactStore, folder: string, manifest: Manifest): Promise<void> {
  const bytes = await store.read(resolvePath(folder, artifactNames.manifest));
  if (!bytes) return;
  const there = readManifest(parseJsonFile(artifactNames.manifest, bytes));
  const list = ({ files }: Manifest) => JSON.stringify(files.map(manifestLine));
  if (list(there) === list(manifest)) return;
  throw new ArtifactError(
    'SCHEMA_MISMATCH',
    `The version ${manifest.model_version} is published already with other content. Publish under another version.`,
  );
}

function manifestLine({ path, sha256 }: { readonly path: string; readonly sha256: string }): string {
  return `${path} ${sha256}`;
}

/**
 * Makes a published version the current one: to go forward, or back.
 *
 * Every file of the version is read and compared first; the switch is one write.
 *
 * @throws ArtifactError if the version is not complete.
 * @example
 * const store = createMemoryArtifactStore();
 * const error = await activateRelease(store, 'v0').catch((e) => e.message);
 * error // => 'The artefact two-tower/v3/v0/manifest.json is missing.'
 */
export async function activateRelease(
  store: ArtifactStore,
  version: string,
  options: PublishOptions = {},
): Promise<Manifest> {
  const { prefix = defaultPrefix, copyToCurrent = true, signal } = options;
  checkVersion('activateRelease', version);
  const folder = resolvePath(prefix, version);
  const path = resolvePath(folder, artifactNames.manifest);
  const manifest = readManifest(parseJsonFile(path, await readRequired(store, path, signal)));
  for (const entry of manifest.files) {
    const bytes = await readRequired(store, resolvePath(folder, entry.path), signal);
    verifyFile(entry, bytes);
    if (!copyToCurrent || store.link) continue;
    await store.write(resolvePath(prefix, `current/${entry.path}`), bytes, signal ? { signal } : {});
  }
  if (store.link) {
    await store.link(resolvePath(prefix, 'current'), folder);
    return manifest;
  }
  const pointer = jsonFile(artifactNames.manifest, { ...manifest, location: `../${version}` });
  await store.write(resolvePath(prefix, `current/${pointer.path}`), pointer.bytes, signal ? { signal } : {});
  return manifest;
}

/**
 * The manifest of the current version, or undefined before the first release.
 *
 * @throws ArtifactError (`MALFORMED`) if it cannot be read.
 * @example
 * await currentRelease(createMemoryArtifactStore()) // => undefined
 */
export async function currentRelease(
  store: ArtifactStore,
  options: Pick<PublishOptions, 'prefix'> = {},
): Promise<Manifest | undefined> {
  const path = resolvePath(options.prefix ?? defaultPrefix, `current/${artifactNames.manifest}`);
  const bytes = await store.read(path);
  return bytes && readManifest(parseJsonFile(path, bytes));
}

/**
 * Versions that are complete enough to have a manifest, oldest name first.
 *
 * @example
 * await listReleases(createMemoryArtifactStore()) // => []
 */
export async function listReleases(
  store: ArtifactStore,
  options: Pick<PublishOptions, 'prefix'> = {},
): Promise<string[]> {
  const prefix = `${resolvePath(options.prefix ?? defaultPrefix, '')}/`;
  const manifests = (await store.list(prefix)).map((path) => path.slice(prefix.length).split('/'));
  return manifests
    .filter((parts) => parts.length === 2 && parts[1] === artifactNames.manifest && parts[0] !== 'current')
    .map(([version]) => version!);
}
