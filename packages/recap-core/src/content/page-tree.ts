import { checkInteger } from '@matome/primitives/options';
import { Tokenizer, type TokenizerCallbacks } from 'htmlparser2';
import {
  blockElements,
  closesParagraph,
  endsForeignContent,
  impliedEnds,
  scopeBoundaries,
  voidElements,
} from './html-elements.js';

/** An element of a page; `attributes` alternates names (lower case) and values, `id` counts elements from the root, 0. */
export interface PageElement {
  readonly id: number;
  readonly tag: string;
  readonly attributes: readonly string[];
  readonly parent: PageElement | undefined;
  readonly children: PageNode[];
}

/** A piece of text or an element. */
export type PageNode = PageElement | string;

/** Bounds that keep the cost of any page linear in its length. */
export interface PageLimits {
  /** Characters read; the rest of the page is left out. @default 10_000_000 */
  readonly maxLength?: number;
  /** Levels of nesting; deeper elements are dropped, their text stays. @default 256 */
  readonly maxDepth?: number;
  /** Elements built; later elements are dropped, their text stays. @default 250_000 */
  readonly maxElements?: number;
}

/** A parsed page. */
export interface PageTree {
  readonly root: PageElement;
  /** Number of elements, the root included: ids run below it. */
  readonly elements: number;
  /** True when one of the limits cut something off. */
  readonly truncated: boolean;
}

/**
 * Reads a page into a light tree: elements, attributes, text; no scripts run, nothing is fetched.
 *
 * The tree follows the HTML Standard where it matters for text (implied end tags, raw text, tables, foreign content)
 * and differs from a browser's in that misnested formatting is not reopened and stray text stays inside its table.
 *
 * @throws RangeError for limits that are not positive integers.
 * @remarks O(length) time and memory for every input: depth, elements and length are bounded.
 * @see https://html.spec.whatwg.org/multipage/parsing.html
 * @example
 * const page = parsePage('<p>One<p>Two');
 * page.root.children.length // => 2
 */
export function parsePage(html: string, limits: PageLimits = {}): PageTree {
  const { maxLength = 10_000_000, maxDepth = 256, maxElements = 250_000 } = limits;
  checkInteger('parsePage', 'maxLength', maxLength, { min: 1 });
  checkInteger('parsePage', 'maxDepth', maxDepth, { min: 1, max: 1024 });
  checkInteger('parsePage', 'maxElements', maxElements, { min: 1 });
  const source = html.length > maxLength ? html.slice(0, maxLength) : html;
  const builder = new TreeBuilder(source, maxDepth, maxElements);
  const tokenizer = new Tokenizer({ decodeEntities: true }, builder);
  tokenizer.write(source);
  tokenizer.end();
  return { root: builder.root, elements: builder.elements, truncated: source.length < html.length || builder.dropped };
}

/** The value of an attribute, or undefined where the element has none of that name. */
export function attribute(element: PageElement, name: string): string | undefined {
  const { attributes } = element;
  for (let i = 0; i < attributes.length; i += 2) if (attributes[i] === name) return attributes[i + 1];
  return undefined;
}

/**
 * How many of the open elements stay open when `tag` opens: the others end without an end tag.
 *
 * @param open - names of the open elements, outermost first.
 */
export function openAfterImpliedEnds(open: readonly string[], tag: string, insideParagraph: boolean): number {
  let keep = open.length;
  const rule = impliedEnds.get(tag);
  if (rule !== undefined) {
    for (let i = keep - 1; i > 0; i--) {
      const name = open[i]!;
      if (rule.closes.has(name)) {
        keep = i;
        // A row ends the cell it stands in and the row around that; every other tag ends one element.
        if (tag !== 'tr' || name === 'tr') break;
      } else if (rule.within.has(name)) break;
    }
  }
  if (insideParagraph && closesParagraph.has(tag)) {
    for (let i = keep - 1; i > 0; i--) {
      const name = open[i]!;
      if (name === 'p') return i;
      if (scopeBoundaries.has(name)) break;
    }
  }
  return keep;
}

const maxAttributes = 64;

/** Builds the tree from the tokenizer's callbacks; every step costs at most the depth limit. */
class TreeBuilder implements TokenizerCallbacks {
  readonly root: PageElement = { id: 0, tag: '#root', attributes: [], parent: undefined, children: [] };
  dropped = false;
  private readonly stack: PageElement[] = [this.root];
  /** Names of the elements on the stack. */
  private readonly tags: string[] = ['#root'];
  private current = this.root;
  elements = 1;
  private openParagraphs = 0;
  /** Opened tags beyond a limit that are still waiting for their end tags. */
  private readonly pending = new Map<string, number>();
  private text = '';
  private tag = '';
  private attributes: string[] = [];
  private attributeName = '';
  private attributeValue = '';
  private foreign = 0;

  constructor(
    private readonly source: string,
    private readonly maxDepth: number,
    private readonly maxElements: number,
  ) {}

  isInForeignContext(): boolean {
    return this.foreign > 0;
  }

  ontext(start: number, end: number): void {
    this.text += this.source.slice(start, end);
  }

  ontextentity(codePoint: number): void {
    this.text += String.fromCodePoint(codePoint);
  }

  oncdata(start: number, end: number, endOffset: number): void {
    if (this.foreign > 0) this.text += this.source.slice(start, end - endOffset);
  }

  oncomment(): void {}
  ondeclaration(): void {}
  onprocessinginstruction(): void {}

  onopentagname(start: number, end: number): void {
    this.tag = this.source.slice(start, end).toLowerCase();
    this.attributes = [];
  }

  onattribname(start: number, end: number): void {
    this.attributeName = this.source.slice(start, end).toLowerCase();
    this.attributeValue = '';
  }

  onattribdata(start: number, end: number): void {
    this.attributeValue += this.source.slice(start, end);
  }

  onattribentity(codePoint: number): void {
    this.attributeValue += String.fromCodePoint(codePoint);
  }

  onattribend(): void {
    const { attributes, attributeName } = this;
    if (attributes.length >= 2 * maxAttributes) return;
    for (let i = 0; i < attributes.length; i += 2) if (attributes[i] === attributeName) return;
    attributes.push(attributeName, this.attributeValue);
  }

  onopentagend(): void {
    this.open();
  }

  onselfclosingtag(): void {
    this.open();
    if (this.foreign > 0 && this.current.tag === this.tag) this.popTo(this.stack.length - 1);
  }

  onclosetag(start: number, end: number): void {
    this.flush();
    const tag = this.source.slice(start, end).toLowerCase();
    if (tag === 'br') {
      this.append({ id: this.elements, tag, attributes: [], parent: this.current, children: [] });
      return;
    }
    const pending = this.pending.get(tag);
    if (pending !== undefined && pending > 0) {
      this.pending.set(tag, pending - 1);
      return;
    }
    const at = this.findOpen(tag);
    if (at > 0) this.popTo(at);
  }

  onend(): void {
    this.flush();
  }

  private flush(): void {
    // NUL is no character of a page (HTML Standard, "in body").
    const text = this.text.includes('\u0000') ? this.text.replaceAll('\u0000', '') : this.text;
    this.text = '';
    if (text !== '') this.current.children.push(text);
  }

  private open(): void {
    this.flush();
    const { tag } = this;
    if (this.foreign > 0 && endsForeignContent.has(tag)) this.leaveForeign();
    this.closeImplied(tag);
    if (tag === 'html' || tag === 'body' || tag === 'head') this.mergeRootTag(tag);
    if (this.stack.length > this.maxDepth || this.elements >= this.maxElements) {
      this.dropped = true;
      if (!voidElements.has(tag)) this.pending.set(tag, (this.pending.get(tag) ?? 0) + 1);
      return;
    }
    const element = { id: this.elements, tag, attributes: this.attributes, parent: this.current, children: [] };
    this.append(element);
    if (voidElements.has(tag)) return;
    this.stack.push(element);
    this.tags.push(tag);
    this.current = element;
    if (tag === 'p') this.openParagraphs++;
    else if (tag === 'svg' || tag === 'math') this.foreign++;
  }

  private append(element: PageElement): void {
    this.current.children.push(element);
    this.elements++;
  }

  /** A page has one body: where a second one opens, or the body opens inside an unclosed head, the first part ends. */
  private mergeRootTag(tag: string): void {
    if (tag === 'html') return;
    for (let i = this.stack.length - 1; i > 0; i--) {
      const open = this.stack[i]!.tag;
      if (open === 'head') this.popTo(i);
      if (open === 'head' || open === 'table' || open === 'body') return;
    }
  }

  private closeImplied(tag: string): void {
    const keep = openAfterImpliedEnds(this.tags, tag, this.openParagraphs > 0);
    if (keep < this.stack.length) this.popTo(keep);
  }

  /** Position on the stack of the element that an end tag closes, or -1. */
  private findOpen(tag: string): number {
    const inline = !blockElements.has(tag) && tag !== 'a';
    const crossesCells = tag === 'table' || tag === 'tr' || tag === 'tbody' || tag === 'body' || tag === 'html';
    for (let i = this.stack.length - 1; i > 0; i--) {
      const open = this.stack[i]!.tag;
      if (open === tag) return i;
      if (inline && blockElements.has(open)) return -1;
      if (!crossesCells && scopeBoundaries.has(open)) return -1;
    }
    return -1;
  }

  private leaveForeign(): void {
    for (let i = this.stack.length - 1; i > 0; i--) {
      const open = this.stack[i]!.tag;
      if (open === 'foreignobject' || open === 'desc' || open === 'title' || open === 'annotation-xml') return;
      if (open === 'svg' || open === 'math') {
        this.popTo(i);
        return;
      }
    }
  }

  private popTo(length: number): void {
    for (let i = this.stack.length - 1; i >= length; i--) {
      const { tag } = this.stack[i]!;
      if (tag === 'p') this.openParagraphs--;
      else if (tag === 'svg' || tag === 'math') this.foreign--;
    }
    this.stack.length = length;
    this.tags.length = length;
    this.current = this.stack[length - 1]!;
  }
}
