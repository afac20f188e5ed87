import { createMatrix, csrFromRows, type Matrix } from '@matome/primitives/linalg';
import { loadOnnxRuntime } from '@matome/primitives/onnx';
import { createRandom, normalSample } from '@matome/primitives/random';
import { bench, describe, expect } from 'vitest';
import type { EncodedRows } from '../features/encoded-rows.js';
import { initialWeights, type TowerShape } from './tower.js';
import { TowerEncoder } from './tower-encoder.js';

const random = createRandom(1);
const rows = 2000;
const columns = 2000;
const perRow = 8;
const hidden = [512, 256];
const embeddingDim = 256;

const dense = createMatrix(rows, 219);
for (let i = 0; i < dense.data.length; i++) dense.data[i] = normalSample(random);
const entries = Array.from(
  { length: rows },
  () => new Map(Array.from({ length: perRow }, () => [Math.floor(random() * columns), 1 / Math.sqrt(perRow)])),
);
const bag = csrFromRows(entries, columns);
const spread = createMatrix(rows, columns);
for (const [r, row] of entries.entries()) for (const [column, value] of row) spread.data[r * columns + column] = value;

const runtime = await loadOnnxRuntime({ threads: 1 });
async function encoderOf(shape: TowerShape, weights = initialWeights('item', shape, 1)) {
  const encoder = await TowerEncoder.create(runtime, 'item', shape, weights);
  return { weights, embed: (input: EncodedRows) => encoder.embed(input, weights) };
}

const numbers = await encoderOf({ dense: 219, bags: [], hidden, embeddingDim });
const tags = await encoderOf({ dense: 0, bags: [{ name: 'tags', rows: columns }], hidden, embeddingDim });
const { 'item.bag.tags': table, ...layers } = tags.weights;
const densified = await encoderOf(
  { dense: columns, bags: [], hidden, embeddingDim },
  { ...layers, 'item.dense': table! },
);

/** The same layers as loops over rows. */
function naive(input: Matrix): Matrix {
  const names = ['item.dense', 'item.weight1', 'item.weight2'];
  let x = input;
  for (const [layer, name] of names.entries()) {
    const weights = numbers.weights[name]!;
    const bias = numbers.weights[`item.bias${layer}`]!;
    const y = createMatrix(x.rows, bias.length);
    for (let r = 0; r < x.rows; r++) {
      for (let j = 0; j < bias.length; j++) {
        let sum = bias[j]!;
        for (let k = 0; k < x.cols; k++) sum += x.data[r * x.cols + k]! * weights[k * bias.length + j]!;
        y.data[r * bias.length + j] = layer < 2 ? Math.max(0, sum) : sum;
      }
    }
    x = y;
  }
  for (let r = 0; r < x.rows; r++) {
    const own = x.data.subarray(r * x.cols, (r + 1) * x.cols);
    const length = Math.hypot(...own);
    for (let j = 0; j < own.length; j++) own[j]! /= length;
  }
  return x;
}

/** Faster and wrong would be no improvement. */
function furthest(a: Matrix, b: Matrix): number {
  return a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i]!)), 0);
}
const head = { dense: { ...dense, rows: 50, data: dense.data.subarray(0, 50 * 219) }, bags: {} };
expect(furthest(await numbers.embed(head), naive(head.dense))).toBeLessThan(1e-5);
const sparse: EncodedRows = { dense: createMatrix(rows, 0), bags: { tags: bag } };
expect(furthest(await tags.embed(sparse), await densified.embed({ dense: spread, bags: {} }))).toBeLessThan(1e-5);

describe('2,000 rows through 219-512-256-256, one thread', () => {
  bench('tower', async () => void (await numbers.embed({ dense, bags: {} })), { iterations: 10 });
  bench('naive loops', () => void naive(dense), { iterations: 2 });
});

describe('2,000 rows of 8 among 2,000 tags, one thread', () => {
  bench('as a bag', async () => void (await tags.embed(sparse)), { iterations: 10 });
  bench('as columns of a matrix', async () => void (await densified.embed({ dense: spread, bags: {} })), {
    iterations: 5,
  });
});
