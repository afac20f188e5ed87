import { row } from '@matome/primitives/linalg';
import { floatTensor, integerTensor, type OnnxRuntime } from '@matome/primitives/onnx';
import { beforeAll, describe, expect, it } from 'vitest';
import { collaborativeData } from '../data/collaborative-data.js';
import { interactionMatrix } from '../data/interactions.js';
import type { FeatureEncoder } from '../features/feature-encoder.js';
import type { TwoTowerModel } from '../model/two-tower-model.js';
import { fitTwoTower } from '../training/fit.js';
import { encodeTowerOnnx } from './export-onnx.js';
import { itemRows, trainedRelease, userRows } from './trained-release.fixture.js';

let runtime: OnnxRuntime;
let model: TwoTowerModel;
let userEncoder: FeatureEncoder;
let itemEncoder: FeatureEncoder;
beforeAll(async () => {
  ({ runtime, model, userEncoder, itemEncoder } = await trainedRelease());
});

describe('encodeTowerOnnx', () => {
  it('gives the vectors of the model from one matrix of features', async () => {
    for (const [side, encoder, rows] of [
      ['user', userEncoder, userRows],
      ['item', itemEncoder, itemRows],
    ] as const) {
      const bytes = encodeTowerOnnx(model.parts, side, { segments: encoder.schema.segments });
      const session = await runtime.createSession(bytes);
      expect(session.inputs).toEqual([
        { name: `${side}_features`, type: 'float32', shape: ['batch', encoder.schema.width] },
      ]);
      expect(session.outputs).toEqual([{ name: `${side}_embedding`, type: 'float32', shape: ['batch', 6] }]);
      const features = encoder.transform(rows);
      const result = await session.run({
        [`${side}_features`]: floatTensor([rows.length, features.cols], features.data),
      });
      const expected = await (side === 'user'
        ? model.embedUsers(encoder.encode(rows))
        : model.embedItems(encoder.encode(rows)));
      (result[`${side}_embedding`]!.data as Float32Array).forEach((value, i) => {
        expect(Math.abs(value - expected.data[i]!)).toBeLessThan(1e-5);
      });
    }
  });

  it('asks for opset 17 only', () => {
    const text = new TextDecoder('latin1').decode(encodeTowerOnnx(model.parts, 'user'));
    // opset_import: field 8, a message of an empty domain (which may be left out) and version = 17.
    expect(text.match(/\x42(\x02|\x04\x0a\x00)\x10./gs)?.map((found) => found.charCodeAt(found.length - 1))).toEqual([
      17,
    ]);
  });

  it('takes ids and histories as lists where asked', async () => {
    const train = interactionMatrix({ userRows: [0, 0, 1, 1, 1], itemRows: [0, 1, 1, 2, 3] }, 2, 4);
    const data = collaborativeData(train);
    const small = await fitTwoTower(data, {
      runtime,
      embeddingDim: 4,
      epochs: 1,
      user: { hidden: [] },
      item: { hidden: [] },
    });
    const bytes = encodeTowerOnnx(small.parts, 'user', { lists: ['id', 'history'] });
    const session = await runtime.createSession(bytes);
    expect(session.inputs.map(({ name }) => name).sort()).toEqual([
      'history_ids',
      'history_weights',
      'id_ids',
      'id_weights',
    ]);
    const weight = 1 / Math.sqrt(3);
    const result = await session.run({
      id_ids: integerTensor([2, 1], [1, 0]),
      id_weights: floatTensor([2, 1], new Float32Array([1, 1])),
      history_ids: integerTensor([2, 3], [1, 2, 3, 0, 1, 0]),
      history_weights: floatTensor([2, 3], new Float32Array([weight, weight, weight, Math.SQRT1_2, Math.SQRT1_2, 0])),
    });
    const expected = await small.embedUsers(data.users);
    const got = result.user_embedding!.data as Float32Array;
    expect([...got.subarray(0, 4)].map((v) => v.toFixed(5))).toEqual([...row(expected, 1)].map((v) => v.toFixed(5)));
    expect([...got.subarray(4)].map((v) => v.toFixed(5))).toEqual([...row(expected, 0)].map((v) => v.toFixed(5)));
    expect(() => encodeTowerOnnx(small.parts, 'user', { lists: ['x'] })).toThrow('names no bag "x"');
  });

  it('refuses segments of another layout', () => {
    const segments = itemEncoder.schema.segments;
    expect(() => encodeTowerOnnx(model.parts, 'user', { segments })).toThrow(/encodeTowerOnnx/);
  });
});
