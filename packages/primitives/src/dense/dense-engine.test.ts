import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { concatRows, createMatrix, type Matrix, matrixFromRows, takeRows } from '../linalg/index.js';
import { loadOnnxRuntime, type OnnxRuntime } from '../onnx/index.js';
import { createRandom, normalSample, shuffle } from '../random/index.js';
import { createDenseEngine, createJsDenseEngine, createOnnxDenseEngine, type DenseEngine } from './index.js';

const js = createJsDenseEngine();
let runtime: OnnxRuntime;
let onnx: DenseEngine;
beforeAll(async () => {
  runtime = await loadOnnxRuntime({ threads: 2 });
  onnx = createOnnxDenseEngine(runtime);
});
afterAll(() => runtime.dispose());

function normal(rows: number, cols: number, seed: number, change: (value: number) => number = (v) => v): Matrix {
  const random = createRandom(seed);
  return { data: Float32Array.from({ length: rows * cols }, () => change(normalSample(random))), rows, cols };
}

/** The definition, written out: all distances in float64, sorted, ties by index. */
function naive(
  queries: Matrix,
  targets: Matrix,
  k: number,
  metric: 'euclidean' | 'cosine',
  excludeSelf: boolean,
): number[] {
  const result: number[] = [];
  for (let i = 0; i < queries.rows; i++) {
    const scored: [number, number][] = [];
    for (let j = 0; j < targets.rows; j++) {
      if (excludeSelf && i === j) continue;
      let ab = 0;
      let aa = 0;
      let bb = 0;
      let squared = 0;
      for (let c = 0; c < queries.cols; c++) {
        const x = queries.data[i * queries.cols + c]!;
        const y = targets.data[j * targets.cols + c]!;
        ab += x * y;
        aa += x * x;
        bb += y * y;
        squared += (x - y) ** 2;
      }
      const cosine = aa === 0 || bb === 0 ? 0 : ab / (Math.sqrt(bb) * Math.sqrt(aa));
      scored.push([metric === 'cosine' ? -cosine : squared, j]);
    }
    scored.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    result.push(...scored.slice(0, k).map(([, j]) => j));
  }
  return result;
}

const duplicated = () => {
  const base = normal(40, 6, 4);
  return takeRows(
    base,
    shuffle(
      [...Array(200).keys()].map((i) => i % 40),
      createRandom(1),
    ),
  );
};
const withZeros = () => concatRows([createMatrix(5, 6), normal(60, 6, 5), createMatrix(3, 6)]);

const sets: readonly [string, () => Matrix][] = [
  ['normal rows', () => normal(150, 12, 1)],
  ['one column', () => normal(80, 1, 2)],
  ['rows far from the origin', () => normal(150, 8, 3, (v) => 1e4 + 1e-2 * v)],
  ['many equal rows', duplicated],
  ['rows of zeros', withZeros],
  ['huge values', () => normal(90, 5, 6, (v) => v * 1e17)],
  ['tiny values', () => normal(90, 5, 7, (v) => v * 1e-20)],
  ['one outlier', () => concatRows([normal(100, 4, 8), matrixFromRows([[1e6, -1e6, 1e6, 1e6]])])],
  ['nearly equal rows', () => normal(120, 16, 9, (v) => 1 + 1e-6 * v)],
  ['all rows equal', () => normal(70, 3, 10, () => 0.1)],
  // Enough rows for every pair to be scored once.
  ['more rows', () => normal(1111, 7, 11)],
  ['more rows far from the origin', () => normal(777, 5, 12, (v) => 1e4 + 1e-2 * v)],
  ['more rows, many of them equal', () => concatRows([duplicated(), normal(500, 6, 13), duplicated()])],
  ['more rows, all equal', () => normal(600, 3, 14, () => 0.1)],
];

describe('nearestRows', () => {
  for (const metric of ['euclidean', 'cosine'] as const) {
    for (const [name, make] of sets) {
      it(`gives the neighbours of the definition on both engines: ${name}, ${metric}`, async () => {
        const x = make();
        for (const excludeSelf of [true, false]) {
          const options = { k: 7, metric, excludeSelf };
          const expected = naive(x, x, 7, metric, excludeSelf);
          const [a, b] = [await js.nearestRows(x, x, options), await onnx.nearestRows(x, x, options)];
          expect([...a.indices]).toEqual(expected);
          expect([...b.indices]).toEqual(expected);
          expect(b.distances).toEqual(a.distances);
        }
      });
    }

    it(`agrees on queries that are not the targets, ${metric}`, async () => {
      const queries = normal(33, 20, 20);
      const targets = normal(210, 20, 21);
      const options = { k: 210, metric };
      const [a, b] = [
        await js.nearestRows(queries, targets, options),
        await onnx.nearestRows(queries, targets, options),
      ];
      expect([...a.indices]).toEqual(naive(queries, targets, 210, metric, false));
      expect(b).toEqual(a);
    });

    it(`does not depend on the block size, ${metric}`, async () => {
      for (const rows of [130, 600]) await sameForAllBlocks(normal(rows, 9, 22), metric);
    });
  }
  const sameForAllBlocks = async (x: Matrix, metric: 'euclidean' | 'cosine') => {
    const whole = await onnx.nearestRows(x, x, { k: 5, metric });
    for (const blockSize of [1, 7, 64, 1000]) {
      expect(await onnx.nearestRows(x, x, { k: 5, metric, blockSize })).toEqual(whole);
    }
  };

  it('agrees on thousands of clustered rows', async () => {
    const centres = normal(20, 32, 30);
    const noise = normal(3000, 32, 31, (v) => 0.05 * v);
    const data = noise.data.map((v, i) => v + centres.data[(Math.floor(i / 32) % 20) * 32 + (i % 32)]!);
    const x = { ...noise, data };
    const options = { k: 15, metric: 'cosine', excludeSelf: true } as const;
    expect(await onnx.nearestRows(x, x, options)).toEqual(await js.nearestRows(x, x, options));
  });

  it('gives distances, not squares, nearest first', async () => {
    const x = matrixFromRows([
      [0, 0],
      [3, 4],
      [6, 8],
    ]);
    for (const engine of [js, onnx]) {
      const { indices, distances } = await engine.nearestRows(x, x, { k: 2, excludeSelf: true });
      expect([...indices]).toEqual([1, 2, 0, 2, 1, 0]);
      expect([...distances]).toEqual([5, 10, 5, 5, 5, 10]);
    }
  });

  it('keeps neighbours when the targets are renumbered', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 1, max: 8 }), async (seed, k) => {
        const x = normal(24, 3, seed);
        const order = shuffle([...Array(24).keys()], createRandom(seed + 1));
        const original = await onnx.nearestRows(x, x, { k });
        const renumbered = await onnx.nearestRows(x, takeRows(x, order), { k });
        expect([...renumbered.indices].map((j) => order[j])).toEqual([...original.indices]);
      }),
      { numRuns: 30 },
    );
  });

  it('answers for no queries', async () => {
    const none = createMatrix(0, 3);
    for (const engine of [js, onnx]) {
      expect((await engine.nearestRows(none, normal(4, 3, 1), { k: 2 })).indices).toHaveLength(0);
    }
  });

  it('stops at an abort', async () => {
    const x = normal(300, 4, 1);
    for (const engine of [js, onnx]) {
      const signal = AbortSignal.abort(new Error('enough'));
      await expect(engine.nearestRows(x, x, { k: 1, signal })).rejects.toThrow('enough');
    }
  });

  it('refuses bad input in one sentence on both engines', async () => {
    const x = normal(5, 3, 1);
    for (const engine of [js, onnx]) {
      await expect(engine.nearestRows(x, x, { k: 5, excludeSelf: true })).rejects.toThrow(
        'The k option of nearestRows must be an integer in [1, 4]. Got 5.',
      );
      await expect(engine.nearestRows(x, normal(5, 4, 1), { k: 1 })).rejects.toThrow(
        'The matrices of nearestRows must have one width. Got 3 and 4.',
      );
      const broken = { ...x, data: x.data.slice() };
      broken.data[7] = Number.NaN;
      await expect(engine.nearestRows(broken, x, { k: 1 })).rejects.toThrow(/Row 2 holds NaN in column 1\./);
      await expect(engine.nearestRows(x, x, { k: 1, blockSize: 0 })).rejects.toThrow(/The blockSize option/);
      await expect(engine.nearestRows(x, x, { k: 1, metric: 'dot' as never })).rejects.toThrow(/The metric option/);
    }
  });
});

describe('multiplyTransposed', () => {
  it('multiplies a by the transpose of b on both engines, whatever the remainders of the blocks', async () => {
    for (const [n, m, d] of [
      [1, 1, 1],
      [3, 5, 2],
      [7, 9, 4],
      [0, 3, 2],
      [2, 2, 0],
    ] as const) {
      const a = normal(n, d, 1);
      const b = normal(m, d, 2);
      const expected = Array.from({ length: n * m }, (_, at) => {
        let sum = 0;
        for (let c = 0; c < d; c++) sum += a.data[Math.floor(at / m) * d + c]! * b.data[(at % m) * d + c]!;
        return sum;
      });
      for (const engine of [js, onnx]) {
        const product = await engine.multiplyTransposed(a, b);
        expect([product.rows, product.cols]).toEqual([n, m]);
        product.data.forEach((value, i) => {
          expect(value).toBeCloseTo(expected[i]!, 4);
        });
      }
    }
    await expect(onnx.multiplyTransposed(normal(1, 2, 1), normal(1, 3, 1))).rejects.toThrow(/one width. Got 2 and 3/);
  });
});

describe('createDenseEngine', () => {
  it('takes onnx when it can be loaded, and js when it cannot', async () => {
    expect((await createDenseEngine()).name).toBe('onnx');
    expect((await createDenseEngine({ engine: 'js' })).name).toBe('js');
    expect((await createDenseEngine({ runtime })).name).toBe('onnx');
    await expect(createDenseEngine({ engine: 'gpu' as never })).rejects.toThrow(
      /The engine option of createDenseEngine/,
    );
  });

  it('loads again after its memory was let go', async () => {
    const engine = await createDenseEngine({ threads: 1 });
    const x = normal(4, 2, 1);
    await engine.multiplyTransposed(x, x);
    await engine.dispose();
    expect((await engine.multiplyTransposed(x, x)).rows).toBe(4);
    await engine.dispose();
  });
});
