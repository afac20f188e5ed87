import { describe, expect, it } from 'vitest';
import { WeightAverage } from './weight-average.js';

/** Goes through steps whose weight is the number of the step, over epochs of 16: a snapshot every second one. */
function after(steps: number, average: WeightAverage): number | undefined {
  for (let s = 1; s <= steps; s++) average.afterStep(((s - 1) % 16) + 1, () => ({ w: Float32Array.of(s) }));
  return average.mean()?.w?.[0];
}

describe('WeightAverage', () => {
  it('is the mean of its snapshots while there are few', () => {
    expect(after(1, new WeightAverage(2, 16))).toBeUndefined();
    expect(after(6, new WeightAverage(2, 16))).toBeCloseTo((2 + 4 + 6) / 3, 6);
  });

  it('moves by the same share later', () => {
    const early = after(32, new WeightAverage(2, 16))!;
    expect(early).toBeCloseTo(17, 5);
    expect(after(34, new WeightAverage(2, 16))).toBeCloseTo(early + (34 - early) / 16, 5);
  });

  it('gives copies and goes on from its state', () => {
    const whole = new WeightAverage(2, 16);
    const part = new WeightAverage(2, 16);
    for (const average of [whole, part]) after(8, average);
    const copy = part.mean()!.w!;
    copy[0] = 99;
    const resumed = new WeightAverage(2, 16);
    resumed.restore(part.state());
    for (const average of [whole, resumed]) average.afterStep(10, () => ({ w: Float32Array.of(10) }));
    expect(resumed.mean()).toEqual(whole.mean());
  });

  it('takes one step an epoch in when there is only one', () => {
    const average = new WeightAverage(0.5, 1);
    average.afterStep(1, () => ({ w: Float32Array.of(3) }));
    expect(average.mean()).toEqual({ w: Float32Array.of(3) });
  });
});
