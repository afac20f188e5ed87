import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { type ArtifactStore, pathParts } from './artifact-store.js';

/** Options of {@link createFileArtifactStore}. */
export interface FileArtifactStoreOptions {
  /** Folder that holds everything; made when it is missing. */
  readonly root: string;
}

/** Names of files that are being written; never listed. */
const unfinished = /\.writing-[0-9a-f-]{36}$/;

/**
 * Keeps artefacts in a folder.
 *
 * A file is written beside its place, flushed to the disk and renamed, so that a stopped writer leaves no half file under a
 * name that readers use; a link is switched by a rename as well.
 *
 * @throws RangeError from every method for a path that leaves the folder.
 * @example
 * const store = createFileArtifactStore({ root: '/nowhere/artefacts' });
 * await store.read('v1/manifest.json') // => undefined
 * await store.list('v1/') // => []
 */
export function createFileArtifactStore({ root }: FileArtifactStoreOptions): Required<ArtifactStore> {
  const place = (path: string) => join(root, ...pathParts(path));
  return {
    async read(path, { signal } = {}) {
      try {
        return new Uint8Array(await readFile(place(path), signal ? { signal } : {}));
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    async write(path, bytes, { signal } = {}) {
      const target = place(path);
      await mkdir(dirname(target), { recursive: true });
      await replacing(target, async (beside) => {
        const file = await open(beside, 'wx');
        try {
          await file.writeFile(bytes, signal ? { signal } : {});
          await file.sync();
        } finally {
          await file.close();
        }
      });
    },
    async list(prefix) {
      const names = await readdir(root, { recursive: true, withFileTypes: true }).catch((error) => {
        if (isMissing(error)) return [];
        throw error;
      });
      return names
        .filter((entry) => entry.isFile() && !unfinished.test(entry.name))
        .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
        .filter((path) => path.startsWith(prefix))
        .sort();
    },
    async link(path, target) {
      const from = place(path);
      await mkdir(dirname(from), { recursive: true });
      const goal = relative(dirname(from), place(target));
      await replacing(from, (beside) => symlink(goal, beside, 'dir'));
    },
  };
}

async function replacing(target: string, make: (beside: string) => Promise<void>): Promise<void> {
  const beside = `${target}.writing-${randomUUID()}`;
  try {
    await make(beside);
    await rename(beside, target);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR';
}
