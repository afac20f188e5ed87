import { uuidNamespaces, uuidV5 } from '@matome/primitives/hashing';
import { parseDate } from './parse-date.js';
import { articleReading, type BodyKind, type Origin, problemReading, type Reading } from './raw-article.js';

/** What a feed says about one of its articles. */
export interface FeedEntry {
  readonly id: string | null;
  readonly url: string | null;
  readonly title: string;
  readonly body: string;
  readonly kind: BodyKind;
  readonly date: string | null;
  readonly language: string | null;
  readonly source: string | null;
}

/** Makes the reading of an entry: an article, or the problem that it has no text. */
export function readEntry(entry: FeedEntry, origin: Origin): Reading {
  const title = entry.title.trim();
  if (entry.body.trim() === '') {
    return problemReading(origin, `the entry ${JSON.stringify(title.slice(0, 80))} has no text`);
  }
  return articleReading({
    id: entry.url ?? entry.id ?? uuidV5(`${title}\n${entry.body}`, uuidNamespaces.url),
    title,
    body: entry.body,
    kind: entry.kind,
    url: entry.url,
    source: entry.source,
    publishedAt: parseDate(entry.date),
    language: entry.language,
    origin,
  });
}

/** Resolves a link against its base; `null` for what is no web address. */
export function webAddress(link: string | null | undefined, base?: string | null): string | null {
  if (!link?.trim()) return null;
  try {
    const url = new URL(link.trim(), base ?? undefined);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : null;
  } catch {
    // A link that cannot be resolved names no page.
    return null;
  }
}
