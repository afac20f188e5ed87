import { blockElements, voidElements } from './html-elements.js';
import { type PageElement, type PageLimits, parsePage } from './page-tree.js';
import { droppedElements, escapeText, imageSource, openingTag, safeElements } from './safe-markup.js';

/** Options of `sanitizeHtml`. */
export interface SanitizeHtmlOptions extends PageLimits {
  /** Elements kept: a part of the built-in allow-list. @default all of it */
  readonly elements?: readonly string[];
  /** Address of the page; relative addresses are made absolute with it. */
  readonly baseUrl?: string;
}

const maxRounds = 6;

/**
 * Keeps the harmless part of a piece of HTML: an allow-list of elements and attributes, addresses with the schemes
 * http, https, mailto and tel (images: http and https) or none, no comments, no code.
 *
 * What is not on the list goes and its text stays, save for scripts, styles, frames, forms' data, media and foreign
 * content, which go entirely. The result is rendered, read again and rendered until nothing changes, so sanitising
 * it once more gives the same characters; an input that never settles comes back as escaped text.
 *
 * @throws RangeError when `elements` names one outside the allow-list, or a limit is not a positive integer.
 * @remarks O(length): at most six rounds, of which ordinary pages need two.
 * @see https://cheatsheetseries.owasp.org/cheatsheets/Cross_Site_Scripting_Prevention_Cheat_Sheet.html
 * @example
 * sanitizeHtml('<p onclick="x()">Hi <a href="javascript:x()">there</a><script>x()</script></p>') // => '<p>Hi <a>there</a></p>'
 */
export function sanitizeHtml(html: string, options: SanitizeHtmlOptions = {}): string {
  const allowed = allowedElements(options.elements);
  const first = renderSafe(parsePage(html, options).root, allowed, options.baseUrl);
  let current = first;
  for (let round = 0; round < maxRounds; round++) {
    const next = renderSafe(parsePage(current).root, allowed, undefined);
    if (next === current) return current;
    current = next;
  }
  return escapeText(first.replace(/<[^>]*>/g, ' '));
}

function allowedElements(names: readonly string[] | undefined): ReadonlySet<string> {
  if (names === undefined) return safeElements;
  const unknown = names.find((name) => !safeElements.has(name));
  if (unknown !== undefined) {
    throw new RangeError(
      `The elements option of sanitizeHtml must name elements of the allow-list. Got ${JSON.stringify(unknown)}.`,
    );
  }
  return new Set(names);
}

function renderSafe(root: PageElement, allowed: ReadonlySet<string>, baseUrl: string | undefined): string {
  const render = (element: PageElement, preformatted: boolean): string => {
    let out = '';
    for (const child of element.children) {
      if (typeof child === 'string') out += escapeText(preformatted ? child : child.replace(/[ \t\n\r\f]+/g, ' '));
      else out += renderElement(child, preformatted);
    }
    return out;
  };
  const renderElement = (element: PageElement, preformatted: boolean): string => {
    const { tag } = element;
    if (droppedElements.has(tag)) return '';
    if (!allowed.has(tag)) {
      const inner = render(element, preformatted);
      // Two blocks that lose their tags must not run into one word.
      return blockElements.has(tag) && inner !== '' ? ` ${inner.trim()} ` : inner;
    }
    if (tag === 'img') return imageSource(element, baseUrl) === undefined ? '' : openingTag(element, baseUrl);
    if (voidElements.has(tag)) return openingTag(element, baseUrl);
    const inner = render(element, preformatted || tag === 'pre');
    return `${openingTag(element, baseUrl)}${inner}</${tag}>`;
  };
  return render(root, false).trim();
}
