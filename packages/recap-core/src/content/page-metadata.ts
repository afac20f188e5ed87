import type { BylineData } from './byline.js';
import type { HeadData, LinkedDataObject } from './head-data.js';
import { isoDate } from './page-date.js';
import type { TextBlock } from './text-blocks.js';

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
 * @param blocks - the page's text; its headings are candidates for the title.
 * @param pageUrl - address the page was fetched from, if known; a date in its path is the last resort.
 */
export function resolveMetadata(
  head: HeadData,
  blocks: readonly TextBlock[],
  byline: BylineData,
  pageUrl: string | undefined,
): PageMetadata {
  const { meta, links } = head;
  const article = mainObject(head.linkedData);
  const siteName = pageSiteName(head);
  const url = firstOf([links.get('canonical'), meta.get('og:url'), pageUrl]);
  return {
    title: pageTitle(head, article, headingsOf(blocks), siteName),
    author: pageAuthor(head, article, byline, siteName),
    publishedAt: pageDate(head, article, byline, url),
    siteName,
    description: firstOf([meta.get('og:description'), meta.get('description'), text(article?.description)]),
    language: firstOf([head.language, meta.get('content-language'), meta.get('og:locale')])
      .replace('_', '-')
      .split(/[,;\s]/)[0]!,
    url,
  };
}

function headingsOf(blocks: readonly TextBlock[]): string[] {
  const headings = blocks.filter((block) => /^h[1-3]$/.test(block.element.tag) && block.text.length <= 300);
  // A heading that is one link is more often the site's name than the title of the page.
  headings.sort((a, b) => Number(a.linked >= a.text.length) - Number(b.linked >= b.text.length));
  return headings.slice(0, 40).map((block) => block.text.replace(/\s+/g, ' '));
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

/**
 * The title as a reader sees it: the heading that the page's own title repeats, else that title without the site's
 * name.
 */
function pageTitle(
  head: HeadData,
  article: LinkedDataObject | undefined,
  headings: readonly string[],
  site: string,
): string {
  const { meta } = head;
  const shared = text(meta.get('og:title') ?? meta.get('twitter:title') ?? meta.get('dc.title'));
  const declared = [text(article?.headline), shared, text(head.title)].filter((t) => t !== '');
  const repeated = headings.filter((heading) => declared.some((title) => repeats(title, heading, site)));
  if (repeated.length > 0) return repeated.reduce((best, heading) => (heading.length > best.length ? heading : best));
  if (declared.length > 0) return withoutSite(declared[0]!, site);
  return headings[0] ?? '';
}

/** Whether a title holds a heading that is more than the site's name. */
function repeats(title: string, heading: string, site: string): boolean {
  const a = letters(title);
  const b = letters(heading);
  if (b === '' || b === letters(site)) return false;
  if (a === b || (2 * b.length >= a.length && a.includes(b)) || (b.length >= 12 && a.startsWith(b))) return true;
  return title.split(separator).some((part) => letters(part) === b);
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
  return title.slice(0, title.lastIndexOf(last)).replace(/(?<![\s|\-–—·•»›:/~])[\s|\-–—·•»›:/~]+$/, '');
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

const authorFields = [
  ...['author', 'article:author', 'dc.creator', 'dcterms.creator', 'parsely-author', 'sailthru.author'],
  ...['citation_author', 'cxenseparse:author', 'byl', 'twitter:data1'],
];

/** JSON-LD, then `meta`, then the byline; a publisher's name counts only where no person is named. */
function pageAuthor(
  head: HeadData,
  article: LinkedDataObject | undefined,
  byline: BylineData,
  siteName: string,
): string {
  const { meta } = head;
  const declared = authorFields
    .filter((name) => name !== 'twitter:data1' || /written|author|verfasst|von/i.test(meta.get('twitter:label1') ?? ''))
    .map((name) => [text(meta.get(name))]);
  const candidates = [authorNames(article?.author ?? article?.creator, head.linkedData), ...declared, byline.authors];
  for (const names of candidates) {
    const people = [...new Set(names.map(cleanName))].filter((name) => name !== '' && !namesSite(name, siteName));
    if (people.length > 0) return people.join(', ');
  }
  return '';
}

function namesSite(name: string, siteName: string): boolean {
  return letters(name) === letters(siteName) || /^[\w-]+(?:\.[\w-]+)+$/.test(name);
}

/** Lists of authors inside one another that are looked into. */
const maxAuthorLists = 4;

function authorNames(value: unknown, all: readonly LinkedDataObject[], lists = 0): string[] {
  if (typeof value === 'string') return [text(value)];
  if (Array.isArray(value)) {
    if (lists === maxAuthorLists) return [];
    return [...new Set(value.slice(0, 20).flatMap((item) => authorNames(item, all, lists + 1)))];
  }
  if (typeof value !== 'object' || value === null) return [];
  const object = value as LinkedDataObject;
  if (typeof object.name === 'string') return typesOf(object).includes('Organization') ? [] : [text(object.name)];
  if (Array.isArray(object.name)) return object.name.map(text);
  const target = all.find((o) => object['@id'] !== undefined && o['@id'] === object['@id'] && o !== object);
  return target === undefined || typeof target.name !== 'string' ? [] : [text(target.name)];
}

const introductions =
  /^\s*(?:(?:by|von|par|por|di|door|autor(?:in)?|author|text|interview|redaktion|verfasst von|geschrieben von|eingestellt von|written by|posted by)\s*[:：]\s*|(?:by|von|par|por|di|door|verfasst von|geschrieben von|eingestellt von|written by|posted by)\s+|(?:文|作者|取材・文|著者)\s*[:：]?\s*)+/i;

/**
 * A name without "by", roles and addresses; '' for what is no name.
 *
 * @remarks O(length): a run of signs is looked at from its start only, which is what the lookbehinds are for.
 */
export function cleanName(raw: string): string {
  const name = raw
    .replace(/https?:\/\/\S+|(?<!\S)\S+@\S+|(?:^|\s)@\S+/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(introductions, '')
    .replace(/\s*(?:[|•·]|,?\s+(?:am|on|vom)\s+\d).*$/i, '')
    .replace(/\s+/g, ' ')
    .replace(/^[\s,;:–—-]+|(?<![\s,;:–—-])[\s,;:–—-]+$/g, '');
  if (name.length < 2 || name.length > 120 || /\d{3}/.test(name)) return '';
  if (/^(?:by|von|admin(?:istrator)?|editor|redaktion|unknown|none|null|staff|webmaster|anonymous|guest)$/i.test(name))
    return '';
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
