import { readEntry, webAddress } from './feed-entry.js';
import { createLineCounter } from './line-index.js';
import { problemReading, type Reading } from './raw-article.js';

/**
 * Reads a JSON Feed.
 *
 * @yields as `parseXmlFeed`.
 * @see https://www.jsonfeed.org/version/1.1/
 */
export function parseJsonFeed(text: string, source: string, address?: string): Reading[] {
  const feed = asObject(parseJson(text));
  if (!feed || !Array.isArray(feed.items)) {
    return [problemReading({ source }, 'not a feed: the document is no JSON object with a list of items')];
  }
  const lineOf = createItemLines(text, feed.items.length);
  return feed.items.map((value, i) => {
    const origin = { source, line: lineOf(i) };
    const item = asObject(value);
    if (!item) return problemReading(origin, `item ${i + 1} is no object`);
    const html = asText(item.content_html);
    return readEntry(
      {
        id: asText(item.id),
        url: webAddress(asText(item.url), address) ?? webAddress(asText(item.id)),
        title: asText(item.title) ?? '',
        body: html ?? asText(item.content_text) ?? asText(item.summary) ?? '',
        kind: html === null ? 'text' : 'fragment',
        date: asText(item.date_published) ?? asText(item.date_modified),
        language: asText(item.language) ?? asText(feed.language),
        source: asText(asObject(item._source)?.title) ?? firstAuthor(item) ?? asText(feed.title),
      },
      origin,
    );
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The caller reports it with its source.
    return undefined;
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function asText(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
}

function firstAuthor(item: Readonly<Record<string, unknown>>): string | null {
  const authors = Array.isArray(item.authors) ? item.authors : [];
  return asText(asObject(authors[0])?.name);
}

/** Finds the line on which item `i` opens: the braces two levels deep inside `items`. */
function createItemLines(text: string, items: number): (i: number) => number {
  const offsets: number[] = [];
  let depth = 0;
  let start = text.search(/"items"\s*:\s*\[/);
  if (start < 0) start = 0;
  for (let i = start; i < text.length && offsets.length < items; i++) {
    const c = text[i];
    if (c === '"') i = endOfString(text, i);
    else if (c === '{' || c === '[') {
      if (c === '{' && depth === 1) offsets.push(i);
      depth++;
    } else if (c === '}' || c === ']') depth--;
  }
  const line = createLineCounter(text);
  const lines = offsets.map((offset) => line(offset + 1));
  return (i) => lines[i] ?? 1;
}

function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '"') return i;
  }
  return text.length;
}
