import { createRandom } from '@matome/primitives/random';
import { describe, expect, it } from 'vitest';
import { fitBoosting } from '../../training/main-content/gradient-boosting.js';
import { labelByExtraction, labelBySegments } from '../../training/main-content/label-blocks.js';
import { blockFeatureNames, blockFeatures } from './block-features.js';
import { readHeadData } from './head-data.js';
import { parsePage } from './page-tree.js';
import { textBlocks } from './text-blocks.js';
import { TreeEnsemble, type TreeEnsembleData } from './tree-ensemble.js';

const stump: TreeEnsembleData = {
  features: ['a', 'b'],
  bias: 0,
  sizes: [3, 1],
  feature: [1, -1, -1, -1],
  value: [0.5, -2, 2, 1],
  right: [2, 0, 0, 0],
};

describe('TreeEnsemble', () => {
  it('adds the leaves that a row falls into and gives a probability', () => {
    const trees = TreeEnsemble.fromJSON(stump, ['a', 'b']);
    const rows = Float32Array.of(9, 0.5, 9, 0.6);
    const logistic = (x: number) => 1 / (1 + Math.exp(-x));
    expect(trees.probability(rows, 0, 2)).toBeCloseTo(logistic(-1), 12);
    expect(trees.probability(rows, 1, 2)).toBeCloseTo(logistic(3), 12);
  });

  it('refuses trees that were trained on other features or whose arrays do not fit', () => {
    expect(() => TreeEnsemble.fromJSON(stump, ['a', 'c'])).toThrow('column 1 is "b", not "c"');
    expect(() => TreeEnsemble.fromJSON(stump, ['a'])).toThrow(RangeError);
    expect(() => TreeEnsemble.fromJSON({ ...stump, sizes: [3] }, ['a', 'b'])).toThrow('name 3 nodes');
  });
});

describe('fitBoosting', () => {
  /** Rows whose label is whether exactly one of two columns is above a half; a third column is noise. */
  function exclusiveOr(n: number, seed: number) {
    const random = createRandom(seed);
    const x = Float32Array.from({ length: 3 * n }, () => random());
    const y = Float32Array.from({ length: n }, (_, i) => (x[3 * i]! > 0.5 !== x[3 * i + 1]! > 0.5 ? 1 : 0));
    return { x, y, weight: new Float32Array(n).fill(1) };
  }
  const options = {
    trees: 40,
    leaves: 6,
    learningRate: 0.3,
    minLeafWeight: 5,
    l2: 1,
    featureShare: 0.9,
    rowShare: 0.8,
    seed: 3,
  };

  it('learns what no single column tells', () => {
    const trees = TreeEnsemble.fromJSON(fitBoosting(exclusiveOr(2000, 1), ['a', 'b', 'c'], options), ['a', 'b', 'c']);
    const test = exclusiveOr(500, 2);
    let right = 0;
    for (let i = 0; i < 500; i++) if (trees.probability(test.x, i, 3) > 0.5 === (test.y[i] === 1)) right++;
    expect(right / 500).toBeGreaterThan(0.95);
  });

  it('gives the same trees for the same seed', () => {
    const rows = exclusiveOr(300, 4);
    const fit = () => JSON.stringify(fitBoosting(rows, ['a', 'b', 'c'], { ...options, trees: 5 }));
    expect(fit()).toBe(fit());
  });
});

describe('labels of blocks', () => {
  const { blocks } = textBlocks(
    parsePage(
      '<h1>The pier</h1><p>The new pier was opened.</p><a href="/x">The pier</a><p>Read more.</p><p>Read more.</p>',
    ),
  );

  it('come from segments: the longest block that is no link for wanted ones, all blocks for unwanted ones', () => {
    expect([...labelBySegments(blocks, { with: ['The pier', 'new pier'], without: ['Read more'] })]).toEqual([
      1, 1, -1, 0, 0,
    ]);
  });

  it('come from an extraction, block by block in order', () => {
    expect([...labelByExtraction(blocks, ['The new pier was opened.', 'Read more.'])]).toEqual([0, 1, 0, 1, 0]);
  });
});

describe('blockFeatures', () => {
  it('gives finite numbers for every block but links among links', () => {
    const links = '<li><a href="/a">One</a></li>'.repeat(12);
    const page = parsePage(
      `<title>The pier</title><ul class="menu">${links}</ul><h1>The pier</h1><p>The new pier was opened on Monday.</p>`,
    );
    const { blocks } = textBlocks(page);
    const { rows, matrix } = blockFeatures(page, blocks, readHeadData(page));
    expect(rows.slice(-2).map((i) => blocks[i]!.text)).toEqual(['The pier', 'The new pier was opened on Monday.']);
    expect(rows.length).toBeLessThan(6);
    expect(matrix).toHaveLength(rows.length * blockFeatureNames.length);
    expect(matrix.every(Number.isFinite)).toBe(true);
    const heading = (rows.length - 2) * blockFeatureNames.length;
    expect(matrix[heading + blockFeatureNames.indexOf('titleOverlap')]).toBe(1);
    expect(new Set(blockFeatureNames).size).toBe(blockFeatureNames.length);
  });
});
