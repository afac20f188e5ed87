import { bench, describe } from 'vitest';
import type { Matrix } from '../linalg/index.js';
import { createRandom, normalSample } from '../random/index.js';
import { createDenseEngine, type NearestRowsOptions } from './index.js';

const random = createRandom(1);
const x: Matrix = {
  data: Float32Array.from({ length: 2000 * 384 }, () => normalSample(random)),
  rows: 2000,
  cols: 384,
};
const options: NearestRowsOptions = { k: 15, metric: 'cosine', excludeSelf: true };
const onnx = await createDenseEngine({ engine: 'onnx', threads: 1 });
const js = await createDenseEngine({ engine: 'js' });

function naive(): number {
  let sink = 0;
  for (let i = 0; i < x.rows; i++) {
    const scores: [number, number][] = [];
    for (let j = 0; j < x.rows; j++) {
      let ab = 0;
      let aa = 0;
      let bb = 0;
      for (let c = 0; c < x.cols; c++) {
        const p = x.data[i * x.cols + c]!;
        const q = x.data[j * x.cols + c]!;
        ab += p * q;
        aa += p * p;
        bb += q * q;
      }
      scores.push([ab / Math.sqrt(aa * bb), j]);
    }
    sink += scores.sort((a, b) => b[0] - a[0])[1]![1];
  }
  return sink;
}

describe('15 nearest of 2,000 × 384 rows, one thread', () => {
  bench('onnx engine', async () => void (await onnx.nearestRows(x, x, options)), { iterations: 5 });
  bench('js engine', async () => void (await js.nearestRows(x, x, options)), { iterations: 2 });
  bench('naive loop', () => void naive(), { iterations: 2 });
});
