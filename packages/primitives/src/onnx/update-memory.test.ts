import { describe, expect, it } from 'vitest';
import { createRandom, normalSample } from '../random/index.js';
import { dropoutMask } from './dropout-mask.js';
import { adamW, type Optimizer, sgd } from './optimizers.js';
import { UpdateMemory } from './update-memory.js';

const sizes = [1, 7, 4, 4099, 16];

function filled(optimizer: Optimizer, seed = 1): UpdateMemory {
  const memory = new UpdateMemory(sizes, optimizer.slots.length);
  const random = createRandom(seed);
  for (const views of [memory.parameters, memory.gradients]) {
    for (const view of views) for (let i = 0; i < view.length; i++) view[i] = normalSample(random);
  }
  return memory;
}

type Seven = [number, number, number, number, number, number, number];

describe('UpdateMemory', () => {
  it.each([
    ['AdamW', adamW({ learningRate: 0.1, weightDecay: 0.2 })],
    ['AdamW without decay', adamW({ learningRate: 0.01, weightDecay: 0, beta1: 0.5, beta2: 0.9, epsilon: 1e-3 })],
    ['descent with momentum', sgd({ learningRate: 0.1, momentum: 0.9 })],
  ])('updates all parameters as the loop of %s does', (_, optimizer) => {
    const memory = filled(optimizer);
    const ranges = sizes.map((length, i) => ({
      parameter: memory.parameters[i]!.slice(),
      gradient: memory.gradients[i]!.slice(),
      slots: optimizer.slots.map(() => new Float32Array(length)),
      parameterStart: 0,
      gradientStart: 0,
      length,
    }));
    for (let step = 1; step <= 4; step++) {
      memory.apply(optimizer, optimizer.scalars(step), 0.3);
      for (const range of ranges) optimizer.apply(range, optimizer.scalars(step), 0.3);
    }
    for (const [i, range] of ranges.entries()) {
      for (let k = 0; k < range.length; k++) {
        expect(Math.abs(memory.parameters[i]![k]! - range.parameter[k]!)).toBeLessThan(2e-6);
        for (const [s, slot] of range.slots.entries()) {
          expect(Math.abs(memory.slots[s]![i]![k]! - slot[k]!)).toBeLessThan(2e-6);
        }
      }
    }
  });

  it('takes a step of AdamW in float32, rounded in one fixed order', () => {
    const optimizer = adamW({ learningRate: 0.1, weightDecay: 0.2 });
    const memory = filled(optimizer, 3);
    const { fround } = Math;
    for (let step = 1; step <= 3; step++) {
      const scalars = optimizer.scalars(step);
      const names = [...Object.values(optimizer.fused!), scalars.stepSize!, scalars.rootScale!, scalars.keep!, 0.3];
      const [beta1, beta2, epsilon, stepSize, rootScale, keep, scale] = names.map(fround) as Seven;
      const expected = memory.parameters.map((parameter, i) =>
        parameter.map((p, k) => {
          const g = fround(memory.gradients[i]![k]! * scale);
          const m = fround(fround(memory.slots[0]![i]![k]! * beta1) + g);
          const v = fround(fround(memory.slots[1]![i]![k]! * beta2) + fround(g * g));
          const root = fround(fround(fround(Math.sqrt(v)) * rootScale) + epsilon);
          return fround(p * keep) - fround(fround(m * stepSize) / root);
        }),
      );
      memory.apply(optimizer, scalars, 0.3);
      expect(memory.parameters).toEqual(expected);
    }
  });

  it('keeps the gaps between parameters at zero, which the sum of squares reads too', () => {
    const optimizer = adamW({ learningRate: 0.1, weightDecay: 0.2 });
    const memory = filled(optimizer);
    const expected = memory.gradients.reduce((sum, gradient) => sum + gradient.reduce((s, g) => s + g * g, 0), 0);
    for (let step = 1; step <= 3; step++) memory.apply(optimizer, optimizer.scalars(step), 1);
    expect(memory.squaredNorm() / expected).toBeCloseTo(1, 6);
    const whole = new Float32Array(memory.parameters[0]!.buffer as ArrayBuffer);
    expect([...whole.subarray(1, 4)]).toEqual([0, 0, 0]);
  });

  it('accepts no parameters at all', () => {
    const memory = new UpdateMemory([], 2);
    const optimizer = adamW({ learningRate: 0.1 });
    memory.apply(optimizer, optimizer.scalars(1), 1);
    expect(memory.squaredNorm()).toBe(0);
  });
});

describe('dropoutMask', () => {
  it('drops the share it is asked for, at odd lengths too', () => {
    const random = createRandom(2);
    for (const rate of [0, 0.1, 0.2, 0.5, 0.93]) {
      const mask = dropoutMask(new Float32Array(200_001), rate, random);
      const dropped = mask.filter((value) => value === 0).length / mask.length;
      expect(Math.abs(dropped - rate)).toBeLessThan(0.005);
      expect(new Set(mask.filter((value) => value !== 0))).toEqual(new Set([Math.fround(1 / (1 - rate))]));
      expect(mask.reduce((a, b) => a + b) / mask.length).toBeCloseTo(1, 1);
    }
  });

  it('gives the values of a plain loop, whatever the length', () => {
    for (const length of [1, 7, 8, 9, 4096, 4097, 9001]) {
      for (const rate of [0.1, 0.5, 0.93]) {
        const expected = plainMask(length, Math.round(rate * 65_536), 1 / (1 - rate), Math.floor(0.7123 * 2 ** 32) | 0);
        expect(dropoutMask(new Float32Array(length), rate, () => 0.7123)).toEqual(expected);
      }
    }
  });

  it('drops neighbours independently', () => {
    const mask = dropoutMask(new Float32Array(200_000), 0.3, createRandom(5));
    for (const lag of [1, 2, 3, 256]) {
      let both = 0;
      for (let i = lag; i < mask.length; i++) if (mask[i] === 0 && mask[i - lag] === 0) both++;
      expect(Math.abs(both / (mask.length - lag) - 0.09)).toBeLessThan(0.005);
    }
  });
});

function plainMask(length: number, threshold: number, kept: number, seed: number): Float32Array {
  const out = new Float32Array(length);
  for (let i = 0, state = seed; i < length; i += 2) {
    state = (state + 0x9e3779b9) | 0;
    let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    z ^= z >>> 15;
    out[i] = (z & 0xffff) < threshold ? 0 : kept;
    if (i + 1 < length) out[i + 1] = z >>> 16 < threshold ? 0 : kept;
  }
  return out;
}
