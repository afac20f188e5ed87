import { type Code, defineFunction, encodeModule, f32x4, f64x2, flow, i32, v128 } from '@matome/primitives/wasm';

/** Levels of every tree; trees of fewer are filled up. */
export const levels = 4;
/** Inner nodes of a tree. */
export const innerNodes = 2 ** levels - 1;
/** Rows that go through a tree at once. */
export const blockRows = 8;

/** Bytes of a tree: address of the column of every inner node in a block, its threshold, the value of every leaf. */
export const treeBytes = 4 * (innerNodes + innerNodes + innerNodes + 1);
const thresholdsAt = 4 * innerNodes;
const leavesAt = 8 * innerNodes;

/** Bytes of a column of a block. */
export const columnBytes = 4 * blockRows;

const halves = [0, 1] as const;

/**
 * `score(trees, treesEnd, block, blocksEnd, blockBytes, out, scale)`: adds the float64 at `scale` times the leaves that eight
 * rows fall into, tree after tree, to eight float64 of `out`, block after block. A row goes right at a node when its value is
 * at least the threshold.
 *
 * All nodes of a tree are compared, and of the leaves one is chosen by the masks: rows side by side need no look-up by place.
 */
export function encodeTreeKernel(): Uint8Array<ArrayBuffer> {
  const params = {
    ...({ trees: 'i32', treesEnd: 'i32', block: 'i32', blocksEnd: 'i32' } as const),
    ...({ blockBytes: 'i32', out: 'i32', scale: 'i32' } as const),
  };
  const locals = {
    ...({ tree: 'i32', column: 'i32', threshold: 'v128', left: 'v128', right: 'v128', factor: 'v128' } as const),
    ...({ value0: 'v128', value1: 'v128', sum0: 'v128', sum1: 'v128', sum2: 'v128', sum3: 'v128' } as const),
    ...({ kept00: 'v128', kept01: 'v128', kept10: 'v128', kept11: 'v128', kept20: 'v128', kept21: 'v128' } as const),
  };
  const score = defineFunction('score', params, locals, (v) => {
    const chooseAt = (node: number, right: (half: 0 | 1) => Code, left: (half: 0 | 1) => Code): Code => [
      ...v.column.set(i32.add(v.block.get, i32.load(v.tree.get, 4 * node))),
      ...v.threshold.set(v128.load32Splat(v.tree.get, thresholdsAt + 4 * node)),
      ...halves.flatMap((half) => {
        const mask = f32x4.le(v.threshold.get, v128.load(v.column.get, 16 * half));
        return v[`value${half}`].set(v128.select(right(half), left(half), mask));
      }),
    ];
    // Leaves `value0` and `value1` as the leaves that the rows reach below a node.
    const descend = (node: number, depth: number): Code => {
      if (depth === levels - 1) {
        const leaf = leavesAt + 4 * 2 * (node - (2 ** depth - 1));
        return [
          ...v.left.set(v128.load32Splat(v.tree.get, leaf)),
          ...v.right.set(v128.load32Splat(v.tree.get, leaf + 4)),
          ...chooseAt(
            node,
            () => v.right.get,
            () => v.left.get,
          ),
        ];
      }
      const kept = (half: 0 | 1) => v[`kept${depth as 0 | 1 | 2}${half}`];
      return [
        ...descend(2 * node + 1, depth + 1),
        ...halves.flatMap((half) => kept(half).set(v[`value${half}`].get)),
        ...descend(2 * node + 2, depth + 1),
        ...chooseAt(
          node,
          (half) => v[`value${half}`].get,
          (half) => kept(half).get,
        ),
      ];
    };
    const high = (value: Code) => v128.shuffle(value, value, [2, 3, 2, 3]);
    const sums = [v.sum0, v.sum1, v.sum2, v.sum3];
    const addLeaves = sums.flatMap((sum, k) => {
      const value = v[k < 2 ? 'value0' : 'value1'].get;
      return sum.set(f64x2.add(sum.get, f64x2.mul(v.factor.get, f64x2.promoteLow(k % 2 === 0 ? value : high(value)))));
    });
    return [
      ...v.factor.set(v128.load64Splat(v.scale.get)),
      ...flow.loop([
        ...sums.flatMap((sum, k) => sum.set(v128.load(v.out.get, 16 * k))),
        ...v.tree.set(v.trees.get),
        ...flow.loop([
          ...descend(0, 0),
          ...addLeaves,
          ...v.tree.set(i32.add(v.tree.get, i32.constant(treeBytes))),
          ...flow.branchIf(0, i32.ltU(v.tree.get, v.treesEnd.get)),
        ]),
        ...sums.flatMap((sum, k) => v128.store(v.out.get, sum.get, 16 * k)),
        ...v.out.set(i32.add(v.out.get, i32.constant(8 * blockRows))),
        ...v.block.set(i32.add(v.block.get, v.blockBytes.get)),
        ...flow.branchIf(0, i32.ltU(v.block.get, v.blocksEnd.get)),
      ]),
    ];
  });
  return encodeModule([score]);
}
