import { createDenseEngine } from '@matome/primitives/dense';
import { type Matrix, matrixFromRows } from '@matome/primitives/linalg';
import { createRandom, normalSample } from '@matome/primitives/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NeighborAlgorithm, nearestNeighbors } from './nearest-neighbors.js';

function gaussian(rows: number, cols: number, seed: number): Matrix {
  const random = createRandom(seed);
  return { data: Float32Array.from({ length: rows * cols }, () => normalSample(random)), rows, cols };
}

/** Every pair, in float64; ties by smaller row. */
function bruteForce({ data, rows, cols }: Matrix, k: number): number[][] {
  return Array.from({ length: rows }, (_, i) => {
    const squared = Array.from({ length: rows }, (_, j) => {
      let sum = 0;
      for (let t = 0; t < cols; t++) sum += (data[i * cols + t]! - data[j * cols + t]!) ** 2;
      return sum;
    });
    return Array.from({ length: rows }, (_, j) => j)
      .filter((j) => j !== i)
      .sort((a, b) => squared[a]! - squared[b]! || a - b)
      .slice(0, k);
  });
}

describe('nearestNeighbors', () => {
  it.each(['auto', 'exact', 'dense'] as const)('finds the neighbours of every pair: %s', async (algorithm) => {
    for (const cols of [1, 3, 40]) {
      const x = gaussian(150, cols, cols);
      const { indices, recall, k } = await nearestNeighbors(x, { k: 7, algorithm });
      expect(Array.from({ length: 150 }, (_, i) => [...indices.subarray(i * k, (i + 1) * k)])).toEqual(
        bruteForce(x, 7),
      );
      expect(recall).toBe(1);
    }
  });

  it('breaks ties by the smaller row and never lists the row itself', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 3, maxLength: 40 }),
        fc.constantFrom<NeighborAlgorithm>('exact', 'dense', 'nn-descent'),
        async (values, algorithm) => {
          const x = matrixFromRows(values.map((value) => [value, 0]));
          const { indices, distances } = await nearestNeighbors(x, { k: 2, algorithm });
          const expected = bruteForce(x, 2);
          expected.forEach((own, i) => {
            const found = [...indices.subarray(2 * i, 2 * i + 2)];
            expect(found).not.toContain(i);
            expect(new Set(found).size).toBe(2);
            if (algorithm !== 'nn-descent') expect(found).toEqual(own);
            expect(distances[2 * i]!).toBeLessThanOrEqual(distances[2 * i + 1]!);
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each(['exact', 'dense', 'nn-descent'] as const)('measures cosine distances: %s', async (algorithm) => {
    const x = matrixFromRows([
      [1, 0],
      [10, 1],
      [0, 3],
      [0, 0],
    ]);
    const { indices, distances } = await nearestNeighbors(x, { k: 1, metric: 'cosine', algorithm });
    expect([...indices.subarray(0, 2)]).toEqual([1, 0]);
    expect(distances[0]).toBeCloseTo(1 - 10 / Math.sqrt(101), 5);
    expect(distances[3]).toBeCloseTo(1, 6);
  });

  it('says how many true neighbours a descent has found', async () => {
    const x = gaussian(2000, 12, 9);
    const descent = await nearestNeighbors(x, { k: 10, algorithm: 'nn-descent', random: createRandom(1) });
    const exact = await nearestNeighbors(x, { k: 10, algorithm: 'exact' });
    let shared = 0;
    for (let i = 0; i < x.rows; i++) {
      const truth = new Set(exact.indices.subarray(i * 10, (i + 1) * 10));
      for (let r = 0; r < 10; r++) if (truth.has(descent.indices[i * 10 + r]!)) shared++;
    }
    expect(descent.recall).toBeGreaterThan(0.93);
    expect(Math.abs(descent.recall - shared / (10 * x.rows))).toBeLessThan(0.03);
    const again = await nearestNeighbors(x, { k: 10, algorithm: 'nn-descent', random: createRandom(1) });
    expect([...again.indices]).toEqual([...descent.indices]);
  });

  it('takes an engine and leaves it open', async () => {
    const engine = await createDenseEngine({ engine: 'js' });
    const x = gaussian(40, 5, 3);
    const first = await nearestNeighbors(x, { k: 3, algorithm: 'dense', engine });
    expect([...(await nearestNeighbors(x, { k: 3, engine })).indices]).toEqual([...first.indices]);
    await engine.dispose();
  });

  it.each(['onnx', 'js'] as const)('tells how far the products of an engine have come: %s', async (name) => {
    const engine = await createDenseEngine({ engine: name });
    const completed: number[] = [];
    const x = gaussian(3000, 400, 3);
    await nearestNeighbors(x, {
      ...{ k: 3, algorithm: 'dense', engine },
      onProgress: (progress) => completed.push(progress.completed / progress.total),
    });
    await engine.dispose();
    expect(completed.length).toBeGreaterThan(2);
    expect(completed).toEqual([...completed].sort((a, b) => a - b));
    expect(Math.max(...completed)).toBeLessThanOrEqual(1);
  });

  it('bears equal rows, wide rows and one neighbour for all', async () => {
    const equal = { data: new Float32Array(400).fill(2), rows: 200, cols: 2 };
    const { distances } = await nearestNeighbors(equal, { k: 5, algorithm: 'nn-descent' });
    expect(distances.every((distance) => distance === 0)).toBe(true);
    expect((await nearestNeighbors(gaussian(6, 10_000, 1), { k: 5 })).rows).toBe(6);
  });

  it('stops with the reason of an abort', async () => {
    const x = gaussian(3000, 30, 4);
    for (const algorithm of ['exact', 'dense', 'nn-descent'] as const) {
      const controller = new AbortController();
      const run = nearestNeighbors(x, { k: 5, algorithm, signal: controller.signal });
      setImmediate(() => controller.abort(new Error('enough')));
      await expect(run).rejects.toThrow('enough');
    }
  });

  it('names the option or the row that is wrong', async () => {
    await expect(nearestNeighbors(matrixFromRows([[1]]), { k: 5 })).rejects.toThrow(
      'The rows option of nearestNeighbors must be an integer in [2, ∞). Got 1.',
    );
    const x = gaussian(5, 2, 1);
    await expect(nearestNeighbors(x, { k: 5 })).rejects.toThrow(
      'The k option of nearestNeighbors must be an integer in [1, 4]. Got 5.',
    );
    await expect(nearestNeighbors(gaussian(1, 2, 1), { k: 1 })).rejects.toThrow('rows');
    await expect(nearestNeighbors(matrixFromRows([[1], [Number.NaN]]), { k: 1 })).rejects.toThrow('Row 1 holds NaN');
  });
});
