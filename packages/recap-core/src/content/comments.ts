import { cueNames } from './class-cues.js';
import type { PageElement, PageTree } from './page-tree.js';
import type { ElementCues } from './structure-features.js';
import type { TextBlock } from './text-blocks.js';

const commentBit = 1 << cueNames.indexOf('comment');

/**
 * Marks the blocks of readers' comments: running text inside a part of the page whose class names speak of comments,
 * which holds less text than the article outside it.
 *
 * @returns one flag a block.
 */
export function commentBlocks(
  page: PageTree,
  blocks: readonly TextBlock[],
  probabilities: Float32Array,
  cues: ElementCues,
): Uint8Array {
  const flags = new Uint8Array(blocks.length);
  const state = new Int8Array(page.elements).fill(-1);
  const inComments = (element: PageElement): boolean => {
    if (element.tag === 'body' || element.tag === 'html' || element.tag === '#root') return false;
    const seen = state[element.id]!;
    if (seen >= 0) return seen === 1;
    const speaks =
      (cues.of(element) & commentBit) !== 0 || (element.parent !== undefined && inComments(element.parent));
    state[element.id] = speaks ? 1 : 0;
    return speaks;
  };
  let inside = 0;
  let outside = 0;
  for (let i = 0; i < blocks.length; i++) {
    const block = blocks[i]!;
    const likely = probabilities[i]! >= 0.5 ? block.text.length : 0;
    if (!inComments(block.element)) outside += likely;
    else if (isRunningText(block)) {
      flags[i] = 1;
      inside += likely;
    }
  }
  // Where the likely article itself stands under such a name (a template called "no-comments"), the name says nothing.
  if (inside > outside) flags.fill(0);
  return flags;
}

function isRunningText(block: TextBlock): boolean {
  const enough = block.element.tag === 'p' ? 2 : 20;
  return block.text.length >= enough && block.linked < 0.5 * block.text.length && /\s|[\u3040-\u9fff]/.test(block.text);
}
