import { charsetOf, decodeText } from './decode-text.js';
import { webAddress } from './feed-entry.js';
import { parseJsonFeed } from './parse-json-feed.js';
import { parseXmlFeed } from './parse-xml-feed.js';
import { articleReading, problemReading, type Reading } from './raw-article.js';

/** A document as it came from a disk or a server. */
export interface SourceDocument {
  readonly bytes: Uint8Array;
  /** Path as given, or address; names the document in messages. */
  readonly source: string;
  /** Web address, when it has one. */
  readonly address?: string;
  /** The header of a server. @default '' */
  readonly contentType?: string;
}

/** Reads a feed or a page, told apart by content. */
export function readDocument({ bytes, source, address, contentType = '' }: SourceDocument): Reading[] {
  const { text, encoding, replaced } = decodeText(bytes, charsetOf(contentType));
  if (text.trim() === '') return [problemReading({ source }, 'the file is empty')];
  const readings = parse(text, source, address);
  if (replaced === 0) return readings;
  const bad = replaced === 1 ? '1 place is' : `${replaced} places are`;
  const message = `${bad} not valid ${encoding === 'utf-8' ? 'UTF-8' : encoding} and were replaced`;
  return [problemReading({ source }, message, 'repaired'), ...readings];
}

function parse(text: string, source: string, address: string | undefined): Reading[] {
  const start = text.slice(0, 4000).replace(/^\ufeff?\s*/, '');
  if (start.startsWith('{') || start.startsWith('[')) return parseJsonFeed(text, source, address);
  const isPage = /<(?:!doctype\s+html|html|head|body)\b/i.test(start) || /\.x?html?$/i.test(source);
  const isFeed = /<(?:rss|rdf:RDF|feed|channel)[\s>]/i.test(start) || /\.(?:xml|rss|rdf|atom)$/i.test(source);
  if (isFeed && !(isPage && !/<(?:rss|rdf:RDF|feed)[\s>]/i.test(start))) return parseXmlFeed(text, source, address);
  if (isPage || /<\w+[^>]*>/.test(start)) return [readPage(text, source, address)];
  return [problemReading({ source }, 'neither a feed nor a page')];
}

function readPage(text: string, source: string, address: string | undefined): Reading {
  const url = address ?? canonicalAddress(text);
  return articleReading({
    id: url ?? source,
    title: '',
    body: text,
    kind: 'page',
    url,
    source: null,
    publishedAt: null,
    language: /<html[^>]{0,300}?\slang\s*=\s*["']?([\w-]+)/i.exec(text.slice(0, 20_000))?.[1] ?? null,
    origin: { source },
  });
}

/** The address that a saved page gives itself. */
function canonicalAddress(text: string): string | null {
  const head = text.slice(0, 200_000);
  for (const [tag] of head.matchAll(/<(?:link|meta)\b[^>]{0,2000}>/gi)) {
    const isCanonical = /rel\s*=\s*["']?canonical\b/i.test(tag) || /property\s*=\s*["']?og:url\b/i.test(tag);
    const link = isCanonical ? /(?:href|content)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/i.exec(tag) : null;
    const address = webAddress(link?.[1] ?? link?.[2] ?? link?.[3]);
    if (address) return address;
  }
  return null;
}
