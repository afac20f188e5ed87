import { blockElements, hiddenElements } from './html-elements.js';
import type { PageElement } from './page-tree.js';
import { escapeText, imageSource, openingTag } from './safe-markup.js';

const keptBlocks: ReadonlySet<string> = new Set(
  'blockquote caption dd dl dt figcaption figure h1 h2 h3 h4 h5 h6 li ol p pre table tbody td tfoot th thead tr ul'.split(
    ' ',
  ),
);
const keptInlines: ReadonlySet<string> = new Set(
  'a abbr b cite code del dfn em i ins kbd mark q s samp small strong sub sup time u var'.split(' '),
);
/** Blocks whose text stands in them directly, without a paragraph around it, as long as no other block joins it. */
const holdsText: ReadonlySet<string> = new Set(
  'blockquote caption dd dt figcaption figure h1 h2 h3 h4 h5 h6 li p pre td th'.split(' '),
);

/**
 * Renders the chosen text of a page as plain HTML: paragraphs, headings, lists, quotes, tables, figures, links and
 * emphasis; boxes without meaning are taken away, and loose text becomes paragraphs.
 *
 * @param chosen - one flag for each text node, in document order.
 */
export function contentMarkup(root: PageElement, chosen: Uint8Array, baseUrl: string | undefined): string {
  return new ContentWriter(chosen, baseUrl).container(root, false).trim();
}

class ContentWriter {
  private ordinal = 0;

  constructor(
    private readonly chosen: Uint8Array,
    private readonly baseUrl: string | undefined,
  ) {}

  /** The content of an element whose children may be blocks, loose text, or both. */
  container(element: PageElement, bare: boolean): string {
    let out = '';
    let run = '';
    let blocks = false;
    const flush = (last: boolean) => {
      const text = run.replace(/^(?:\s|<br>)+|(?<!\s|<br>)(?:\s|<br>)+$/g, '');
      run = '';
      if (text === '') return;
      out += bare && last && !blocks ? text : `<p>${text}</p>\n`;
    };
    for (const child of element.children) {
      if (typeof child === 'string') run += this.text(child, false);
      else if (hiddenElements.has(child.tag)) this.skip(child);
      else if (blockElements.has(child.tag) || holdsBlocks(child)) {
        flush(false);
        const block = this.block(child);
        if (block !== '') blocks = true;
        out += block;
      } else run += this.inline(child);
    }
    flush(true);
    return out;
  }

  private block(element: PageElement): string {
    const { tag } = element;
    if (tag === 'pre') {
      const text = this.preformatted(element);
      return text.trim() === '' ? '' : `<pre>${text}</pre>\n`;
    }
    if (tag === 'hr') return '';
    if (!keptBlocks.has(tag)) return this.container(element, false);
    const inner = this.container(element, holdsText.has(tag)).trim();
    if (inner === '') return '';
    if (tag === 'p' && inner.startsWith('<p>')) return `${inner}\n`;
    return `${openingTag(element, this.baseUrl)}${inner}</${tag}>\n`;
  }

  private inline(element: PageElement): string {
    const { tag } = element;
    if (tag === 'br') return '<br>';
    if (tag === 'img') return this.image(element);
    let inner = '';
    for (const child of element.children) {
      if (typeof child === 'string') inner += this.text(child, false);
      else if (hiddenElements.has(child.tag)) this.skip(child);
      else inner += this.inline(child);
    }
    if (inner.trim() === '' || !keptInlines.has(tag)) return inner;
    return `${openingTag(element, this.baseUrl)}${inner}</${tag}>`;
  }

  /** An image belongs to the content when the text before it and the text behind it do. */
  private image(element: PageElement): string {
    if (imageSource(element, this.baseUrl) === undefined) return '';
    return this.chosenAround() ? openingTag(element, this.baseUrl) : '';
  }

  private chosenAround(): boolean {
    const { chosen, ordinal } = this;
    let before = ordinal - 1;
    let after = ordinal;
    const nearest = ordinal - maxBlanks;
    while (before >= nearest && chosen[before] === blank) before--;
    while (after < ordinal + maxBlanks && chosen[after] === blank) after++;
    return chosen[before] === taken && chosen[after] === taken;
  }

  private text(raw: string, keepLines: boolean): string {
    const take = this.chosen[this.ordinal++] === taken;
    if (!take) return /^\s+$/.test(raw) ? ' ' : '';
    return escapeText(keepLines ? raw : raw.replace(/\s+/g, ' '));
  }

  private preformatted(element: PageElement): string {
    let out = '';
    for (const child of element.children) {
      if (typeof child === 'string') out += this.text(child, true);
      else if (hiddenElements.has(child.tag)) this.skip(child);
      else out += child.tag === 'br' ? '\n' : this.preformatted(child);
    }
    return out;
  }

  private skip(element: PageElement): void {
    for (const child of element.children) {
      if (typeof child === 'string') this.ordinal++;
      else this.skip(child);
    }
  }
}

/** How far to look for the text around an image. */
const maxBlanks = 40;

/** Flags of text nodes: left out, taken, or white space that says nothing. */
export const left = 0;
export const taken = 1;
export const blank = 2;

function holdsBlocks(element: PageElement): boolean {
  for (const child of element.children) {
    if (typeof child === 'string' || hiddenElements.has(child.tag)) continue;
    if (blockElements.has(child.tag) || holdsBlocks(child)) return true;
  }
  return false;
}
