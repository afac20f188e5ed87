import type { TextBlock } from '../../src/content/text-blocks.js';

/** Pieces of text that a person said the extraction of a page must hold, and must not hold. */
export interface Segments {
  readonly with: readonly string[];
  readonly without: readonly string[];
}

function plain(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/**
 * Labels the blocks that a segment speaks of: 1 belongs, 0 does not, -1 nobody said.
 *
 * A wanted segment that stands in several blocks speaks of the longest of them that is no link; an unwanted one speaks
 * of all.
 */
export function labelBySegments(blocks: readonly TextBlock[], segments: Segments): Int8Array {
  const labels = new Int8Array(blocks.length).fill(-1);
  const texts = blocks.map((block) => plain(block.text));
  const holding = (segment: string) => [...texts.keys()].filter((i) => texts[i]!.includes(plain(segment)));
  for (const segment of segments.without) {
    if (plain(segment) !== '') for (const i of holding(segment)) labels[i] = 0;
  }
  for (const segment of segments.with) {
    const hits = holding(segment);
    if (hits.length === 0) continue;
    const rank = (i: number) => (blocks[i]!.linked < 0.5 * blocks[i]!.text.length ? 1e7 : 0) + texts[i]!.length;
    const meant = hits.reduce((best, i) => (rank(i) > rank(best) ? i : best));
    if (hits.length === 1 || labels[meant] !== 0) labels[meant] = 1;
  }
  return labels;
}

/**
 * Labels every block by an extraction of the page that somebody made: 1 where the block stands in it.
 *
 * Blocks are matched in order (longest common subsequence), so that a short block counts only in its place; long blocks
 * count wherever they stand.
 */
export function labelByExtraction(blocks: readonly TextBlock[], extracted: readonly string[]): Int8Array {
  const texts = blocks.map((block) => block.text);
  const labels = new Int8Array(texts.length);
  const ids = new Map<string, number>();
  const idOf = (text: string): number => {
    if (!ids.has(text)) ids.set(text, ids.size);
    return ids.get(text)!;
  };
  for (const i of longestCommonSubsequence(texts.map(idOf), extracted.map(idOf))) labels[i] = 1;
  const all = letters(extracted.join(' '));
  texts.forEach((text, i) => {
    if (text.length > 60 && all.includes(letters(text))) labels[i] = 1;
  });
  return labels;
}

function letters(text: string): string {
  return text.replace(/[^\p{L}\p{N}]+/gu, '');
}

/** Positions in `a` of a longest common subsequence with `b`. */
function longestCommonSubsequence(a: readonly number[], b: readonly number[]): number[] {
  const width = b.length + 1;
  const best = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      best[i * width + j] =
        a[i] === b[j]
          ? best[(i + 1) * width + j + 1]! + 1
          : Math.max(best[(i + 1) * width + j]!, best[i * width + j + 1]!);
    }
  }
  const positions: number[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) {
      positions.push(i);
      i++;
      j++;
    } else if (best[(i + 1) * width + j]! >= best[i * width + j + 1]!) i++;
    else j++;
  }
  return positions;
}
