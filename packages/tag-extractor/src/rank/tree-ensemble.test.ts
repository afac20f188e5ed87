import { createRandom } from '@matome/primitives/random';
import { describe, expect, it } from 'vitest';
import { fitBoostedTrees } from '../../recipe/gradient-boosting.js';
import { TreeEnsemble, type TreeEnsembleJson, TreeEnsembles } from './tree-ensemble.js';

const random = createRandom(11);
const draw = (length: number, from: number, to: number) =>
  Array.from({ length }, () => Math.fround(from + random() * (to - from)));
const randomTrees = (depth: number, count: number, width: number): TreeEnsembleJson => ({
  bias: random(),
  depth,
  features: draw(count * (2 ** depth - 1), 0, width).map(Math.floor),
  thresholds: draw(count * (2 ** depth - 1), -1, 1),
  leaves: draw(count * 2 ** depth, -1, 1),
});

/** Every row on its own way through every tree. */
function walk(
  { bias, depth, features, thresholds, leaves }: TreeEnsembleJson,
  row: Float32Array,
  scale: number,
  from: number,
) {
  const inner = 2 ** depth - 1;
  let sum = from + scale * bias;
  for (let tree = 0; tree < leaves.length / (inner + 1); tree++) {
    let node = 0;
    while (node < inner) {
      const at = tree * inner + node;
      node = 2 * node + 1 + Number(row[features[at]!]! >= thresholds[at]!);
    }
    sum += scale * leaves[tree * (inner + 1) + node - inner]!;
  }
  return sum;
}

describe('TreeEnsembles', () => {
  it('adds what a walk through every tree gives, to the last bit, for any number of rows', () => {
    const width = 7;
    for (const n of [0, 1, 7, 8, 9, 255, 256, 257, 600]) {
      const ensembles = [
        randomTrees(4, 20, width),
        randomTrees(3, 5, width),
        randomTrees(1, 3, 5),
        randomTrees(4, 0, 1),
      ];
      const scales = [0.3, -2, 0, 1.5];
      const rows = Float32Array.from(draw(n * width, -1, 1));
      // Values that are equal to a threshold, none at all, and beyond all.
      rows.forEach((_, i) => {
        if (i % 5 === 0) rows[i] = ensembles[0]!.thresholds[i % 300]!;
        if (i % 31 === 0) rows[i] = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY][i % 3]!;
      });
      const out = Float64Array.from(draw(n, -1, 1));
      const expected = out.map((start, i) =>
        ensembles.reduce((sum, trees, k) => {
          return scales[k] === 0 ? sum : walk(trees, rows.subarray(i * width, (i + 1) * width), scales[k]!, sum);
        }, start),
      );
      new TreeEnsembles(ensembles).addScores(rows, width, scales, out);
      expect(out).toEqual(expected);
    }
  });
});

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
