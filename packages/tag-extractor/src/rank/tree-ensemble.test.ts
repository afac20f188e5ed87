import { createRandom } from '@matome/primitives/random';
import { describe, expect, it } from 'vitest';
import { fitBoostedTrees } from '../../recipe/gradient-boosting.js';
import { TreeEnsemble } from './tree-ensemble.js';

describe('TreeEnsemble', () => {
  it('walks complete trees: at least the threshold goes right', () => {
    const stump = { bias: 1, depth: 1, features: [0, 1], thresholds: [0.5, 10], leaves: [-1, 2, 0, 4] };
    const model = new TreeEnsemble(stump);
    expect([...model.scores(Float32Array.of(0.4, 9, 0.5, 10), 2)]).toEqual([0, 7]);
  });
  it('refuses lists that do not fit', () => {
    expect(() => new TreeEnsemble({ bias: 0, depth: 2, features: [0], thresholds: [0], leaves: [0, 0] })).toThrow(
      TypeError,
    );
  });
  it('learns a rule of two columns that no sum of single columns can hold', () => {
    const random = createRandom(3);
    const n = 2000;
    const x = Float32Array.from({ length: n * 2 }, () => random());
    const y = Float32Array.from({ length: n }, (_, i) => Number(x[2 * i]! > 0.5 !== x[2 * i + 1]! > 0.5));
    const options = {
      trees: 40,
      depth: 2,
      learningRate: 0.3,
      minRows: 10,
      shrinkage: 1,
      columnShare: 1,
      rowShare: 0.7,
      random,
    };
    const model = new TreeEnsemble(fitBoostedTrees({ x, width: 2, y, weight: new Float32Array(n).fill(1) }, options));
    const scores = model.scores(x, 2);
    const right = Array.from(y, (label, i) => scores[i]! > 0 === (label === 1)).filter(Boolean).length;
    expect(right / n).toBeGreaterThan(0.93);
  });
});
