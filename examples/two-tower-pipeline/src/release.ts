import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import {
  type ArtifactFile,
  artifactNames,
  buildManifest,
  type EmbeddingBatch,
  type Manifest,
  type ManifestEntry,
  writeEmbeddingsParquet,
} from '@matome/two-tower';
import { writeWhole } from './train-model.js';

/** Takes an old manifest away: from here on the folder is no release until a new one stands there. */
export async function beginRelease(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await rm(join(folder, artifactNames.manifest), { force: true });
}

/** Writes the files that serve a model. */
export async function writeArtifacts(folder: string, files: readonly ArtifactFile[]): Promise<void> {
  for (const { path, bytes } of files) await writeWhole(join(folder, path), bytes);
}

/** Writes the vectors of the items, holding one batch in memory. @returns how many rows were written. */
export async function writeEmbeddings(
  path: string,
  batches: AsyncIterable<EmbeddingBatch>,
  dim: number,
): Promise<number> {
  await mkdir(join(path, '..'), { recursive: true });
  const aside = `${path}.${process.pid}.tmp`;
  const file = await open(aside, 'w');
  try {
    const rows = await writeEmbeddingsParquet(
      async (bytes) => {
        await file.write(bytes);
      },
      batches,
      dim,
    );
    await file.sync();
    await file.close();
    await rename(aside, path);
    return rows;
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(aside, { force: true });
    throw error;
  }
}

/** Options of `finishRelease`. */
export interface FinishOptions {
  readonly version: (contentSha256: string) => string;
  readonly generatedAt: Date;
  readonly commitSha: string | null;
}

/** Lists all files of the folder with their hashes and writes the manifest, last of all. */
export async function finishRelease(folder: string, options: FinishOptions): Promise<Manifest> {
  const entries: ManifestEntry[] = [];
  for (const path of await filesBelow(folder)) {
    const full = join(folder, path);
    entries.push({ path, sha256: await hashFile(full), size: (await stat(full)).size });
  }
  entries.sort((a, b) => (a.path < b.path ? -1 : 1));
  const content = createHash('sha256').update(JSON.stringify(entries)).digest('hex');
  const meta = await readFile(join(folder, artifactNames.meta), 'utf8').catch(() => undefined);
  const manifest = buildManifest(entries, {
    version: options.version(content),
    generatedAt: options.generatedAt,
    commitSha: options.commitSha,
    ...(meta === undefined ? {} : { modelMeta: JSON.parse(meta) as unknown }),
  });
  await writeWhole(
    join(folder, artifactNames.manifest),
    new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`),
  );
  return manifest;
}

/** Reads the files of a manifest back, for publishing. */
export async function readRelease(folder: string, manifest: Manifest): Promise<ArtifactFile[]> {
  const files: ArtifactFile[] = [];
  for (const { path } of manifest.files)
    files.push({ path, bytes: new Uint8Array(await readFile(join(folder, path))) });
  return files;
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.tmp') && entry.name !== artifactNames.manifest)
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

/** `20240102T030405Z-abcdef0`: the moment, and the commit or the content. */
export function releaseVersion(at: Date, sha: string): string {
  return `${at.toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '')}-${sha.slice(0, 7)}`;
}
