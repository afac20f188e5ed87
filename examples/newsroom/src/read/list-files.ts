import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

const readable = /\.(?:xml|rss|rdf|atom|json|jsonl|ndjson|jsonl\.gz|ndjson\.gz|html?|xhtml)$/i;

/** A file to read, or why a path cannot be. */
export type ListedFile =
  | { readonly status: 'file'; readonly path: string }
  | { readonly status: 'unreadable'; readonly path: string; readonly message: string };

/**
 * Lists the files that hold articles: the path itself, or all below it by name, in code unit order.
 *
 * Files with other names and hidden ones are left out; links are followed once.
 */
export async function* listFiles(path: string, seen: Set<string> = new Set()): AsyncGenerator<ListedFile> {
  try {
    const info = await stat(path);
    if (info.isFile()) {
      yield { status: 'file', path };
      return;
    }
    if (!info.isDirectory()) {
      yield { status: 'unreadable', path, message: 'neither a file nor a folder' };
      return;
    }
    const real = await realpath(path);
    if (seen.has(real)) return;
    seen.add(real);
  } catch (error) {
    yield { status: 'unreadable', path, message: reasonOf(error) };
    return;
  }
  for (const entry of (await readdir(path, { withFileTypes: true })).sort(byName)) {
    if (entry.name.startsWith('.') || (entry.isFile() && !readable.test(entry.name))) continue;
    yield* listFiles(join(path, entry.name), seen);
  }
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** Says in words why the system refused a file. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'no such file or folder';
  if (code === 'EACCES' || code === 'EPERM') return 'no permission to read it';
  return message;
}
