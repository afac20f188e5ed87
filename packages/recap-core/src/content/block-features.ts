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

/**
 * Describes every block of a page by numbers: its text, where it stands in the page, and the blocks around it.
 *
 * @returns blocks × `blockFeatureNames.length`, row by row.
 * @remarks O(blocks × depth).
 */
export function blockFeatures(
  page: PageTree,
  blocks: readonly TextBlock[],
  head: HeadData,
  cues: ElementCues = new ElementCues(page.elements),
): Float32Array {
  const width = blockFeatureNames.length;
  const features = new Float32Array(blocks.length * width);
  const context = new BlockContext(blocks, page.elements, {
    title: head.meta.get('og:title') ?? head.title,
    heading: blocks.find((block) => block.element.tag === 'h1')?.text ?? '',
    description: head.meta.get('og:description') ?? head.meta.get('description') ?? '',
    linkedBody: linkedBody(head),
  });
  for (let i = 0; i < blocks.length; i++) {
    const at = writeTextFeatures(blocks[i]!, features, i * width);
    context.write(i, features, writeStructureFeatures(blocks[i]!, cues, features, at));
  }
  return features;
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
