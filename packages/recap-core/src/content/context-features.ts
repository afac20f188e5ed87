import type { PageElement } from './page-tree.js';
import type { TextBlock } from './text-blocks.js';

/** Names of what `writeContextFeatures` writes, in order. */
export const contextFeatureNames: readonly string[] = [
  'place',
  'textBefore',
  'textAfter',
  'blocksOfPage',
  'textOfPage',
  'afterHeading',
  'sinceHeading',
  'sinceFirstHeading',
  'titleOverlap',
  'headingOverlap',
  'descriptionOverlap',
  'inLinkedBody',
  'hasLinkedBody',
  'repeats',
  'boxText',
  'boxShare',
  'boxLinkDensity',
  'boxBlocks',
  'boxParagraphs',
  'parentText',
  'parentShare',
  'parentLinkDensity',
  'parentBlocks',
  'grandparentShare',
  'grandparentLinkDensity',
  'levelsToBest',
  'bestShare',
  'bestLinkDensity',
  'fromBestStart',
  'toBestEnd',
  'kin',
  'kinLength',
  'kinLinkDensity',
  'kinNear',
  'length-3',
  'length-2',
  'length-1',
  'length+1',
  'length+2',
  'length+3',
  'linkDensity-2',
  'linkDensity-1',
  'linkDensity+1',
  'linkDensity+2',
  'paragraph-1',
  'paragraph+1',
  'ends-1',
  'ends+1',
  'sameBox-1',
  'sameBox+1',
  'windowText',
  'windowLinkDensity',
  'wideText',
  'wideLinkDensity',
];

/** What the page as a whole says, against which its blocks are read. */
export interface PageContext {
  readonly title: string;
  readonly heading: string;
  readonly description: string;
  readonly linkedBody: string;
}

/** Running sums over the blocks of a page and over the elements around them. */
export class BlockContext {
  private readonly n: number;
  private readonly lengths: Float64Array;
  private readonly linked: Float64Array;
  private readonly elementText: Float64Array;
  private readonly elementLinked: Float64Array;
  private readonly elementBlocks: Float64Array;
  private readonly elementParagraphs: Float64Array;
  private readonly best: PageElement | undefined;
  private readonly bestChain = new Set<number>();
  private bestStart = 0;
  private bestEnd = 0;
  private readonly kin = new Map<string, { count: number; length: number; linked: number; indices: number[] }>();
  private readonly kinOf: string[] = [];
  private readonly copies = new Map<string, number>();
  private readonly known: KnownWords;
  private readonly linkedBody: string;
  private readonly firstHeading: number;

  constructor(
    private readonly blocks: readonly TextBlock[],
    elements: number,
    page: PageContext,
  ) {
    const n = blocks.length;
    this.n = n;
    this.lengths = new Float64Array(n + 1);
    this.linked = new Float64Array(n + 1);
    this.elementText = new Float64Array(elements);
    this.elementLinked = new Float64Array(elements);
    this.elementBlocks = new Float64Array(elements);
    this.elementParagraphs = new Float64Array(elements);
    const scores = new Float64Array(elements);
    for (let i = 0; i < n; i++) this.add(blocks[i]!, i, scores);
    this.best = this.findBest(scores);
    this.markBest();
    this.known = new KnownWords([page.title, page.heading, page.description]);
    this.linkedBody = squeeze(page.linkedBody);
    this.firstHeading = blocks.findIndex((b) => b.element.tag === 'h1');
  }

  private add(block: TextBlock, i: number, scores: Float64Array): void {
    const { length } = block.text;
    this.lengths[i + 1] = this.lengths[i]! + length;
    this.linked[i + 1] = this.linked[i]! + block.linked;
    const paragraph = length - block.linked > 80 && block.linked < 0.3 * length ? 1 : 0;
    const score = paragraph * Math.min(600, length - block.linked);
    let level = 0;
    for (let e: PageElement | undefined = block.element; e !== undefined; e = e.parent) {
      this.elementText[e.id]! += length;
      this.elementLinked[e.id]! += block.linked;
      this.elementBlocks[e.id]!++;
      this.elementParagraphs[e.id]! += paragraph;
      // A paragraph speaks for the boxes right around it; the share halves with each further level.
      if (paragraph === 1 && level < 5) scores[e.id]! += score / (level < 2 ? 1 : 2 ** (level - 1));
      level++;
    }
    const key = kinship(block.element);
    this.kinOf.push(key);
    const kin = this.kin.get(key);
    if (kin === undefined) this.kin.set(key, { count: 1, length, linked: block.linked, indices: [i] });
    else {
      kin.count++;
      kin.length += length;
      kin.linked += block.linked;
      kin.indices.push(i);
    }
    const copy = block.text.slice(0, 80);
    this.copies.set(copy, (this.copies.get(copy) ?? 0) + 1);
  }

  /** The element whose paragraphs speak loudest for it; the smallest of equals, the earlier of those. */
  private findBest(scores: Float64Array): PageElement | undefined {
    let best: PageElement | undefined;
    let bestScore = 0;
    const seen = new Set<number>();
    for (const block of this.blocks) {
      let level = 0;
      for (let e: PageElement | undefined = block.element; e !== undefined && level < 6; e = e.parent, level++) {
        if (seen.has(e.id)) break;
        seen.add(e.id);
        const score = scores[e.id]! * (1 - this.elementLinked[e.id]! / this.elementText[e.id]!);
        if (score > bestScore) {
          bestScore = score;
          best = e;
        }
      }
    }
    return best;
  }

  private markBest(): void {
    for (let e = this.best; e !== undefined; e = e.parent) this.bestChain.add(e.id);
    if (this.best === undefined) return;
    const inside = (block: TextBlock): boolean => {
      for (let e: PageElement | undefined = block.element; e !== undefined; e = e.parent)
        if (e === this.best) return true;
      return false;
    };
    this.bestStart = this.blocks.findIndex(inside);
    this.bestEnd = this.blocks.findLastIndex(inside);
  }

  private levelsToBest(element: PageElement): number {
    let level = 0;
    for (let e: PageElement | undefined = element; e !== undefined; e = e.parent) {
      if (this.bestChain.has(e.id))
        return e === this.best ? -Math.min(level, 10) : Math.min(20, level + 1 + this.levelsUp(e));
      level++;
    }
    return 20;
  }

  private levelsUp(ancestor: PageElement): number {
    let level = 0;
    for (let e = this.best; e !== undefined && e !== ancestor; e = e.parent) level++;
    return level;
  }

  private density(e: PageElement | undefined): number {
    return e === undefined || this.elementText[e.id] === 0 ? 0 : this.elementLinked[e.id]! / this.elementText[e.id]!;
  }

  /** Writes how block `i` stands among the others; returns the index behind the last value. */
  write(i: number, out: Float32Array, at: number): number {
    const { n, blocks } = this;
    const block = blocks[i]!;
    const total = Math.max(1, this.lengths[n]!);
    const box = block.element;
    const parent = box.parent;
    const grandparent = parent?.parent;
    const textOf = (e: PageElement | undefined) => (e === undefined ? 0 : this.elementText[e.id]!);
    const best = this.best;
    const kin = this.kin.get(this.kinOf[i]!)!;
    const heading = this.lastHeading(i);
    out[at++] = i / n;
    out[at++] = this.lengths[i]! / total;
    out[at++] = (total - this.lengths[i + 1]!) / total;
    out[at++] = Math.log1p(n);
    out[at++] = Math.log1p(total);
    out[at++] = heading >= 0 ? 1 : 0;
    out[at++] = heading >= 0 ? Math.min(50, i - heading) : 50;
    out[at++] = this.firstHeading >= 0 ? clamp(i - this.firstHeading, 60) : 61;
    at = this.known.writeOverlaps(block.text, out, at);
    out[at++] = this.linkedBody !== '' && this.linkedBody.includes(squeeze(block.text)) ? 1 : 0;
    out[at++] = this.linkedBody !== '' ? 1 : 0;
    out[at++] = Math.min(10, this.copies.get(block.text.slice(0, 80))!);
    out[at++] = Math.log1p(textOf(box));
    out[at++] = textOf(box) / total;
    out[at++] = this.density(box);
    out[at++] = Math.log1p(this.elementBlocks[box.id]!);
    out[at++] = Math.log1p(this.elementParagraphs[box.id]!);
    out[at++] = Math.log1p(textOf(parent));
    out[at++] = textOf(parent) / total;
    out[at++] = this.density(parent);
    out[at++] = Math.log1p(parent === undefined ? 0 : this.elementBlocks[parent.id]!);
    out[at++] = textOf(grandparent) / total;
    out[at++] = this.density(grandparent);
    out[at++] = this.levelsToBest(box);
    out[at++] = textOf(best) / total;
    out[at++] = this.density(best);
    out[at++] = best === undefined ? 0 : clamp(i - this.bestStart, 40);
    out[at++] = best === undefined ? 0 : clamp(i - this.bestEnd, 40);
    out[at++] = Math.log1p(kin.count);
    out[at++] = Math.log1p(kin.length / kin.count);
    out[at++] = kin.length === 0 ? 0 : kin.linked / kin.length;
    out[at++] = kinNear(kin.indices, i);
    for (const d of [-3, -2, -1, 1, 2, 3]) out[at++] = Math.log1p(blocks[i + d]?.text.length ?? 0);
    for (const d of [-2, -1, 1, 2]) out[at++] = linkDensity(blocks[i + d]);
    for (const d of [-1, 1]) out[at++] = blocks[i + d]?.element.tag === 'p' ? 1 : 0;
    for (const d of [-1, 1]) out[at++] = /[.!?。！？…]["'”’»)」]*$/.test(blocks[i + d]?.text ?? '') ? 1 : 0;
    for (const d of [-1, 1]) out[at++] = blocks[i + d]?.element.parent === parent ? 1 : 0;
    for (const reach of [4, 12]) {
      const from = Math.max(0, i - reach);
      const to = Math.min(n, i + reach + 1);
      const text = this.lengths[to]! - this.lengths[from]!;
      const linked = this.linked[to]! - this.linked[from]!;
      out[at++] = Math.log1p(text - linked);
      out[at++] = text === 0 ? 0 : linked / text;
    }
    return at;
  }

  /** Whether a block is one short link among links: the bulk of menus and teasers, which no look at its details needs. */
  isLinkAmongLinks(i: number): boolean {
    const { text, linked, element } = this.blocks[i]!;
    if (text.length > 100 || linked < text.length || this.density(element) <= 0.8) return false;
    const from = Math.max(0, i - 4);
    const to = Math.min(this.n, i + 5);
    return this.linked[to]! - this.linked[from]! > 0.5 * (this.lengths[to]! - this.lengths[from]!);
  }

  private lastHeading(i: number): number {
    for (let j = i; j >= 0 && j > i - 50; j--) if (/^h[1-6]$/.test(this.blocks[j]!.element.tag)) return j;
    return -1;
  }
}

function kinship(element: PageElement): string {
  let key = '';
  let e: PageElement | undefined = element;
  for (let level = 0; level < 3 && e !== undefined; level++, e = e.parent) {
    key += `${e.tag}.`;
    for (let i = 0; i < e.attributes.length; i += 2) if (e.attributes[i] === 'class') key += e.attributes[i + 1];
    key += '/';
  }
  return key;
}

/** How many of the blocks of the same kind stand within eight blocks. */
function kinNear(indices: readonly number[], i: number): number {
  let low = 0;
  let high = indices.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (indices[middle]! < i - 8) low = middle + 1;
    else high = middle;
  }
  let count = 0;
  while (low + count < indices.length && indices[low + count]! <= i + 8) count++;
  return count;
}

function clamp(value: number, bound: number): number {
  return Math.max(-bound, Math.min(bound, value));
}

function linkDensity(block: TextBlock | undefined): number {
  return block === undefined ? 0 : Math.min(1, block.linked / block.text.length);
}

function squeeze(text: string): string {
  return text.replace(/[^\p{L}\p{N}]+/gu, '').toLowerCase();
}

/** Words of a few texts, to be looked for in many others. */
class KnownWords {
  /** Number of each word. */
  private readonly numbers = new Map<string, number>();
  /** Bit `t` is set where text `t` holds the word. */
  private readonly texts: number[] = [];
  private readonly sizes: number[];
  /** The last search in which a word was seen. */
  private readonly seen: number[] = [];
  private search = 0;

  constructor(texts: readonly string[]) {
    this.sizes = texts.map((text, t) => {
      const words = new Set(text.slice(0, maxKnown).toLowerCase().match(wordPattern) ?? []);
      for (const word of words) {
        const number = this.numbers.get(word) ?? this.texts.length;
        this.numbers.set(word, number);
        this.texts[number] = (this.texts[number] ?? 0) | (1 << t);
      }
      return words.size;
    });
  }

  /** Writes, for each known text, the share of the words of the shorter that both hold. */
  writeOverlaps(text: string, out: Float32Array, at: number): number {
    const { sizes } = this;
    const shared = new Int32Array(sizes.length);
    let words = 0;
    this.search++;
    if (this.numbers.size > 0) {
      for (const word of text.slice(0, maxCompared).toLowerCase().match(wordPattern) ?? []) {
        words++;
        const number = this.numbers.get(word);
        if (number === undefined || this.seen[number] === this.search) continue;
        this.seen[number] = this.search;
        for (let t = 0; t < sizes.length; t++) shared[t]! += (this.texts[number]! >> t) & 1;
      }
    }
    for (let t = 0; t < sizes.length; t++) {
      const least = Math.min(words, sizes[t]!);
      out[at++] = least === 0 ? 0 : shared[t]! / least;
    }
    return at;
  }
}

const wordPattern = /[\p{L}\p{N}]+/gu;
/** Characters of a title, heading or description that are read. */
const maxKnown = 1000;
/** Characters of a block that are compared with them. */
const maxCompared = 240;
