import { createRandom } from '@matome/primitives/random';
import { describe, expect, it } from 'vitest';
import type { StaticTable } from './static-model.js';
import { createTableBytes, TermSums } from './term-sums.js';

const random = createRandom(3);

function randomTable(count: number, dimensions: number): StaticTable {
  return {
    terms: Array.from({ length: count }, (_, i) => `t${i}`),
    values: Int8Array.from({ length: count * dimensions }, () => random() * 256 - 128),
    scales: Float32Array.from({ length: count }, () => random()),
  };
}

/** The sum as it is defined: a row after the other, each sum kept as float32. */
function plainSum(table: StaticTable, from: Float32Array, words: readonly string[]): Float32Array {
  const sum = from.slice();
  for (const word of new Set(words)) {
    const term = table.terms.indexOf(word);
    const factor = table.scales[term]! * Math.sqrt(words.filter((other) => other === word).length);
    for (let j = 0; j < sum.length; j++) sum[j] = sum[j]! + factor * table.values[term * sum.length + j]!;
  }
  return sum;
}

describe('TermSums', () => {
  it('adds rows times the root of their counts, to the last bit, for any width and number of words', () => {
    for (const dimensions of [1, 3, 8, 13, 256]) {
      const table = randomTable(1500, dimensions);
      const sums = new TermSums(table, dimensions, '');
      for (const n of [1, 2, 10, 3000]) {
        const words = Array.from({ length: n }, () => `t${Math.floor(random() * 1500)}`).filter(
          (word) => word.length > 4,
        );
        const sum = Float32Array.from({ length: dimensions }, () => random());
        const expected = plainSum(table, sum, words);
        sums.add(sum, words);
        expect(sum).toEqual(expected);
      }
    }
  });
  it('leaves a sum as it is when no word is known', () => {
    const sum = Float32Array.of(1, 2);
    new TermSums(randomTable(2, 2), 2, '').add(sum, ['x', '']);
    expect([...sum]).toEqual([1, 2]);
  });
  it('reads a table where it stands', () => {
    const bytes = createTableBytes(4, 2);
    const values = new Int8Array(bytes.buffer, bytes.byteOffset, 4);
    values.set([1, 2, 3, 4]);
    const sums = new TermSums({ terms: ['a', 'b'], values, scales: Float32Array.of(1, 0.5) }, 2, '');
    values.set([7], 3);
    const sum = new Float32Array(2);
    sums.add(sum, ['b']);
    expect([...sum]).toEqual([1.5, 3.5]);
  });
});
