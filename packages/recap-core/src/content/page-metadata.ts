import type { BylineData } from './byline.js';
import type { HeadData, LinkedDataObject } from './head-data.js';
import { isoDate } from './page-date.js';

/** What a page says about itself; a field is empty where it says nothing. */
export interface PageMetadata {
  readonly title: string;
  /** Names of the authors, joined with `, `. */
  readonly author: string;
  /** Day, or day and time, of publication as ISO 8601. */
  readonly publishedAt: string;
  readonly siteName: string;
  readonly description: string;
  /** Language tag the page declares, e.g. `de` or `pt-BR`. */
  readonly language: string;
  /** Canonical address. */
  readonly url: string;
}

const articleTypes =
  /(?:^|Article$|News|Blog|Posting$|Report$|Recipe$|Review$|WebPage$|Podcast|Video|CreativeWork$|Product$|Event$|QAPage$)/;

/**
 * Reads title, author, date, site name, description, language and address of a page: JSON-LD first, then `meta`
 * elements, then what the page shows.
 *
 * @param heading - text of the page's main heading, or ''.
 * @param pageUrl - address the page was fetched from, if known; a date in its path is the last resort.
 */
export function resolveMetadata(
  head: HeadData,
  heading: string,
  byline: BylineData,
  pageUrl: string | undefined,
): PageMetadata {
  const { meta, links } = head;
  const article = mainObject(head.linkedData);
  const siteName = pageSiteName(head);
  const url = firstOf([links.get('canonical'), meta.get('og:url'), pageUrl]);
  return {
    title: pageTitle(head, article, heading, siteName),
    author: pageAuthor(head, article, byline),
    publishedAt: pageDate(head, article, byline, url),
    siteName,
    description: firstOf([meta.get('og:description'), meta.get('description'), text(article?.description)]),
    language: firstOf([head.language, meta.get('content-language'), meta.get('og:locale')])
      .replace('_', '-')
      .split(/[,;\s]/)[0]!,
    url,
  };
}

function firstOf(values: readonly (string | undefined)[]): string {
  for (const value of values) if (value !== undefined && value.trim() !== '') return value.trim();
  return '';
}

function typesOf(object: LinkedDataObject): readonly string[] {
  const type = object['@type'];
  return (Array.isArray(type) ? type : [type]).filter((t): t is string => typeof t === 'string');
}

/** The JSON-LD object that describes the page's article: the first article, else the first with a headline or a date. */
function mainObject(objects: readonly LinkedDataObject[]): LinkedDataObject | undefined {
  return (
    objects.find((o) => typesOf(o).some((t) => /(?:Article|Posting|Report)$/.test(t)) && o.headline !== undefined) ??
    objects.find((o) => typesOf(o).some((t) => articleTypes.test(t)) && o.datePublished !== undefined)
  );
}

function text(value: unknown): string {
  return typeof value === 'string' ? decodeBasic(value).replace(/\s+/g, ' ').trim() : '';
}

/** JSON-LD and meta values are often escaped twice. */
function decodeBasic(value: string): string {
  return value
    .replace(/&#(\d{1,6});/g, (_, code: string) => String.fromCodePoint(Math.min(0x10ffff, Number(code))))
    .replaceAll('&quot;', '"')
    .replaceAll('&#x27;', "'")
    .replaceAll('&apos;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&nbsp;', ' ')
    .replaceAll('&amp;', '&');
}

function pageTitle(head: HeadData, article: LinkedDataObject | undefined, heading: string, site: string): string {
  const { meta } = head;
  const shared = text(meta.get('og:title') ?? meta.get('twitter:title') ?? meta.get('dc.title'));
  const candidates = [text(article?.headline), shared, text(head.title)].filter((t) => t !== '');
  // A heading that the page's title repeats is the title as the reader sees it, free of the site's name.
  if (heading !== '' && candidates.some((candidate) => sameStart(candidate, heading))) return heading;
  const declared = firstOf([text(article?.headline), shared]);
  if (declared !== '') return withoutSite(declared, site);
  return firstOf([withoutSite(text(head.title), site), heading]);
}

function sameStart(candidate: string, heading: string): boolean {
  const a = letters(candidate);
  const b = letters(heading);
  return b.length >= 8 ? a.startsWith(b) || a.includes(b) : a === b;
}

function letters(value: string): string {
  return value.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
}

const separator = /\s+[|\-–—·•»:/~]\s+|\s*[|»›]\s*|\s::\s/g;

/** Takes the site's name off a title: the shorter end behind or before a separator. */
function withoutSite(title: string, site: string): string {
  const parts = title.split(separator).filter((part) => part.trim() !== '');
  if (parts.length < 2) return title;
  const known = letters(site);
  const last = parts.at(-1)!;
  const first = parts[0]!;
  if (known !== '' && letters(last).includes(known)) return cutEnd(title, last);
  if (known !== '' && letters(first).includes(known)) return cutStart(title, first);
  if (last.split(/\s+/).length <= 4 && title.length - last.length > 2 * last.length) return cutEnd(title, last);
  return title;
}

function cutEnd(title: string, last: string): string {
  return title.slice(0, title.lastIndexOf(last)).replace(/[\s|\-–—·•»›:/~]+$/, '');
}

function cutStart(title: string, first: string): string {
  return title.slice(title.indexOf(first) + first.length).replace(/^[\s|\-–—·•»›:/~]+/, '');
}

function pageSiteName(head: HeadData): string {
  const { meta } = head;
  const organisation = head.linkedData.find((o) => typesOf(o).some((t) => t === 'WebSite'));
  const publisher = head.linkedData.find((o) => typeof o.publisher === 'object' && o.publisher !== null)?.publisher;
  const publisherName = (publisher as LinkedDataObject | undefined)?.name;
  return firstOf([
    meta.get('og:site_name'),
    text(organisation?.name),
    text(publisherName),
    meta.get('application-name'),
    meta.get('dc.publisher'),
    meta.get('twitter:site')?.replace(/^@/, ''),
  ]);
}

function pageAuthor(head: HeadData, article: LinkedDataObject | undefined, byline: BylineData): string {
  const { meta } = head;
  const linked = authorNames(article?.author ?? article?.creator, head.linkedData);
  const declared = [
    ...[
      'author',
      'article:author',
      'dc.creator',
      'dcterms.creator',
      'parsely-author',
      'sailthru.author',
      'citation_author',
    ],
    ...['cxenseparse:author', 'byl', 'twitter:data1'],
  ]
    .filter((name) => name !== 'twitter:data1' || /written|author|verfasst|von/i.test(meta.get('twitter:label1') ?? ''))
    .map((name) => cleanName(text(meta.get(name))));
  return firstOf([
    linked
      .map(cleanName)
      .filter((n) => n !== '')
      .join(', '),
    ...declared,
    byline.authors
      .map(cleanName)
      .filter((n) => n !== '')
      .join(', '),
  ]);
}

function authorNames(value: unknown, all: readonly LinkedDataObject[]): string[] {
  if (typeof value === 'string') return [text(value)];
  if (Array.isArray(value)) return [...new Set(value.slice(0, 20).flatMap((item) => authorNames(item, all)))];
  if (typeof value !== 'object' || value === null) return [];
  const object = value as LinkedDataObject;
  if (typeof object.name === 'string') return typesOf(object).includes('Organization') ? [] : [text(object.name)];
  if (Array.isArray(object.name)) return object.name.map(text);
  const target = all.find((o) => object['@id'] !== undefined && o['@id'] === object['@id'] && o !== object);
  return target === undefined || typeof target.name !== 'string' ? [] : [text(target.name)];
}

/** A name without "by", roles and addresses; '' for what is no name. */
export function cleanName(raw: string): string {
  const name = raw
    .replace(/https?:\/\/\S+|\S+@\S+/g, '')
    .replace(
      /^\s*(?:by|von|par|por|di|door|autor(?:in)?|author|text|redaktion|verfasst von|geschrieben von|written by|posted by|文|作者|取材・文)\s*[:：]?\s+/i,
      '',
    )
    .replace(/\s*(?:[|•·]|,?\s+(?:am|on|vom)\s+\d).*$/i, '')
    .replace(/\s+/g, ' ')
    .replace(/^[\s,;:–—-]+|[\s,;:–—-]+$/g, '');
  if (name.length < 2 || name.length > 120 || /\d{3}/.test(name)) return '';
  if (/^(?:admin(?:istrator)?|editor|redaktion|unknown|none|null|staff|webmaster|anonymous)$/i.test(name)) return '';
  return name;
}

function pageDate(head: HeadData, article: LinkedDataObject | undefined, byline: BylineData, url: string): string {
  const { meta } = head;
  const names = [
    ...['article:published_time', 'datepublished', 'og:published_time', 'og:article:published_time', 'dc.date.issued'],
    ...[
      'dcterms.created',
      'dcterms.issued',
      'dc.date',
      'dcterms.date',
      'date',
      'parsely-pub-date',
      'publishdate',
      'pubdate',
    ],
    ...['sailthru.date', 'publish-date', 'publication_date', 'cxenseparse:recs:publishtime', 'last-modified'],
  ];
  const candidates = [
    text(article?.datePublished),
    ...head.linkedData.map((o) => text(o.datePublished)),
    ...names.map((name) => meta.get(name) ?? ''),
    ...byline.dates,
    /\/((?:19|20)\d{2})[/-](\d{1,2})[/-](\d{1,2})(?:\D|$)/.exec(url)?.slice(1).join('-') ?? '',
    text(article?.dateModified),
    meta.get('article:modified_time') ?? '',
    meta.get('og:updated_time') ?? '',
  ];
  for (const candidate of candidates) {
    const date = isoDate(candidate);
    if (date !== undefined) return date;
  }
  return '';
}
