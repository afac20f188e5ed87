import type { Matrix } from '@matome/primitives/linalg';
import { createRandom, normalSample } from '@matome/primitives/random';
import { bench, describe } from 'vitest';
import { wardLinkage } from './ward.js';

const [rows, cols] = [600, 32];
const random = createRandom(1);
const x: Matrix = {
  data: Float32Array.from(
    { length: rows * cols },
    (_, at) => 6 * (Math.floor(at / cols) % 12 === at % cols ? 1 : 0) + normalSample(random),
  ),
  rows,
  cols,
};

/** The textbook: looks for the nearest pair among all groups before each merge. Returns the last height. */
function naiveWard(): number {
  const groups = Array.from({ length: rows }, (_, i) => ({ size: 1, mean: x.data.slice(i * cols, (i + 1) * cols) }));
  let last = 0;
  while (groups.length > 1) {
    let best = { i: 0, j: 0, squared: Number.POSITIVE_INFINITY };
    for (let i = 0; i < groups.length; i++) {
      for (let j = 0; j < i; j++) {
        const [p, q] = [groups[i]!, groups[j]!];
        let squared = 0;
        for (let t = 0; t < cols; t++) squared += (p.mean[t]! - q.mean[t]!) ** 2;
        squared *= (2 * p.size * q.size) / (p.size + q.size);
        if (squared < best.squared) best = { i, j, squared };
      }
    }
    const [p, q] = [groups[best.i]!, groups[best.j]!];
    const size = p.size + q.size;
    groups[best.j] = { size, mean: p.mean.map((v, t) => (v * p.size + q.mean[t]! * q.size) / size) };
    groups.splice(best.i, 1);
    last = Math.sqrt(best.squared);
  }
  return last;
}

const top = () => wardLinkage(x).height.at(-1)!;
if (Math.abs(top() - naiveWard()) > 1e-4 * top()) throw new Error('The trees differ in height.');

describe('Ward tree of 600 × 32 rows', () => {
  bench('wardLinkage', () => void top(), { iterations: 5 });
  bench('naive search of all pairs', () => void naiveWard(), { iterations: 1 });
});
