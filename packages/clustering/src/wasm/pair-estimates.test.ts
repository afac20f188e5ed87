import { createRandom, normalSample } from '@matome/primitives/random';
import { borrowMemory } from '@matome/primitives/wasm';
import { describe, expect, it } from 'vitest';
import { PairEstimates } from './pair-estimates.js';

describe('PairEstimates', () => {
  const cloud = (rows: number, cols: number, offset: number, scale: number) => {
    const random = createRandom(rows);
    return {
      data: Float32Array.from({ length: rows * cols }, () => offset + scale * normalSample(random)),
      rows,
      cols,
    };
  };
  const squared = ({ data, cols }: { data: Float32Array; cols: number }, a: number, b: number) => {
    let sum = 0;
    for (let j = 0; j < cols; j++) sum += (data[a * cols + j]! - data[b * cols + j]!) ** 2;
    return sum;
  };
  const estimated = (x: { data: Float32Array; rows: number; cols: number }) => {
    const pairs = PairEstimates.of(x, 1e9)!;
    for (let panel = 0; panel < pairs.panels; panel++) pairs.estimate(panel);
    return pairs;
  };
  const shapes = [
    { rows: 40, cols: 1, offset: 0, scale: 1 },
    { rows: 64, cols: 24, offset: 0, scale: 1e-3 },
    { rows: 101, cols: 50, offset: 1000, scale: 1 },
    { rows: 33, cols: 257, offset: -5, scale: 1e20 },
    { rows: 47, cols: 3, offset: 0, scale: 1e-25 },
    { rows: 90, cols: 1500, offset: 0.1, scale: 0.03 },
  ];

  it.each(shapes)('names all rows within their bounds and few others ($rows × $cols, $offset + $scale)', (shape) => {
    const x = cloud(shape.rows, shape.cols, shape.offset, shape.scale);
    const pairs = estimated(x);
    const bounds = Array.from({ length: x.rows }, (_, i) => squared(x, i, (i * 7 + 1) % x.rows));
    bounds.forEach((bound, i) => {
      pairs.setBound(i, bound);
    });
    let named = 0;
    let near = 0;
    for (let row = 0; row < x.rows; row++) {
      const rows = new Set(pairs.named.subarray(0, pairs.near(row)));
      expect(rows.has(row)).toBe(false);
      for (let other = 0; other < x.rows; other++) {
        if (other === row || squared(x, row, other) > bounds[other]!) continue;
        expect(rows.has(other)).toBe(true);
        near++;
      }
      named += rows.size;
    }
    expect(near).toBeGreaterThan(10);
    expect(named - near).toBeLessThan(0.05 * near + 5);
  });

  it.each(shapes)('names the nearest rows of each row ($rows × $cols)', ({ rows, cols, offset, scale }) => {
    const x = cloud(rows, cols, offset, scale);
    const pairs = estimated(x);
    for (const k of [1, 5, 9, rows - 1]) {
      let named = 0;
      for (let row = 0; row < rows; row++) {
        if (row % 32 === 0) pairs.findNearest(row / 32, k);
        const count = pairs.nearest(row);
        const others = Array.from({ length: rows }, (_, other) => other).filter((other) => other !== row);
        others.sort((a, b) => squared(x, row, a) - squared(x, row, b));
        const found = new Set(pairs.named.subarray(0, count));
        for (const other of others.slice(0, k)) expect(found.has(other)).toBe(true);
        named += count;
      }
      if (k === 5) expect(named / rows).toBeLessThan(12);
    }
  });

  it('names all others where a bound is infinite, and equal rows where it is 0', () => {
    const x = { data: new Float32Array(50 * 6).map((_, at) => (at < 120 ? 3 : at % 7)), rows: 50, cols: 6 };
    const pairs = estimated(x);
    for (let i = 0; i < 50; i++) pairs.setBound(i, Number.POSITIVE_INFINITY);
    expect(pairs.near(3)).toBe(49);
    for (let i = 0; i < 50; i++) pairs.setBound(i, 0);
    expect([...pairs.named.subarray(0, pairs.near(3))].filter((other) => other < 20)).toHaveLength(19);
  });

  it('does not see what its memory held before', () => {
    const x = cloud(50, 13, 1, 2);
    const listed = () => {
      const pairs = estimated(x);
      const near = Array.from({ length: 50 }, (_, row) => {
        if (row % 32 === 0) pairs.findNearest(row / 32, 5);
        return [...pairs.named.subarray(0, pairs.nearest(row))];
      });
      for (let row = 0; row < 50; row++) pairs.setBound(row, 20);
      near.push(...near.map((_, row) => [...pairs.named.subarray(0, pairs.near(row))]));
      pairs.release();
      return near;
    };
    const fresh = listed();
    const loan = borrowMemory(1);
    expect(loan.memory.buffer.byteLength).toBeGreaterThan(2 * 64 * 64);
    new Uint8Array(loan.memory.buffer).fill(0x5a);
    loan.giveBack();
    expect(listed()).toEqual(fresh);
  });

  it('is not made beyond the bytes allowed, nor of rows that integers would not tell apart', () => {
    const x = cloud(100, 4, 0, 1);
    expect(PairEstimates.of(x, 2 * 128 * 128)).toBeDefined();
    expect(PairEstimates.of(x, 2 * 128 * 128 - 1)).toBeUndefined();
    expect(PairEstimates.of({ ...x, data: new Float32Array(400).fill(2) }, 1e9)).toBeUndefined();
    expect(PairEstimates.of({ ...x, data: x.data.map((value, at) => (at === 0 ? 1e6 : value)) }, 1e9)).toBeUndefined();
    expect(PairEstimates.of({ data: new Float32Array(0), rows: 3, cols: 0 }, 1e9)).toBeUndefined();
  });
});
