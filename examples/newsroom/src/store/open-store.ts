import { execFile } from 'node:child_process';
import { access, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { PGlite } from '@electric-sql/pglite';
import { createPostgresStorage, fromPglite, migrate, type Storage } from '@matome/storage';
import { lockFolder } from './lock-folder.js';

/** An open store. */
export interface OpenStore {
  readonly storage: Storage;
  close(): Promise<void>;
}

/** What {@link openStore} needs from outside. */
export interface OpenStoreOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told when a database is made, which takes a few seconds. */
  readonly onCreate?: (folder: string) => void;
}

/**
 * Opens the database in a folder, made if need be, for this process alone.
 *
 * @throws Error that names the process which has the folder open.
 */
export async function openStore(folder: string, options: OpenStoreOptions): Promise<OpenStore> {
  await mkdir(folder, { recursive: true });
  const release = await lockFolder(folder);
  try {
    const database = join(folder, 'database');
    if (!(await exists(database))) await createDatabase(folder, database, options);
    const pglite = await PGlite.create(database);
    const client = fromPglite(pglite);
    await migrate(client);
    return {
      storage: createPostgresStorage(client, { now: options.now }),
      async close() {
        await pglite.close();
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/**
 * Makes the database under another name and renames it when it is whole: a process that is killed meanwhile leaves
 * nothing that looks like a database. A process of its own does it, because it needs 600 MB that are never given back.
 */
async function createDatabase(folder: string, database: string, { onCreate }: OpenStoreOptions): Promise<void> {
  onCreate?.(folder);
  for (const name of await readdir(folder)) {
    if (name.startsWith('database.new-')) await rm(join(folder, name), { recursive: true });
  }
  const unfinished = resolve(folder, `database.new-${process.pid}`);
  const program =
    `import { PGlite } from ${JSON.stringify(import.meta.resolve('@electric-sql/pglite'))};` +
    'const database = await PGlite.create(process.argv[1]); await database.close();';
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program, unfinished]);
  await rename(unfinished, database);
}
