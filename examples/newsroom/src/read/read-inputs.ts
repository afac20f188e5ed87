import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import type { HttpClient } from '@matome/host-kit';
import { listFiles, reasonOf } from './list-files.js';
import { problemReading, type Reading } from './raw-article.js';
import { readDocument } from './read-document.js';
import { readJsonLines } from './read-json-lines.js';

/** What readers need from outside. */
export interface ReadOptions {
  readonly http: Pick<HttpClient, 'get'>;
  readonly signal?: AbortSignal;
  /** Longest feed or page in bytes. @default 50_000_000 */
  readonly maxBytes?: number;
}

/** Tells web addresses from paths. */
export function isAddress(input: string): boolean {
  return /^https?:\/\//i.test(input);
}

/**
 * Reads files, folders and web addresses, in the order given.
 *
 * @yields every article and every problem; nothing that is wrong with one input keeps the others from being read.
 */
export async function* readInputs(inputs: readonly string[], options: ReadOptions): AsyncGenerator<Reading> {
  for (const input of inputs) {
    options.signal?.throwIfAborted();
    if (isAddress(input)) {
      yield* await readAddress(input, options);
      continue;
    }
    let files = 0;
    for await (const listed of listFiles(input)) {
      options.signal?.throwIfAborted();
      files++;
      if (listed.status === 'unreadable') yield problemReading({ source: listed.path }, listed.message);
      else yield* readFile(listed.path, options);
    }
    if (files === 0) yield problemReading({ source: input }, 'the folder holds no feeds, pages or JSON lines');
  }
}

async function readAddress(address: string, { http, signal }: ReadOptions): Promise<Reading[]> {
  try {
    const { bytes, contentType, url } = await http.get(address, { signal });
    return readDocument({ bytes, source: address, address: url, contentType });
  } catch (error) {
    signal?.throwIfAborted();
    return [problemReading({ source: address }, (error as Error).message)];
  }
}

async function* readFile(path: string, options: ReadOptions): AsyncGenerator<Reading> {
  if (/\.(?:jsonl|ndjson)(?:\.gz)?$/i.test(path)) {
    yield* readJsonLines(path, path, options.signal);
    return;
  }
  let bytes: Uint8Array;
  try {
    bytes = await readBounded(path, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    yield problemReading({ source: path }, reasonOf(error));
    return;
  }
  yield* readDocument({ bytes, source: path });
}

async function readBounded(path: string, { signal, maxBytes = 50_000_000 }: ReadOptions): Promise<Uint8Array> {
  const file = createReadStream(path, { signal });
  const stream = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  if (stream !== file) file.on('error', (error) => stream.destroy(error));
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`the file is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
