import { createRandom } from '@matome/primitives/random';
import { describe, expect, it } from 'vitest';
import { type BlockKernel, createBlockKernel } from './block-kernel.js';
import { PanelKernel, panelLanes } from './panel-kernel.js';
import { integersSuffice, type PanelPrecision } from './panel-numbers.js';

function fill(values: Float32Array, seed: number): void {
  const random = createRandom(seed);
  for (let i = 0; i < values.length; i++) values[i] = random();
}

describe('createBlockKernel', () => {
  const shapes = [
    [1, 4],
    [2, 16],
    [3, 12],
    [10, 20],
    [17, 32],
    [64, 8],
  ] as const;
  const answers = (kernel: BlockKernel, blocks: number) => {
    fill(kernel.blocks, 1);
    const random = createRandom(2);
    const all: number[] = [];
    for (let block = 0; block < blocks; block++) {
      for (let s = 0; s < kernel.lanes; s++) {
        kernel.queries[s] = ((block + 1) % blocks) * kernel.cols * kernel.lanes + s;
        kernel.bounds[s] = (random() * kernel.cols) / 3;
      }
      kernel.run(kernel.lanes, block);
      all.push(...kernel.masks.subarray(0, kernel.lanes));
    }
    return all;
  };

  it.each(shapes)('names the same lanes with and without vectors (%i columns, %i lanes)', (cols, lanes) => {
    const masks = answers(createBlockKernel(cols, lanes, 7), 7);
    expect(masks).toEqual(answers(createBlockKernel(cols, lanes, 7, false), 7));
    expect(new Set(masks).size).toBeGreaterThan(1);
  });

  it('never names an unused lane', () => {
    for (const simd of [true, false]) {
      const kernel = createBlockKernel(2, 4, 2, simd);
      kernel.blocks.set([0, 1], 0);
      kernel.blocks.set([0, 1], 4);
      kernel.queries[0] = 0;
      kernel.bounds[0] = Number.POSITIVE_INFINITY;
      kernel.run(1, 0);
      expect(kernel.masks[0]).toBe(0b11);
      kernel.run(1, 1);
      expect(kernel.masks[0]).toBe(0);
    }
  });

  it('answers only for the queries asked', () => {
    const kernel = createBlockKernel(1, 4, 1);
    kernel.blocks.set([1, 2, 3, 4]);
    kernel.masks.fill(-7);
    kernel.bounds.fill(0);
    kernel.queries.set([2]);
    kernel.run(1, 0);
    expect([...kernel.masks.subarray(0, 2)]).toEqual([0b100, -7]);
  });
});

describe('PanelKernel', () => {
  const cloud = (rows: number, cols: number, seed: number, offset = 0, scale = 1) => {
    const random = createRandom(seed);
    return Float32Array.from({ length: rows * cols }, () => offset + scale * random());
  };
  const squared = (x: Float32Array, a: number, y: Float32Array, b: number, cols: number) => {
    let sum = 0;
    for (let j = 0; j < cols; j++) sum += (x[a * cols + j]! - y[b * cols + j]!) ** 2;
    return sum;
  };
  const kernelOf = (x: Float32Array, cols: number, simd: boolean, precision: PanelPrecision) => {
    const rows = x.length / cols;
    const centre = Float64Array.from({ length: cols }, (_, j) => x[j]!);
    let largest = 0;
    x.forEach((value, at) => {
      largest = Math.max(largest, Math.abs(value - centre[at % cols]!));
    });
    const kernel = new PanelKernel({ cols, slots: rows, centre, largest, simd, precision });
    for (let i = 0; i < rows; i++) {
      kernel.setPoint(i, x, i * cols);
      kernel.setBound(i, -1);
    }
    return kernel;
  };
  const kinds = (['float32', 'int16'] as const).flatMap((precision) =>
    [true, false].map((simd) => ({ simd, precision })),
  );
  const bits = (mask: number) => Array.from({ length: panelLanes }, (_, i) => ((mask >>> i) & 1) === 1);

  const shapes = [
    { rows: 40, cols: 1, offset: 0, scale: 1 },
    { rows: 64, cols: 24, offset: 0, scale: 1e-3 },
    { rows: 100, cols: 50, offset: 1000, scale: 1 },
    { rows: 33, cols: 257, offset: -5, scale: 1e20 },
    { rows: 40, cols: 3, offset: 0, scale: 1e-30 },
  ];

  it.each(shapes)('names all pairs within their bounds and few others ($rows × $cols, $offset + $scale)', (shape) => {
    const { rows, cols } = shape;
    const x = cloud(rows, cols, 3, shape.offset, shape.scale);
    for (const { simd, precision } of kinds) {
      const kernel = kernelOf(x, cols, simd, precision);
      const bounds = Array.from({ length: rows }, (_, i) => squared(x, i, x, (i * 7 + 1) % rows, cols));
      bounds.forEach((bound, i) => {
        kernel.setBound(i, bound);
      });
      let named = 0;
      let near = 0;
      for (let b = 0; b < kernel.panels; b++) {
        kernel.tile(0, b);
        for (let p = 0; p < panelLanes; p++) {
          bits(kernel.masks[p]!).forEach((bit, lane) => {
            const q = b * panelLanes + lane;
            const within = q < rows && squared(x, p, x, q, cols) <= Math.max(bounds[p]!, bounds[q]!);
            if (within) expect(bit).toBe(true);
            if (q >= rows) expect(bit).toBe(false);
            named += Number(bit);
            near += Number(within);
          });
        }
      }
      expect(near).toBeGreaterThan(10);
      expect(named - near).toBeLessThan(0.05 * near + 5);
    }
  });

  it.each(shapes)(
    'names all points within their bounds of a query ($rows × $cols)',
    ({ rows, cols, offset, scale }) => {
      const x = cloud(rows, cols, 4, offset, scale);
      const foreign = cloud(1, cols, 5, offset, scale);
      for (const { simd, precision } of kinds) {
        // Integers bear no point beyond all others.
        const query = precision === 'int16' ? x : foreign;
        const kernel = kernelOf(x, cols, simd, precision);
        const bounds = Array.from({ length: rows }, (_, i) => squared(x, i, x, (i + 3) % rows, cols));
        bounds.forEach((bound, i) => {
          kernel.setBound(i, bound);
        });
        kernel.setQuery(query, 0);
        kernel.row(0, kernel.panels);
        for (let slot = 0; slot < kernel.panels * panelLanes; slot++) {
          const bit = bits(kernel.masks[slot >> 5]!)[slot & 31];
          if (slot >= rows) expect(bit).toBe(false);
          else if (squared(query, 0, x, slot, cols) <= bounds[slot]!) expect(bit).toBe(true);
        }
      }
    },
  );

  it('compares a row with the asked panels only', () => {
    const x = cloud(128, 8, 6);
    for (const { simd, precision } of kinds) {
      const kernel = kernelOf(x, 8, simd, precision);
      for (let i = 0; i < 128; i++) kernel.setBound(i, Number.POSITIVE_INFINITY);
      kernel.masks.fill(7);
      kernel.setQuery(x, 0);
      kernel.row(1, 3);
      expect([...kernel.masks.subarray(0, 4)]).toEqual([7, -1, -1, 7]);
    }
  });

  it('copies a point with its bound and silences a slot', () => {
    const x = cloud(40, 5, 7);
    for (const { simd, precision } of kinds) {
      const kernel = kernelOf(x, 5, simd, precision);
      kernel.setBound(39, 0);
      kernel.copySlot(39, 2);
      kernel.setQueryToSlot(39);
      kernel.setBound(39, -1);
      kernel.row(0, 2);
      expect([...kernel.masks.subarray(0, 2)]).toEqual([0b100, 0]);
    }
  });

  it('stands for equal points', () => {
    const x = new Float32Array(99).fill(7);
    for (const { simd, precision } of kinds) {
      const kernel = kernelOf(x, 3, simd, precision);
      for (let i = 0; i < 33; i++) kernel.setBound(i, 0);
      kernel.tile(0, 1);
      expect(new Set(kernel.masks.subarray(0, panelLanes))).toEqual(new Set([1]));
    }
  });

  it('names no slot that holds nothing, whatever the other bound', () => {
    const x = cloud(33, 300, 8);
    for (const { simd, precision } of kinds) {
      const kernel = kernelOf(x, 300, simd, precision);
      for (const bound of [0, 1, Number.POSITIVE_INFINITY]) {
        for (let i = 0; i < 33; i++) kernel.setBound(i, bound);
        kernel.tile(0, 1);
        expect(kernel.masks.subarray(0, panelLanes).every((mask) => (mask & ~1) === 0)).toBe(true);
        kernel.tile(1, 1);
        expect(kernel.masks.subarray(1, panelLanes).every((mask) => mask === 0)).toBe(true);
      }
    }
  });
});

describe('integersSuffice', () => {
  it('takes integers for even coordinates, not beside a few far larger ones', () => {
    const range = { cols: 100, centre: [], largest: 1 };
    expect(integersSuffice(range, 0.1)).toBe(true);
    expect(integersSuffice({ ...range, largest: 1000 }, 0.1)).toBe(false);
    expect(integersSuffice({ ...range, largest: 0 }, 0)).toBe(false);
    expect(integersSuffice({ ...range, cols: 1e9 }, 0.1)).toBe(false);
  });
});
