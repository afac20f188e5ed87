import { createRandom } from '@matome/primitives/random';
import { interactionMatrix } from '@matome/two-tower';
import { describe, expect, it } from 'vitest';
import { holdOut, keepItems, selectItems, union } from './interaction-splits.js';

const lists = [[0, 2, 4], [1], [], Array.from({ length: 30 }, (_, i) => i)];
const matrix = interactionMatrix(
  { userRows: lists.flatMap((list, u) => list.map(() => u)), itemRows: lists.flat() },
  4,
  30,
);
const itemsOf = ({ indptr, indices }: typeof matrix) =>
  Array.from({ length: indptr.length - 1 }, (_, u) => [...indices.subarray(indptr[u]!, indptr[u + 1]!)]);

describe('holdOut', () => {
  it('takes a tenth of each user, at least one where one is left', () => {
    const [left, held] = holdOut(matrix, createRandom(1));
    expect(itemsOf(held).map(({ length }) => length)).toEqual([1, 0, 0, 3]);
    expect(itemsOf(union(left, held))).toEqual(lists);
    expect(itemsOf(left).map(({ length }) => length)).toEqual([2, 1, 0, 27]);
  });
});

describe('keepItems and selectItems', () => {
  it('leave the other items out, with or without their columns', () => {
    const kept = keepItems(matrix, new Set([2, 4]));
    expect([kept.cols, itemsOf(kept)]).toEqual([30, [[2, 4], [], [], [2, 4]]]);
    const selected = selectItems(matrix, [4, 1]);
    expect([selected.cols, itemsOf(selected)]).toEqual([2, [[0], [1], [], [0, 1]]]);
  });
});
