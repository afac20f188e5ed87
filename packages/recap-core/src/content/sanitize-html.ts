import { blockElements, voidElements } from './html-elements.js';
import { openAfterImpliedEnds, type PageElement, type PageLimits, parsePage } from './page-tree.js';
import { droppedElements, escapeText, imageSource, openingTag, safeElements } from './safe-markup.js';

/** Options of `sanitizeHtml`. */
export interface SanitizeHtmlOptions extends PageLimits {
  /** Elements kept: a part of the built-in allow-list. @default all of it */
  readonly elements?: readonly string[];
  /** Address of the page; relative addresses are made absolute with it. */
  readonly baseUrl?: string;
}

const maxRounds = 6;
/** The depth at which a second reading with default limits drops elements. */
const maxSettledDepth = 250;

/**
 * Keeps the harmless part of a piece of HTML: an allow-list of elements and attributes, addresses with the schemes
 * http, https, mailto and tel (images: http and https) or none, no comments, no code.
 *
 * What is not on the list goes and its text stays, save for scripts, styles, frames, forms' data, media and foreign
 * content, which go entirely. Sanitising the result once more gives the same characters: where taking tags away leaves
 * others nested as no parser would nest them, the result is read and rendered again until it settles; an input that
 * never does comes back as escaped text.
 *
 * @throws RangeError when `elements` names one outside the allow-list, or a limit is not a positive integer.
 * @remarks O(length): ordinary pages take one round, none takes more than seven.
 * @see https://cheatsheetseries.owasp.org/cheatsheets/Cross_Site_Scripting_Prevention_Cheat_Sheet.html
 * @example
 * sanitizeHtml('<p onclick="x()">Hi <a href="javascript:x()">there</a><script>x()</script></p>') // => '<p>Hi <a>there</a></p>'
 */
export function sanitizeHtml(html: string, options: SanitizeHtmlOptions = {}): string {
  const allowed = allowedElements(options.elements);
  const writer = new SafeWriter(allowed, options.baseUrl);
  const first = writer.write(parsePage(html, options).root);
  if (writer.settled) return first;
  let current = first;
  for (let round = 0; round < maxRounds; round++) {
    const again = new SafeWriter(allowed, undefined);
    const next = again.write(parsePage(current).root);
    if (again.settled || next === current) return next;
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

/** Renders the safe part of a tree. */
class SafeWriter {
  /**
   * True while nothing was written that a parser would nest in another way: no tag stands where it would end one of
   * the tags around it. What was written then reads back as the same tree, and renders to the same characters.
   */
  settled = true;
  private out = '';
  /** Whether the text written last ends with a space; asking `out` would copy all of it each time. */
  private afterSpace = false;
  private readonly open: string[] = ['#root'];
  private paragraphs = 0;

  constructor(
    private readonly allowed: ReadonlySet<string>,
    private readonly baseUrl: string | undefined,
  ) {}

  write(root: PageElement): string {
    this.children(root, false);
    return this.out.trim();
  }

  private children(element: PageElement, preformatted: boolean): void {
    for (const child of element.children) {
      if (typeof child !== 'string') this.element(child, preformatted);
      else if (preformatted) {
        this.out += escapeText(child);
        this.afterSpace = false;
      } else this.text(child.replace(/[ \t\n\r\f]+/g, ' '));
    }
  }

  /** Two pieces of text that come to stand side by side must not put two spaces where a second reading sees one. */
  private text(collapsed: string): void {
    const body = collapsed.startsWith(' ') && this.afterSpace ? collapsed.slice(1) : collapsed;
    if (body === '') return;
    this.out += escapeText(body);
    this.afterSpace = body.endsWith(' ');
  }

  private element(element: PageElement, preformatted: boolean): void {
    const { tag } = element;
    if (droppedElements.has(tag)) return;
    if (!this.allowed.has(tag)) {
      // Two blocks that lose their tags must not run into one word.
      const apart = blockElements.has(tag) && !preformatted;
      if (apart) this.text(' ');
      this.children(element, preformatted);
      if (apart) this.text(' ');
      return;
    }
    if (tag === 'img' && imageSource(element, this.baseUrl) === undefined) return;
    const ends = openAfterImpliedEnds(this.open, tag, this.paragraphs > 0) < this.open.length;
    if (ends || this.open.length > maxSettledDepth) this.settled = false;
    this.out += openingTag(element, this.baseUrl);
    this.afterSpace = false;
    if (voidElements.has(tag)) return;
    this.open.push(tag);
    if (tag === 'p') this.paragraphs++;
    this.children(element, preformatted || tag === 'pre');
    if (tag === 'p') this.paragraphs--;
    this.open.pop();
    this.out += `</${tag}>`;
    this.afterSpace = false;
  }
}
