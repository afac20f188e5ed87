import { classCues, cueNames, isHidden } from './class-cues.js';
import type { PageElement } from './page-tree.js';
import type { TextBlock } from './text-blocks.js';

const semanticTags = [
  'article',
  'main',
  'section',
  'aside',
  'nav',
  'footer',
  'header',
  'form',
  'list',
  'table',
  'figure',
  'blockquote',
] as const;

/** Names of what `writeStructureFeatures` writes, in order. */
export const structureFeatureNames: readonly string[] = [
  'isParagraph',
  'headingLevel',
  'isItem',
  'isCell',
  'isBox',
  'isQuote',
  'isPreformatted',
  'isCaption',
  'isControl',
  'depth',
  'hidden',
  ...semanticTags.map((name) => `${name}Above`),
  ...cueNames.map((name) => `${name}Cue`),
  'ownCues',
];

const semanticIndex: ReadonlyMap<string, number> = new Map([
  ...semanticTags.map((tag, i) => [tag, i] as const),
  ['ul', 8],
  ['ol', 8],
  ['dl', 8],
  ['menu', 8],
]);

/** Levels beyond which an ancestor's words say nothing more about a block. */
const far = 20;

/** Class cues and visibility of each element, read once a page. */
export class ElementCues {
  private readonly cues: Int32Array;
  private readonly hidden: Int8Array;
  private readonly byWords = new Map<string, number>();

  constructor(elements: number) {
    this.cues = new Int32Array(elements).fill(-1);
    this.hidden = new Int8Array(elements).fill(-1);
  }

  of(element: PageElement): number {
    let bits = this.cues[element.id]!;
    if (bits >= 0) return bits;
    bits = classCues(element, this.byWords);
    this.cues[element.id] = bits;
    return bits;
  }

  hides(element: PageElement): boolean {
    let hidden = this.hidden[element.id]!;
    if (hidden < 0) {
      hidden = isHidden(element) ? 1 : 0;
      this.hidden[element.id] = hidden;
    }
    return hidden === 1;
  }
}

/** Writes where in the page a block stands; returns the index behind the last value. */
export function writeStructureFeatures(block: TextBlock, cues: ElementCues, out: Float32Array, at: number): number {
  const { tag } = block.element;
  out[at++] = tag === 'p' ? 1 : 0;
  out[at++] = /^h[1-6]$/.test(tag) ? Number(tag[1]) : 0;
  out[at++] = tag === 'li' ? 1 : 0;
  out[at++] = tag === 'td' || tag === 'th' ? 1 : 0;
  out[at++] = tag === 'div' || tag === 'section' || tag === 'article' ? 1 : 0;
  out[at++] = tag === 'blockquote' ? 1 : 0;
  out[at++] = tag === 'pre' ? 1 : 0;
  out[at++] = tag === 'figcaption' || tag === 'caption' || tag === 'dt' ? 1 : 0;
  out[at++] = tag === 'button' || tag === 'legend' || tag === 'summary' || tag === 'option' ? 1 : 0;
  const depthAt = at++;
  const hiddenAt = at++;
  const semanticsAt = at;
  const cuesAt = semanticsAt + semanticTags.length;
  out.fill(far, semanticsAt, cuesAt + cueNames.length);
  out[hiddenAt] = 0;
  let depth = 0;
  for (let e: PageElement | undefined = block.element; e !== undefined; e = e.parent) {
    // The page's own root speaks of the whole page: its classes say nothing about one block.
    if (e.tag === 'body' || e.tag === 'html') break;
    if (depth < far) {
      const semantic = semanticIndex.get(e.tag);
      if (semantic !== undefined && out[semanticsAt + semantic] === far) out[semanticsAt + semantic] = depth;
      const bits = cues.of(e);
      if (bits !== 0) {
        for (let i = 0; i < cueNames.length; i++) {
          if ((bits >> i) & 1 && out[cuesAt + i] === far) out[cuesAt + i] = depth;
        }
      }
      if (cues.hides(e)) out[hiddenAt] = 1;
    }
    depth++;
  }
  out[depthAt] = Math.min(depth, 60);
  out[cuesAt + cueNames.length] = popCount(cues.of(block.element));
  return cuesAt + cueNames.length + 1;
}

function popCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
