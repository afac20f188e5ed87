import { attribute, type PageElement } from './page-tree.js';

/** Elements that sanitised HTML may hold. None of them runs code, loads a document or switches the parser's mode. */
export const safeElements: ReadonlySet<string> = new Set(
  (
    'a abbr address article aside b bdi bdo blockquote br caption cite code dd del details dfn div dl dt em figcaption ' +
    'figure footer h1 h2 h3 h4 h5 h6 header hgroup hr i img ins kbd li main mark nav ol p pre q rp rt ruby s samp ' +
    'section small span strong sub summary sup table tbody td tfoot th thead time tr u ul var wbr'
  ).split(' '),
);

/** Elements whose content is dropped with them: it is code, or text that nobody reads in place. */
export const droppedElements: ReadonlySet<string> = new Set(
  (
    'applet audio canvas datalist embed frame frameset head iframe math noembed noframes noscript object option script ' +
    'select style svg template textarea title video'
  ).split(' '),
);

const attributesOf: Readonly<Record<string, readonly string[]>> = {
  a: ['href', 'title', 'hreflang'],
  abbr: ['title'],
  bdo: ['dir'],
  blockquote: ['cite'],
  del: ['cite', 'datetime'],
  img: ['src', 'alt', 'title', 'width', 'height'],
  ins: ['cite', 'datetime'],
  li: ['value'],
  ol: ['start', 'reversed', 'type'],
  q: ['cite'],
  td: ['colspan', 'rowspan'],
  th: ['colspan', 'rowspan', 'scope'],
  time: ['datetime'],
};

const everywhere = ['lang', 'dir'];
const urlAttributes: ReadonlySet<string> = new Set(['href', 'src', 'cite']);
const linkSchemes: ReadonlySet<string> = new Set(['http:', 'https:', 'mailto:', 'tel:']);
const imageSchemes: ReadonlySet<string> = new Set(['http:', 'https:']);

/**
 * The opening tag of a safe element: attributes on the allow-list only, URLs only with a harmless scheme.
 *
 * @param baseUrl - address of the page; relative URLs are made absolute with it.
 */
export function openingTag(element: PageElement, baseUrl: string | undefined): string {
  const { tag } = element;
  let out = `<${tag}`;
  for (const name of [...(attributesOf[tag] ?? []), ...everywhere]) {
    const value = safeValue(element, name, baseUrl);
    if (value !== undefined) out += ` ${name}="${escapeAttribute(value)}"`;
  }
  return `${out}>`;
}

/** The address of an image: `src`, or where a script was to fill it in, the address it would have used. */
export function imageSource(element: PageElement, baseUrl: string | undefined): string | undefined {
  for (const name of ['data-src', 'data-original', 'data-lazy-src', 'src']) {
    const value = attribute(element, name);
    const url = value === undefined ? undefined : safeUrl(value, imageSchemes, baseUrl);
    if (url !== undefined && url !== '') return url;
  }
  const first = attribute(element, 'srcset')
    ?.trim()
    .split(/[\s,]+/)[0];
  return first === undefined || first === '' ? undefined : safeUrl(first, imageSchemes, baseUrl);
}

function safeValue(element: PageElement, name: string, baseUrl: string | undefined): string | undefined {
  if (name === 'src') return imageSource(element, baseUrl);
  const value = attribute(element, name);
  if (value === undefined) return undefined;
  if (urlAttributes.has(name)) return safeUrl(value, linkSchemes, baseUrl);
  if (name === 'dir') return /^(?:ltr|rtl|auto)$/i.test(value) ? value.toLowerCase() : undefined;
  return value.replace(/[\u0000-\u001f\u007f]+/g, ' ');
}

/**
 * The address if its scheme is allowed or it is relative, else undefined.
 *
 * Control characters and blanks are taken out first, as a browser ignores them inside a scheme (`java\nscript:`).
 */
export function safeUrl(raw: string, schemes: ReadonlySet<string>, baseUrl: string | undefined): string | undefined {
  const value = raw.replace(/[\u0000-\u001f\u007f-\u009f]+/g, '').trim();
  const scheme = /^[^/?#]*?:/.exec(value.replace(/[\s\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+/g, ''));
  if (scheme !== null && !schemes.has(scheme[0].toLowerCase())) return undefined;
  if (scheme !== null || baseUrl === undefined) return value;
  try {
    return new URL(value, baseUrl).href;
  } catch {
    return value;
  }
}

/** Text as the content of an element. */
export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function escapeAttribute(value: string): string {
  return escapeText(value).replaceAll('"', '&quot;').replaceAll("'", '&#39;').replaceAll('`', '&#96;');
}
