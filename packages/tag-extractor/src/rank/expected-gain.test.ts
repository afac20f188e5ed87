import { describe, expect, it } from 'vitest';
import { expectedGain, gainFeatures } from './expected-gain.js';
import { gainWeights } from './fusion-weights.js';

describe('expectedGain', () => {
  it('has a weight for every feature', () => {
    expect(gainFeatures(Float64Array.of(1, 0, -1), 2, 100)).toHaveLength(gainWeights.length);
  });
  it('does not depend on the order of the candidates', () => {
    const a = expectedGain(Float64Array.of(2, -1, 0.5, -3), 50);
    expect(expectedGain(Float64Array.of(-3, 0.5, 2, -1), 50)).toBe(a);
  });
  it('is finite without candidates and without words', () => {
    expect(Number.isFinite(expectedGain(new Float64Array(0), 0))).toBe(true);
  });
  it('counts the hits that are expected behind the tags', () => {
    const behind = (logits: Float64Array) => gainFeatures(logits, 1, 10)[2]!;
    expect(behind(Float64Array.of(3, 0, 0))).toBeCloseTo(1);
    expect(behind(Float64Array.of(3))).toBe(0);
  });
});
