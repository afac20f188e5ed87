import { blockElements, hiddenElements } from './html-elements.js';
import { attribute, type PageElement, type PageTree } from './page-tree.js';

/** A run of text that a reader sees as one paragraph, heading, list item or cell. */
export interface TextBlock {
  /** The nearest block-level element around the text. */
  readonly element: PageElement;
  /** White space collapsed; `\n` where the page breaks the line. */
  readonly text: string;
  /** Characters of `text` inside links. */
  readonly linked: number;
  /** Number of links. */
  readonly links: number;
  /** Characters of `text` inside `b`, `strong`, `em` and `i`. */
  readonly emphasised: number;
  /** Number of line breaks (`br`). */
  readonly breaks: number;
  /** Ordinals of its first text node and of the one after its last, in document order. */
  readonly from: number;
  readonly to: number;
}

/** The visible text of a page as blocks, in document order. */
export interface PageBlocks {
  readonly blocks: readonly TextBlock[];
  /** Number of text nodes walked: ordinals run below it. */
  readonly textNodes: number;
}

/**
 * Cuts a page into its blocks of visible text.
 *
 * A block ends where a block-level element starts or ends, and at two line breaks in a row.
 *
 * @remarks O(nodes).
 */
export function textBlocks(page: PageTree): PageBlocks {
  const collector = new BlockCollector();
  collector.walk(page.root, 0, 0);
  collector.end(page.root);
  return { blocks: collector.blocks, textNodes: collector.ordinal };
}

class BlockCollector {
  readonly blocks: TextBlock[] = [];
  ordinal = 0;
  private text = '';
  private linked = 0;
  private links = 0;
  private emphasised = 0;
  private breaks = 0;
  private pendingBreaks = 0;
  private pendingSpace = false;
  private from = 0;
  private to = 0;

  walk(element: PageElement, linkDepth: number, emphasis: number): void {
    const preformatted = element.tag === 'pre' || element.tag === 'listing' || element.tag === 'plaintext';
    for (const child of element.children) {
      if (typeof child === 'string') {
        this.addText(child, linkDepth > 0, emphasis > 0, preformatted);
        this.ordinal++;
        continue;
      }
      const { tag } = child;
      if (tag === 'br') this.addBreak(element);
      else if (hiddenElements.has(tag)) this.skip(child);
      else if (blockElements.has(tag)) {
        this.end(element);
        this.walk(child, linkDepth, emphasis);
        this.end(child);
      } else {
        const isLink = tag === 'a' && attribute(child, 'href') !== undefined;
        if (isLink) this.links++;
        const strong = tag === 'b' || tag === 'strong' || tag === 'em' || tag === 'i';
        this.walk(child, linkDepth + (isLink ? 1 : 0), emphasis + (strong ? 1 : 0));
      }
    }
  }

  /** Closes the open block, if it holds text. */
  end(element: PageElement): void {
    if (this.text !== '') {
      const { text, linked, links, emphasised, breaks, from, to } = this;
      this.blocks.push({ element: nearestBlock(element), text, linked, links, emphasised, breaks, from, to });
    }
    this.text = '';
    this.linked = 0;
    this.links = 0;
    this.emphasised = 0;
    this.breaks = 0;
    this.pendingBreaks = 0;
    this.pendingSpace = false;
    this.from = this.ordinal;
  }

  /** Counts the text nodes of a hidden element without reading them, so that ordinals stay those of the tree. */
  private skip(element: PageElement): void {
    for (const child of element.children) {
      if (typeof child === 'string') this.ordinal++;
      else this.skip(child);
    }
  }

  private addBreak(element: PageElement): void {
    if (this.text === '') return;
    this.pendingBreaks++;
    if (this.pendingBreaks === 2) this.end(element);
  }

  private addText(raw: string, linked: boolean, emphasised: boolean, keepLines: boolean): void {
    const text = keepLines ? collapseLines(raw) : collapse(raw);
    if (text === '' || text === ' ') {
      if (text === ' ') this.pendingSpace = true;
      return;
    }
    if (this.text === '') this.from = this.ordinal;
    this.to = this.ordinal + 1;
    let body = text;
    let joint = '';
    if (this.pendingBreaks > 0 && this.text !== '') {
      joint = '\n';
      this.breaks++;
      this.pendingBreaks = 0;
    } else if ((this.pendingSpace || body.startsWith(' ')) && this.text !== '') joint = ' ';
    this.pendingSpace = /\s$/.test(body);
    body = body.trim();
    this.text += joint + body;
    if (linked) this.linked += body.length;
    if (emphasised) this.emphasised += body.length;
  }
}

function nearestBlock(element: PageElement): PageElement {
  let at = element;
  while (at.parent !== undefined && !blockElements.has(at.tag)) at = at.parent;
  return at;
}

function collapse(text: string): string {
  return text.replace(/[\s\u200b\u2060\ufeff]+/g, ' ').replaceAll('\u00ad', '');
}

function collapseLines(text: string): string {
  return text.replace(/[^\S\n]+/g, ' ').replace(/ ?\n ?/g, '\n');
}
