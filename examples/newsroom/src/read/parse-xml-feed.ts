import { Parser } from 'htmlparser2';
import { type FeedEntry, readEntry, webAddress } from './feed-entry.js';
import { createLineCounter } from './line-index.js';
import { type BodyKind, problemReading, type Reading } from './raw-article.js';

/** Elements whose content is a body, the better the higher. */
const bodyRanks: Readonly<Record<string, number>> = {
  'content:encoded': 4,
  content: 3,
  description: 2,
  summary: 1,
};
const dateRanks: Readonly<Record<string, number>> = { pubdate: 4, published: 4, 'dc:date': 3, issued: 3, updated: 2 };

interface OpenElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Offset behind the opening tag. */
  readonly contentStart: number;
  text: string;
}

interface OpenEntry {
  readonly start: number;
  readonly depth: number;
  title: string;
  links: string[];
  id: string | null;
  body: string;
  bodyRank: number;
  kind: BodyKind;
  date: string | null;
  dateRank: number;
  source: string | null;
  language: string | null;
}

/**
 * Reads RSS 0.9x, 1.0 and 2.0 and Atom, broken ones as far as they go.
 *
 * @param address - of the feed, for relative links.
 * @yields an article for each entry with text, a problem for each one without; one problem if the document is no feed.
 * @see https://www.rssboard.org/rss-specification, https://web.resource.org/rss/1.0/spec, RFC 4287
 */
export function parseXmlFeed(text: string, source: string, address?: string): Reading[] {
  const reader = new FeedReader(text, source, address);
  const parser = new Parser(
    {
      onopentag: (name, attributes) => reader.open(name, attributes, parser.startIndex, parser.endIndex + 1),
      ontext: (data) => reader.text(data),
      onclosetag: (name) => reader.close(name, parser.startIndex),
    },
    { xmlMode: true, decodeEntities: true },
  );
  parser.end(text);
  return reader.finish();
}

class FeedReader {
  readonly #readings: Reading[] = [];
  readonly #open: OpenElement[] = [];
  readonly #line: (offset: number) => number;
  #root: string | undefined;
  #entry: OpenEntry | undefined;
  #feedTitle: string | null = null;
  #feedLanguage: string | null = null;
  #base: string | undefined;

  constructor(
    readonly document: string,
    readonly source: string,
    address?: string,
  ) {
    this.#line = createLineCounter(document);
    this.#base = address;
  }

  open(rawName: string, attributes: Readonly<Record<string, string>>, start: number, contentStart: number): void {
    const name = localName(rawName);
    if (this.#root === undefined) {
      this.#root = name;
      this.#feedLanguage = attributes['xml:lang'] ?? null;
      this.#base = webAddress(attributes['xml:base'], this.#base) ?? this.#base;
    }
    this.#open.push({ name, attributes, contentStart, text: '' });
    if (!this.#entry && isFeedRoot(this.#root) && (name === 'item' || name === 'entry')) {
      this.#entry = newEntry(start, this.#open.length, attributes);
    } else if (this.#entry && name === 'link' && attributes.href && isAlternate(attributes)) {
      this.#entry.links.push(attributes.href);
    }
  }

  text(data: string): void {
    const top = this.#open.at(-1);
    if (top) top.text += data;
  }

  close(rawName: string, end: number): void {
    const name = localName(rawName);
    const element = this.#open.at(-1);
    if (element?.name !== name) return;
    this.#open.pop();
    const entry = this.#entry;
    if (!entry) this.#closeFeedPart(element);
    else if (this.#open.length === entry.depth) this.#closeEntryPart(entry, element, end);
    else if (this.#open.length < entry.depth) this.#closeEntry(entry);
    else if (name === 'title' && this.#open.at(-1)?.name === 'source') entry.source = element.text.trim() || null;
  }

  finish(): Reading[] {
    // A feed that was cut off ends inside its last entry.
    if (this.#entry) this.#closeEntry(this.#entry);
    if (isFeedRoot(this.#root)) return this.#readings;
    const found = this.#root === undefined ? 'it holds no element' : `its root element is <${this.#root}>`;
    return [problemReading({ source: this.source }, `not a feed: ${found}`)];
  }

  #closeFeedPart({ name, text }: OpenElement): void {
    const parent = this.#open.at(-1)?.name;
    if (parent !== 'channel' && parent !== 'feed') return;
    if (name === 'title') this.#feedTitle ??= text.trim() || null;
    if (name === 'language') this.#feedLanguage ??= text.trim() || null;
  }

  #closeEntryPart(entry: OpenEntry, element: OpenElement, end: number): void {
    const { name, attributes, text } = element;
    if (name === 'title') entry.title ||= plainTitle(text, attributes.type);
    else if (name === 'link') entry.links.push(text);
    else if (name === 'guid' || name === 'id') {
      entry.id = text.trim() || null;
      if (name === 'guid' && attributes.ispermalink !== 'false') entry.links.push(text);
    } else if (name === 'source') entry.source ??= text.trim() || null;
    else if (name === 'dc:language') entry.language ??= text.trim() || null;
    else if (dateRanks[name] !== undefined && dateRanks[name] > entry.dateRank) {
      entry.date = text;
      entry.dateRank = dateRanks[name];
    } else if (bodyRanks[name] !== undefined && bodyRanks[name] > entry.bodyRank) this.#takeBody(entry, element, end);
  }

  #takeBody(entry: OpenEntry, { name, attributes, contentStart, text }: OpenElement, end: number): void {
    // The markup of xhtml content is part of the document; its source text is the body.
    const markup = attributes.type === 'xhtml';
    const body = markup ? this.document.slice(contentStart, end) : text;
    if (body.trim() === '') return;
    entry.body = body;
    entry.bodyRank = bodyRanks[name]!;
    entry.kind = attributes.type === 'text' ? 'text' : 'fragment';
  }

  #closeEntry(entry: OpenEntry): void {
    this.#entry = undefined;
    const url = firstAddress(entry.links, this.#base);
    const { id, title, body, kind, date } = entry;
    const language = entry.language ?? this.#feedLanguage;
    const read: FeedEntry = { id, url, title, body, kind, date, language, source: entry.source ?? this.#feedTitle };
    this.#readings.push(readEntry(read, { source: this.source, line: this.#line(entry.start) }));
  }
}

function newEntry(start: number, depth: number, attributes: Readonly<Record<string, string>>): OpenEntry {
  const about = attributes['rdf:about'] ?? null;
  return {
    start,
    depth,
    title: '',
    links: about ? [about] : [],
    id: about,
    body: '',
    bodyRank: 0,
    kind: 'fragment',
    date: null,
    dateRank: 0,
    source: null,
    language: attributes['xml:lang'] ?? null,
  };
}

/** Lower case, without the prefixes that feeds use for their own vocabulary. */
function localName(name: string): string {
  return name.toLowerCase().replace(/^(?:atom|atom10|rss|a10):/, '');
}

function isFeedRoot(root: string | undefined): boolean {
  return root === 'rss' || root === 'feed' || root === 'rdf:rdf' || root === 'rdf' || root === 'channel';
}

function isAlternate({ rel }: Readonly<Record<string, string>>): boolean {
  return rel === undefined || rel === 'alternate';
}

function firstAddress(links: readonly string[], base: string | undefined): string | null {
  for (const link of links) {
    const url = webAddress(link, base);
    if (url) return url;
  }
  return null;
}

/** A title of type html holds markup; anything else is text, even when it looks like markup. */
function plainTitle(text: string, type: string | undefined): string {
  // Every tag ends at or before the last `>`: looking for one behind it would take the square of a title of `<`.
  const end = type === 'html' ? text.lastIndexOf('>') + 1 : 0;
  const plain = text.slice(0, end).replace(/<[^>]*>/g, '') + text.slice(end);
  return plain.replace(/\s+/g, ' ').trim();
}
