import { attribute, type PageElement, type PageTree } from './page-tree.js';

/** What a page says about itself in machine-readable places. */
export interface HeadData {
  /** First `content` of each `meta` name, property, itemprop or http-equiv (lower case). */
  readonly meta: ReadonlyMap<string, string>;
  /** Every object of its JSON-LD scripts, graphs and nested objects included, in document order. */
  readonly linkedData: readonly LinkedDataObject[];
  /** Text of the `title` element. */
  readonly title: string;
  /** `lang` of `html` or, without one, of `body`. */
  readonly language: string;
  /** First `href` of each `link` relation. */
  readonly links: ReadonlyMap<string, string>;
}

/** One JSON-LD object. */
export type LinkedDataObject = Readonly<Record<string, unknown>>;

const maxLinkedDataObjects = 500;

/**
 * Collects `meta`, `link`, `title`, `lang` and JSON-LD of a page.
 *
 * @remarks O(nodes). A script that is not JSON after the usual repairs (line breaks in strings, comments around it) is
 * passed over.
 */
export function readHeadData(page: PageTree): HeadData {
  const meta = new Map<string, string>();
  const links = new Map<string, string>();
  const linkedData: LinkedDataObject[] = [];
  let title = '';
  let language = '';
  const visit = (element: PageElement): void => {
    for (const child of element.children) {
      if (typeof child === 'string') continue;
      switch (child.tag) {
        case 'meta':
          readMeta(child, meta);
          break;
        case 'link':
          readLink(child, links);
          break;
        case 'title':
          if (title === '') title = plainText(child);
          break;
        case 'script':
          if (/json/i.test(attribute(child, 'type') ?? '')) readLinkedData(rawText(child), linkedData);
          break;
        case 'svg':
          break;
        default:
          if (child.tag === 'html' || child.tag === 'body') {
            if (language === '') language = attribute(child, 'lang') ?? attribute(child, 'xml:lang') ?? '';
          }
          visit(child);
      }
    }
  };
  visit(page.root);
  return { meta, linkedData, title, language, links };
}

/** The text of an element and all inside it, white space collapsed; reading stops soon after `limit` characters. */
export function plainText(element: PageElement, limit = Number.POSITIVE_INFINITY): string {
  return rawText(element, limit).replace(/\s+/g, ' ').trim();
}

function rawText(element: PageElement, limit = Number.POSITIVE_INFINITY): string {
  let text = '';
  for (const child of element.children) {
    if (text.length > limit) break;
    text += typeof child === 'string' ? child : rawText(child, limit - text.length);
  }
  return text;
}

function readMeta(element: PageElement, meta: Map<string, string>): void {
  const content = attribute(element, 'content')?.replace(/\s+/g, ' ').trim();
  if (content === undefined || content === '') return;
  for (const key of ['property', 'name', 'itemprop', 'http-equiv']) {
    const name = attribute(element, key)?.trim().toLowerCase();
    if (name !== undefined && name !== '' && !meta.has(name)) meta.set(name, content);
  }
}

function readLink(element: PageElement, links: Map<string, string>): void {
  const href = attribute(element, 'href')?.trim();
  const rel = attribute(element, 'rel')?.toLowerCase();
  if (href === undefined || rel === undefined) return;
  for (const name of rel.split(/\s+/)) if (name !== '' && !links.has(name)) links.set(name, href);
}

function readLinkedData(source: string, out: LinkedDataObject[]): void {
  const value = parseJson(source.trim().replace(/^<!(?:--|\[CDATA\[)|(?:-->|\]\]>)$/g, ''));
  const queue: unknown[] = [value];
  for (let i = 0; i < queue.length && out.length < maxLinkedDataObjects; i++) {
    const item = queue[i];
    if (Array.isArray(item)) queue.push(...item.slice(0, maxLinkedDataObjects));
    else if (typeof item === 'object' && item !== null) {
      const object = item as Record<string, unknown>;
      if (object['@type'] !== undefined) out.push(object);
      for (const inner of Object.values(object)) if (typeof inner === 'object' && inner !== null) queue.push(inner);
    }
  }
}

function parseJson(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    try {
      // Many pages break lines inside JSON strings.
      return JSON.parse(source.replace(/[\u0000-\u001f]+/g, ' '));
    } catch {
      return undefined;
    }
  }
}
