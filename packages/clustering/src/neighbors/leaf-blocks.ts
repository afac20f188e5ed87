import { type BlockKernel, createBlockKernel } from '../wasm/block-kernel.js';
import type { KdTree } from './kd-tree.js';

/** A kernel whose block i holds the points of leaf `firstLeaf + i`. */
export function createLeafBlocks(tree: KdTree, simd = true): BlockKernel {
  const { points, cols, starts, ends, firstLeaf, nodeCount } = tree;
  let largest = 1;
  for (let leaf = firstLeaf; leaf < nodeCount; leaf++) largest = Math.max(largest, ends[leaf]! - starts[leaf]!);
  const lanes = Math.ceil(largest / 4) * 4;
  const kernel = createBlockKernel(cols, lanes, nodeCount - firstLeaf, simd);
  for (let leaf = firstLeaf; leaf < nodeCount; leaf++) {
    const block = (leaf - firstLeaf) * cols * lanes;
    for (let p = starts[leaf]!, lane = 0; p < ends[leaf]!; p++, lane++) {
      for (let j = 0; j < cols; j++) kernel.blocks[block + j * lanes + lane] = points[p * cols + j]!;
    }
  }
  return kernel;
}
