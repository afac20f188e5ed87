import { BlockContext, contextFeatureNames } from './context-features.js';
import type { HeadData } from './head-data.js';
import type { PageTree } from './page-tree.js';
import { ElementCues, structureFeatureNames, writeStructureFeatures } from './structure-features.js';
import type { TextBlock } from './text-blocks.js';
import { textFeatureNames, writeTextFeatures } from './text-features.js';

/** Names of the columns of `blockFeatures`, in order. */
export const blockFeatureNames: readonly string[] = [
  ...textFeatureNames,
  ...structureFeatureNames,
  ...contextFeatureNames,
];

/** Numbers about blocks. */
export interface BlockFeatures {
  /** Indices of the blocks described, ascending. The others are links among links, which no article is made of. */
  readonly rows: readonly number[];
  /** `rows.length × blockFeatureNames.length`, row by row. */
  readonly matrix: Float32Array;
}

/**
 * Describes the blocks of a page by numbers: their text, where they stand in the page, and the blocks around them.
 *
 * @remarks O(blocks × depth).
 */
export function blockFeatures(
  page: PageTree,
  blocks: readonly TextBlock[],
  head: HeadData,
  cues: ElementCues = new ElementCues(page.elements),
): BlockFeatures {
  const width = blockFeatureNames.length;
  const context = new BlockContext(blocks, page.elements, {
    title: head.meta.get('og:title') ?? head.title,
    heading: blocks.find((block) => block.element.tag === 'h1')?.text ?? '',
    description: head.meta.get('og:description') ?? head.meta.get('description') ?? '',
    linkedBody: linkedBody(head),
  });
  const rows: number[] = [];
  for (let i = 0; i < blocks.length; i++) if (!context.isLinkAmongLinks(i)) rows.push(i);
  const matrix = new Float32Array(rows.length * width);
  for (let row = 0; row < rows.length; row++) {
    const i = rows[row]!;
    const at = writeTextFeatures(blocks[i]!, matrix, row * width);
    context.write(i, matrix, writeStructureFeatures(blocks[i]!, cues, matrix, at));
  }
  return { rows, matrix };
}

/** The longest `articleBody` of the page's JSON-LD, without markup. */
function linkedBody(head: HeadData): string {
  let body = '';
  for (const object of head.linkedData) {
    const text = object.articleBody;
    if (typeof text === 'string' && text.length > body.length) body = text;
  }
  return body.replace(/<[^>]{0,1000}>/g, ' ');
}
