import { createRandom } from '@matome/primitives/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibrateConfidence, fitTagCalibration } from './calibration.js';

describe('fitTagCalibration', () => {
  it('finds the correction that made the judgements', () => {
    const random = createRandom(5);
    const truth = { slope: 0.7, offset: -1.2 };
    const tags = Array.from({ length: 5000 }, () => {
      const confidence = random();
      return { confidence, good: random() < calibrateConfidence(confidence, truth) };
    });
    const { slope, offset } = fitTagCalibration(tags);
    expect(slope).toBeCloseTo(truth.slope, 0.9);
    expect(Math.abs(offset - truth.offset)).toBeLessThan(0.1);
  });
  it('corrects nothing without judgements, and little with few', () => {
    expect(fitTagCalibration([])).toEqual({ slope: 1, offset: 0 });
    const few = fitTagCalibration([{ confidence: 0.5, good: false }]);
    expect(Math.abs(few.offset)).toBeLessThan(0.3);
  });
  it('never turns the order around, and stays finite for certain confidences', () => {
    const judged = fc.record({ confidence: fc.constantFrom(0, 0.1, 0.5, 0.9, 1), good: fc.boolean() });
    fc.assert(
      fc.property(fc.array(judged, { maxLength: 60 }), (tags) => {
        const calibration = fitTagCalibration(tags);
        const values = [0, 0.1, 0.5, 0.9, 1].map((confidence) => calibrateConfidence(confidence, calibration));
        expect(values).toEqual([...values].sort((a, b) => a - b));
        for (const value of values) expect(value >= 0 && value <= 1).toBe(true);
      }),
    );
  });
  it('refuses a confidence of 2', () => {
    expect(() => fitTagCalibration([{ confidence: 2, good: true }])).toThrow(
      'The confidence option of fitTagCalibration',
    );
  });
  it('finds the level where judges are sure of the opposite', () => {
    const rows = (confidence: number, good: boolean) => Array.from({ length: 5000 }, () => ({ confidence, good }));
    expect(calibrateConfidence(1, fitTagCalibration(rows(1, false)))).toBeLessThan(0.01);
    expect(calibrateConfidence(0, fitTagCalibration(rows(0, true)))).toBeGreaterThan(0.99);
    const turned = fitTagCalibration([...rows(1, false), ...rows(0, true)]);
    expect(calibrateConfidence(0.5, turned)).toBeCloseTo(0.5, 6);
    expect(turned.slope).toBe(0.05);
  });
});
