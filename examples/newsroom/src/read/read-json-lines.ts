import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { uuidNamespaces, uuidV5 } from '@matome/primitives/hashing';
import { webAddress } from './feed-entry.js';
import { parseDate } from './parse-date.js';
import { articleReading, type Origin, problemReading, type Reading } from './raw-article.js';

/** Longest line read, in bytes. */
const maxLineBytes = 64_000_000;

/**
 * Reads JSON lines, gzipped ones as a stream: `{ id, title?, text | html, url?, language?, published_at?, source? }`.
 *
 * @yields an article or a problem for each line that is not blank.
 */
export async function* readJsonLines(path: string, source: string, signal?: AbortSignal): AsyncGenerator<Reading> {
  let line = 0;
  try {
    for await (const bytes of lines(path, signal)) {
      line++;
      yield* readLine(bytes, { source, line });
    }
  } catch (error) {
    signal?.throwIfAborted();
    yield problemReading({ source, line: line + 1 }, `cannot be read further: ${(error as Error).message}`);
  }
}

async function* lines(path: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path, { signal });
  const stream = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  // Without this a failing file would leave the unzipping stream waiting.
  if (stream !== file) file.on('error', (error) => stream.destroy(error));
  let parts: Uint8Array[] = [];
  let held = 0;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      parts.push(chunk.subarray(start, end));
      yield parts.length === 1 ? parts[0]! : Buffer.concat(parts);
      parts = [];
      held = 0;
      start = end + 1;
    }
    if (start === chunk.length) continue;
    parts.push(chunk.subarray(start));
    held += chunk.length - start;
    if (held > maxLineBytes) throw new Error(`a line is longer than ${maxLineBytes} bytes`);
  }
  if (parts.length > 0) yield Buffer.concat(parts);
}

const decoder = new TextDecoder('utf-8', { fatal: true });
const lenient = new TextDecoder('utf-8');

function* readLine(bytes: Uint8Array, origin: Origin): Generator<Reading> {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    text = lenient.decode(bytes);
    yield problemReading(origin, 'the line is not valid UTF-8; the bytes were replaced', 'repaired');
  }
  if (text.trim() === '') return;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    yield problemReading(origin, `the line is no JSON: ${(error as Error).message}`);
    return;
  }
  yield readRecord(value, origin);
}

function readRecord(value: unknown, origin: Origin): Reading {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return problemReading(origin, 'the line is no JSON object');
  }
  const record = value as Readonly<Record<string, unknown>>;
  const field = (...names: readonly string[]) => {
    for (const name of names) {
      const found = record[name];
      if (typeof found === 'string' && found.trim() !== '') return found;
      if (typeof found === 'number') return String(found);
    }
    return null;
  };
  const title = field('title', 'headline') ?? '';
  const html = field('html', 'content_html', 'fulltext_html');
  const body = field('text', 'body', 'content', 'content_text') ?? html;
  if (body === null) return problemReading(origin, `the article ${JSON.stringify(field('id') ?? title)} has no text`);
  const url = webAddress(field('url', 'link'));
  return articleReading({
    id: field('id') ?? url ?? uuidV5(`${title}\n${body}`, uuidNamespaces.url),
    title,
    body,
    kind: body === html ? (/<(?:html|body|!doctype)\b/i.test(body) ? 'page' : 'fragment') : 'text',
    url,
    source: field('source', 'feed', 'site'),
    publishedAt: parseDate(field('published_at', 'publishedAt', 'date')),
    language: field('language', 'lang'),
    origin,
  });
}
