import { matrixFromRows } from '@matome/primitives/linalg';
import { createRandom } from '@matome/primitives/random';
import { describe, expect, it } from 'vitest';
import { ConformalSets } from './conformal-sets.js';
import { findLabelIssues } from './find-label-issues.js';
import { LinearSvm } from './linear-svm.js';
import { readModelFile, writeModelFile } from './model-file.js';

const random = createRandom(1);
const x = matrixFromRows(Array.from({ length: 30 }, (_, i) => [i % 3, random(), (i % 3) * random()]));
const labels = Array.from({ length: 30 }, (_, i) => `c${i % 3}`);

describe('model files', () => {
  it('give the same model back, with the numbers outside the JSON', () => {
    const model = LinearSvm.fit(x, labels);
    const { json, binary } = writeModelFile(model);
    expect(JSON.parse(json).weights).toEqual({ $numbers: 'f32', offset: 0, length: 9 });
    expect([...LinearSvm.fromJSON(readModelFile({ json, binary })).decide(x).data]).toEqual([...model.decide(x).data]);
  });
  it('read numbers of several kinds from a block that starts anywhere in memory', () => {
    const sets = ConformalSets.fit(
      matrixFromRows([
        [0.9, 0.1],
        [0.6, 0.4],
        [0.2, 0.8],
      ]),
      [0, 1, 1],
    );
    const { json, binary } = writeModelFile(sets);
    const shifted = new Uint8Array(binary.length + 3);
    shifted.set(binary, 3);
    const copy = ConformalSets.fromJSON(readModelFile({ json, binary: shifted.subarray(3) }));
    expect(JSON.stringify(copy)).toBe(JSON.stringify(sets));
  });
  it('are refused when cut short or broken', () => {
    const { json, binary } = writeModelFile(LinearSvm.fit(x, labels));
    expect(() => readModelFile({ json, binary: binary.subarray(0, 8) })).toThrow('up to byte 36, and holds 8 bytes');
    expect(() => readModelFile({ json: '{', binary })).toThrow('The JSON of the model file is broken.');
    expect(() => readModelFile({ json: '{"a":{"$numbers":"f16","offset":0,"length":1}}', binary })).toThrow('f16');
  });
});

describe('findLabelIssues', () => {
  it('finds the labels that were swapped, most doubtful first, and suggests the true ones', () => {
    const truth = Array.from({ length: 60 }, (_, i) => i % 3);
    const given = truth.map((code, i) => (i === 7 || i === 30 ? (code + 1) % 3 : code));
    const probabilities = matrixFromRows(
      truth.map((code, i) => [0, 1, 2].map((c) => (c === code ? (i === 30 ? 0.95 : 0.85) : i === 30 ? 0.025 : 0.075))),
    );
    const issues = findLabelIssues(probabilities, given);
    expect(issues.map(({ row, suggested }) => [row, suggested])).toEqual([
      [30, truth[30]],
      [7, truth[7]],
    ]);
  });
  it('finds none where labels and probabilities agree, and refuses other sizes', () => {
    expect(
      findLabelIssues(
        matrixFromRows([
          [0.9, 0.1],
          [0.1, 0.9],
        ]),
        [0, 1],
      ),
    ).toEqual([]);
    expect(() => findLabelIssues(matrixFromRows([[1]]), [])).toThrow('Got 0 and 1.');
  });
});
