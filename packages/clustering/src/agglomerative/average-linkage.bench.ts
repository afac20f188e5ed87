import { type CsrMatrix, csrFromRows } from '@matome/primitives/linalg';
import { createRandom } from '@matome/primitives/random';
import { bench, describe } from 'vitest';
import { averageLinkage } from './average-linkage.js';

const threshold = 0.2;

/** Items of one event in 25 are alike, one pair in four of the others shares a word. */
function drawPairs(n: number): CsrMatrix {
  const random = createRandom(1);
  const rows = Array.from({ length: n }, () => new Map<number, number>());
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const alike = i % 25 === j % 25;
      if (!alike && random() < 0.75) continue;
      const value = (alike ? 0.7 : 0.2) * random();
      rows[i]!.set(j, value);
      rows[j]!.set(i, value);
    }
  }
  return csrFromRows(rows, n);
}

/** The textbook: looks for the most similar pair among all groups before each merge. */
function naive({ indptr, indices, data, rows: n }: CsrMatrix): Int32Array {
  const labels = Int32Array.from({ length: n }, (_, i) => i);
  const sizes = new Uint32Array(n).fill(1);
  const sums = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let k = indptr[i]!; k < indptr[i + 1]!; k++) sums[i * n + indices[k]!] = data[k]!;
  for (;;) {
    let best = { a: -1, b: -1, mean: 0 };
    for (let a = 0; a < n; a++) {
      for (let b = 0; b < a && sizes[a]! > 0; b++) {
        const mean = sizes[b]! === 0 ? 0 : sums[a * n + b]! / (sizes[a]! * sizes[b]!);
        if (mean > best.mean) best = { a, b, mean };
      }
    }
    const { a, b, mean } = best;
    if (mean < threshold) return labels;
    for (let c = 0; c < n; c++) {
      sums[b * n + c]! += sums[a * n + c]!;
      sums[c * n + b] = sums[b * n + c]!;
    }
    sizes[b]! += sizes[a]!;
    sizes[a] = 0;
    labels.forEach((label, i) => {
      if (label === a) labels[i] = b;
    });
  }
}

const small = drawPairs(600);
const large = drawPairs(4000);
const found = averageLinkage(small, { threshold });
const groups = Math.max(...found) + 1;
const expected = naive(small);
if (new Set(expected).size !== groups || expected.some((first, i) => found[first] !== found[i])) {
  throw new Error('The groups differ.');
}

describe(`average linkage of 600 items, ${small.data.length / 2} pairs, ${groups} groups`, () => {
  bench('averageLinkage', () => void averageLinkage(small, { threshold }), { iterations: 20 });
  bench('naive search of all pairs', () => void naive(small), { iterations: 1 });
});

describe(`average linkage of 4,000 items, ${large.data.length / 2} pairs`, () => {
  bench('averageLinkage', () => void averageLinkage(large, { threshold }), { iterations: 5 });
});
