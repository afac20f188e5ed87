import { describe, expect, it } from 'vitest';
import { contentionOf } from './contention.js';

const eleven = (last: number) => Float64Array.of(1, 1, 1, 1, 1, 1, 1, 1, 1, 0, last);

describe('contentionOf', () => {
  it('is 1 where the last tag and the first candidate behind are alike', () => {
    expect(contentionOf(eleven(0))).toBe(1);
  });
  it('falls with the gap between them, whatever the order', () => {
    expect(contentionOf(eleven(-3))).toBeLessThan(contentionOf(eleven(-1)));
    expect(contentionOf(eleven(-3).reverse())).toBe(contentionOf(eleven(-3)));
  });
  it('is 0 when every candidate is a tag', () => {
    expect(contentionOf(new Float64Array(10))).toBe(0);
    expect(contentionOf(new Float64Array(0))).toBe(0);
  });
});
