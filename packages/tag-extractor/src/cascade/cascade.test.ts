import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCascade } from './cascade.js';

const input = (confidence: number, tags = 10, inferenceMs = 1) => ({ confidence, tags: { length: tags }, inferenceMs });
const generous = { maxRefineRatio: 1, priority: 'first-come' } as const;

describe('createCascade', () => {
  it('gives the reasons in the order of the rules', () => {
    const cascade = createCascade(generous);
    expect(cascade.decide(input(0.71, 1, 999)).reason).toBe('low_confidence');
    expect(cascade.decide(input(0.72, 4, 999)).reason).toBe('insufficient_tag_coverage');
    expect(cascade.decide(input(0.72, 5, 180.1)).reason).toBe('slow_inference');
    expect(cascade.decide(input(0.72, 5, 180))).toEqual({
      needsRefine: false,
      reason: 'high_confidence_exit',
      confidence: 0.72,
      tagCount: 5,
      inferenceMs: 180,
      refineRatio: 0.75,
    });
  });
  it('never exceeds its budget, over any window and from the first article on', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 120 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom('first-come', 'least-confident', 'most-contended'),
        (confidences, maxRefineRatio, window, priority) => {
          const cascade = createCascade({ maxRefineRatio, window, priority: priority as 'first-come' });
          const refined: number[] = [];
          for (const confidence of confidences) {
            const decision = cascade.decide(input(confidence));
            refined.push(decision.needsRefine ? 1 : 0);
            const recent = refined.slice(-window);
            const ratio = recent.reduce((sum, flag) => sum + flag, 0) / recent.length;
            expect(decision.refineRatio).toBeCloseTo(ratio, 12);
            expect(ratio).toBeLessThanOrEqual(maxRefineRatio);
          }
        },
      ),
    );
  });
  it('spends nearly the whole budget when every article is in need', () => {
    const cascade = createCascade({ maxRefineRatio: 0.35, priority: 'first-come' });
    let refined = 0;
    for (let i = 0; i < 1000; i++) if (cascade.decide(input(0.1)).needsRefine) refined++;
    expect(refined).toBeGreaterThan(330);
  });
  it('goes on spending when articles become less contended', () => {
    const cascade = createCascade({ maxRefineRatio: 0.2 });
    let refined = 0;
    for (let i = 0; i < 2000; i++) {
      const contention = ((i * 7919) % 1000) / 1000 - i / 400;
      if (cascade.decide({ ...input(0.3), contention }).needsRefine) refined++;
    }
    expect(refined / 2000).toBeGreaterThan(0.12);
  });
  it('spends the budget on the least confident articles', () => {
    const cascade = createCascade({ maxRefineRatio: 0.2, window: 100, priority: 'least-confident' });
    const refined: number[] = [];
    const all: number[] = [];
    for (let i = 0; i < 2000; i++) {
      const confidence = ((i * 7919) % 1000) / 1500;
      all.push(confidence);
      if (cascade.decide(input(confidence)).needsRefine) refined.push(confidence);
    }
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(refined.length).toBeGreaterThan(300);
    expect(mean(refined)).toBeLessThan(mean(all) / 2);
  });
  it('spends the budget on the most contended articles', () => {
    const cascade = createCascade({ maxRefineRatio: 0.2, window: 100 });
    const refined: number[] = [];
    for (let i = 0; i < 2000; i++) {
      const contention = (i * 7919) % 1000;
      if (cascade.decide({ ...input(0.5), contention }).needsRefine) refined.push(contention);
    }
    expect(refined.length).toBeGreaterThan(300);
    expect(Math.min(...refined.slice(20))).toBeGreaterThan(600);
  });
  it('says so when the budget stands in the way', () => {
    const cascade = createCascade({ maxRefineRatio: 0 });
    expect(cascade.decide(input(0.1))).toMatchObject({ needsRefine: false, reason: 'refine_ratio_budget_capped' });
  });
  it('refuses a ratio above 1', () => {
    expect(() => createCascade({ maxRefineRatio: 1.1 })).toThrow(
      'The maxRefineRatio option of createCascade must be a number in [0, 1]. Got 1.1.',
    );
  });
});
