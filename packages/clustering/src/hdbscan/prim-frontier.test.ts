import { createRandom } from '@matome/primitives/random';
import { describe, expect, it } from 'vitest';
import { PrimFrontier } from './prim-frontier.js';

describe('PrimFrontier', () => {
  it('always names the lightest slot, then the shortest, then the first', () => {
    const random = createRandom(1);
    for (const rows of [1, 2, 31, 32, 33, 100]) {
      const frontier = new PrimFrontier(rows);
      for (let left = rows; left > 0; left--) {
        for (let i = 0; i < 20; i++) {
          const slot = Math.floor(random() * left);
          const weight = Math.min(frontier.key[slot]!, Math.floor(random() * 6));
          const length = weight === frontier.key[slot] ? Math.min(frontier.length[slot]!, 3) : Math.floor(random() * 6);
          frontier.improve(slot, weight, length, i);
        }
        const slots = Array.from({ length: left }, (_, slot) => slot);
        const [expected] = slots.sort(
          (a, b) => frontier.key[a]! - frontier.key[b]! || frontier.length[a]! - frontier.length[b]! || a - b,
        );
        expect(frontier.lightest()).toBe(expected);
        const row = frontier.row[expected!]!;
        const last = frontier.row[left - 1]!;
        expect(frontier.remove(expected!)).toBe(left - 1);
        expect(frontier.slotOf[row]).toBe(-1);
        if (last !== row) expect(frontier.slotOf[last]).toBe(expected);
      }
    }
  });
});
