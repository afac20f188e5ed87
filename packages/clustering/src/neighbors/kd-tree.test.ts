import { runSync } from '@matome/primitives/async';
import type { Matrix } from '@matome/primitives/linalg';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestInPanels } from './dense-neighbors.js';
import { boxGap, buildKdTree } from './kd-tree.js';
import { comparisonsPerPoint, nearestInTree } from './kd-tree-neighbors.js';
import { createLeafBlocks } from './leaf-blocks.js';
import { squaredDistance } from './neighbor-lists.js';
import { createPointPanels } from './point-panels.js';
import { createRowDistances } from './row-distances.js';

const matrix = (maxRows: number, value: fc.Arbitrary<number>): fc.Arbitrary<Matrix> =>
  fc
    .tuple(fc.integer({ min: 2, max: maxRows }), fc.integer({ min: 1, max: 5 }))
    .chain(([rows, cols]) =>
      fc
        .array(value, { minLength: rows * cols, maxLength: rows * cols })
        .map((values) => ({ data: Float32Array.from(values), rows, cols })),
    );
const points = fc.oneof(
  matrix(90, fc.float({ min: -8, max: 8, noNaN: true })),
  matrix(90, fc.integer({ min: 0, max: 3 })),
);

/** Rows and squared distances of the k nearest others, by sorting everything. */
function bruteForce(x: Matrix, k: number) {
  return Array.from({ length: x.rows }, (_, i) =>
    Array.from({ length: x.rows }, (_, j) => ({ row: j, distance: squaredDistance(x.data, i, j, x.cols) }))
      .filter(({ row }) => row !== i)
      .sort((a, b) => a.distance - b.distance || a.row - b.row)
      .slice(0, k),
  );
}

describe('buildKdTree', () => {
  it('keeps every row once and each node inside its box', () => {
    fc.assert(
      fc.property(points, fc.integer({ min: 1, max: 32 }), (x, leafSize) => {
        const tree = buildKdTree(x, { leafSize });
        expect([...tree.order].sort((a, b) => a - b)).toEqual(Array.from({ length: x.rows }, (_, i) => i));
        for (let node = 0; node < tree.nodeCount; node++) {
          for (let p = tree.starts[node]!; p < tree.ends[node]!; p++) {
            for (let j = 0; j < x.cols; j++) {
              const value = tree.points[p * x.cols + j]!;
              expect(value).toBe(x.data[tree.order[p]! * x.cols + j]);
              expect(value).toBeGreaterThanOrEqual(tree.boxes[node * 2 * x.cols + j]!);
              expect(value).toBeLessThanOrEqual(tree.boxes[node * 2 * x.cols + x.cols + j]!);
            }
          }
          if (node >= tree.firstLeaf) expect(tree.ends[node]! - tree.starts[node]!).toBeLessThanOrEqual(leafSize);
        }
      }),
    );
  });

  it('gives no gap between boxes that touch', () => {
    const tree = buildKdTree({ data: new Float32Array([0, 1, 1, 2]), rows: 4, cols: 1 }, { leafSize: 2 });
    expect(boxGap(tree, 1, 2)).toBe(0);
    expect(boxGap(tree, 1, 1)).toBe(0);
  });

  it('names the first row that is not finite', () => {
    expect(() => buildKdTree({ data: new Float32Array([0, 1, Number.NaN, 1]), rows: 2, cols: 2 })).toThrow(
      /Row 1 holds NaN in column 0/,
    );
  });

  it('stands for no rows and for no columns', () => {
    expect(buildKdTree({ data: new Float32Array(0), rows: 0, cols: 3 }).nodeCount).toBe(1);
    expect(buildKdTree({ data: new Float32Array(0), rows: 40, cols: 0 }).order).toHaveLength(40);
  });
});

describe('nearest neighbours', () => {
  it('in the tree are those of brute force, ties by row', () => {
    fc.assert(
      fc.property(points, fc.integer({ min: 1, max: 9 }), fc.boolean(), (x, wanted, simd) => {
        const k = Math.min(wanted, x.rows - 1);
        const tree = buildKdTree(x, { leafSize: 8 });
        const lists = runSync(nearestInTree(tree, createLeafBlocks(tree, simd), k));
        const expected = bruteForce(x, k);
        for (let p = 0; p < x.rows; p++) {
          const found = Array.from({ length: k }, (_, r) => ({
            row: tree.order[lists.indices[p * k + r]!]!,
            distance: lists.squared[p * k + r]!,
          }));
          expect(found).toEqual(expected[tree.order[p]!]);
        }
      }),
    );
  });

  it('in panels are those of brute force, ties by row', () => {
    fc.assert(
      fc.property(points, fc.integer({ min: 1, max: 9 }), fc.boolean(), (x, wanted, simd) => {
        const k = Math.min(wanted, x.rows - 1);
        const lists = runSync(nearestInPanels(x, createPointPanels(x, { simd }), k, createRowDistances(x, simd)));
        const expected = bruteForce(x, k);
        for (let i = 0; i < x.rows; i++) {
          const found = Array.from({ length: k }, (_, r) => ({
            row: lists.indices[i * k + r]!,
            distance: lists.squared[i * k + r]!,
          }));
          expect(found).toEqual(expected[i]);
        }
      }),
    );
  });

  it('survive values whose float32 squares overflow or vanish', () => {
    for (const scale of [1e30, 1e-30]) {
      const x = { data: Float32Array.from([0, 1, 3, 7, 15, 31], (v) => v * scale), rows: 6, cols: 1 };
      const tree = buildKdTree(x, { leafSize: 4 });
      const inTree = runSync(nearestInTree(tree, createLeafBlocks(tree), 1));
      const inPanels = runSync(nearestInPanels(x, createPointPanels(x), 1));
      const rows = Array.from({ length: 6 }, (_, i) => tree.order[inTree.indices[tree.order.indexOf(i)]!]!);
      expect(rows).toEqual([1, 0, 1, 2, 3, 4]);
      expect([...inPanels.indices]).toEqual([1, 0, 1, 2, 3, 4]);
    }
  });

  it('are counted for the choice of an algorithm', () => {
    const x = { data: Float32Array.from({ length: 4096 }, (_, i) => i), rows: 4096, cols: 1 };
    const tree = buildKdTree(x, { leafSize: 16 });
    const perPoint = comparisonsPerPoint(tree, createLeafBlocks(tree), 4);
    expect(perPoint).toBeGreaterThan(4);
    expect(perPoint).toBeLessThan(200);
  });
});
