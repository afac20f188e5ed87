import { createRandom } from '@matome/primitives/random';
import { describe, expect, it } from 'vitest';
import { type BlockKernel, createBlockKernel } from './block-kernel.js';
import { createPanelKernel, panelLanes } from './panel-kernel.js';

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

describe('createPanelKernel', () => {
  const both = (cols: number, slots: number) =>
    [true, false].map((simd) => {
      const kernel = createPanelKernel(cols, slots, simd);
      fill(kernel.points, 3);
      fill(kernel.query, 4);
      fill(kernel.bounds, 5);
      for (let i = 0; i < kernel.bounds.length; i++) kernel.bounds[i]! *= cols / 3;
      return kernel;
    });

  it.each([
    [1, 40],
    [24, 64],
    [50, 100],
    [257, 33],
  ])('names the same slots with and without vectors (%i columns, %i slots)', (cols, slots) => {
    const [vector, plain] = both(cols, slots);
    const panels = Math.ceil(slots / panelLanes);
    for (const kernel of [vector!, plain!]) kernel.row(0, panels);
    expect([...vector!.masks.subarray(0, panels)]).toEqual([...plain!.masks.subarray(0, panels)]);
    for (const kernel of [vector!, plain!]) kernel.tile(0, panels - 1);
    expect([...vector!.masks.subarray(0, panelLanes)]).toEqual([...plain!.masks.subarray(0, panelLanes)]);
  });

  it('compares a row with the asked panels only', () => {
    const [kernel] = both(8, 128);
    kernel!.bounds.fill(Number.POSITIVE_INFINITY);
    kernel!.masks.fill(7);
    kernel!.row(1, 3);
    expect([...kernel!.masks.subarray(0, 4)]).toEqual([7, -1, -1, 7]);
  });

  it('never names an unused slot', () => {
    for (const simd of [true, false]) {
      const kernel = createPanelKernel(3, 34, simd);
      kernel.points.fill(0, 0, panelLanes * kernel.depth);
      for (let j = 0; j < kernel.depth; j++)
        kernel.points.fill(0, (kernel.depth + j) * panelLanes, (kernel.depth + j) * panelLanes + 2);
      kernel.bounds.fill(1);
      kernel.row(0, 2);
      expect([...kernel.masks.subarray(0, 2)]).toEqual([-1, 0b11]);
    }
  });
});
