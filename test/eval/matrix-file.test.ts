import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { defaultTruthPath, readLabellings, readMatrix, truthPath } from './matrix-file.js';
import { EvalInputError } from './task.js';

const folder = mkdtempSync(join(tmpdir(), 'matome-matrix-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(content) : content);
  return path;
}

function idx(type: number, sizes: number[], values: Uint8Array): Uint8Array {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.set([0, 0, type, sizes.length]);
  sizes.forEach((size, i) => {
    header.writeUInt32BE(size, 4 + 4 * i);
  });
  return Buffer.concat([header, values]);
}

describe('readMatrix', () => {
  it('reads CSV, plain and gzipped, up to a limit', () => {
    const text = 'a,b\n1,2\n3.5,-4e2\n5,6\n';
    expect(readMatrix(file('x.csv', text))).toEqual({
      data: new Float32Array([1, 2, 3.5, -400, 5, 6]),
      rows: 3,
      cols: 2,
    });
    expect(readMatrix(file('x.data.csv.gz', text), 2).rows).toBe(2);
  });

  it('reads int16 vectors with their scale and brings rows to length 1', () => {
    file('meta.json', JSON.stringify({ v: { rows: 2, cols: 2, scale: 0.001 } }));
    const bytes = Buffer.alloc(8);
    [300, 400, 0, -7].forEach((value, i) => {
      bytes.writeInt16LE(value, 2 * i);
    });
    const { data } = readMatrix(file('v.int16le.gz', bytes));
    expect(Array.from(data, (value) => Number(value.toFixed(5)))).toEqual([0.6, 0.8, 0, -1]);
  });

  it('reads idx files: the first dimension counts rows', () => {
    const images = idx(8, [2, 2, 2], Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 255));
    expect(readMatrix(file('train-images-idx3-ubyte.gz', images))).toEqual({
      data: new Float32Array([1, 2, 3, 4, 5, 6, 7, 255]),
      rows: 2,
      cols: 4,
    });
  });

  it('names file and line of what does not fit', () => {
    expect(() => readMatrix(file('bad.csv', 'a,b\n1,2\n3\n'))).toThrow(/bad\.csv:3 has 1 fields, not 2/);
    expect(() => readMatrix(file('word.csv', 'a\nx\n'))).toThrow(/word\.csv:2 holds "x", not a number/);
    expect(() => readMatrix(file('empty.csv', 'a\n'))).toThrow(EvalInputError);
    expect(() => readMatrix(file('w.int16le', Buffer.alloc(4)))).toThrow(/does not describe "w"/);
    expect(() => readMatrix(file('short-idx1-ubyte', idx(8, [5], Uint8Array.of(1))))).toThrow(/not 5 values/);
    expect(() => readMatrix(file('x.png', Uint8Array.of(137, 80)))).toThrow(/is no matrix file/);
    expect(() => readMatrix(file('broken.csv', 'a\n1\n').replace('broken.csv', 'absent.csv'))).toThrow(
      /^There is no file /,
    );
  });
});

describe('readLabellings', () => {
  it('reads every column but the id', () => {
    const path = file('x.labels.csv.gz', 'id,labels0,labels1\np,1,5\nq,2,6\n');
    expect(readLabellings(path)).toEqual([
      { name: 'labels0', values: ['1', '2'] },
      { name: 'labels1', values: ['5', '6'] },
    ]);
    expect(readLabellings(path, 1)[0]!.values).toEqual(['1']);
  });

  it('reads idx labels', () => {
    const path = file('train-labels-idx1-ubyte.gz', idx(8, [3], Uint8Array.of(7, 0, 9)));
    expect(readLabellings(path)).toEqual([{ name: 'labels', values: ['7', '0', '9'] }]);
  });
});

it('finds the labels beside the data', () => {
  expect(defaultTruthPath('/d/digits.data.csv.gz')).toBe('/d/digits.labels.csv.gz');
  expect(defaultTruthPath('/d/bbc.int16le.gz')).toBe('/d/bbc.labels.csv.gz');
  expect(defaultTruthPath('/d/train-images-idx3-ubyte.gz')).toBe('/d/train-labels-idx1-ubyte.gz');
});

describe('truthPath', () => {
  it('finds the labels beside the data, and misses those that are named and do not exist', () => {
    const data = file('beside.data.csv', '\ufeffa\r\n1\r\n');
    expect(truthPath(data, undefined)).toBeUndefined();
    const labels = file('beside.labels.csv', '\ufefflabels0\r\n1\r\n');
    expect(truthPath(data, undefined)).toBe(labels);
    expect(readLabellings(labels)).toEqual([{ name: 'labels0', values: ['1'] }]);
    expect(() => truthPath(data, '/nowhere.csv')).toThrow(new EvalInputError('There is no file /nowhere.csv.'));
  });
});
