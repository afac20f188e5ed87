import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTensorFile, writeTensorFile } from './tensor-file.js';

const file = {
  tensors: { b: { dims: [2, 2], data: Float32Array.of(1, 2, 3, 4) }, a: { dims: [0], data: new Float32Array(0) } },
  metadata: { z: '1', kind: 'あ' },
};

describe('writeTensorFile', () => {
  it('is read back as it was written, whatever the bytes stand in', () => {
    const bytes = writeTensorFile(file);
    const expected = { tensors: { a: file.tensors.a, b: file.tensors.b }, metadata: file.metadata };
    expect(readTensorFile(bytes)).toEqual(expected);
    // A Buffer is a view into a larger pool, at an address no float may stand at.
    const pool = Buffer.alloc(bytes.length + 5);
    pool.set(bytes, 3);
    expect(readTensorFile(pool.subarray(3, 3 + bytes.length))).toEqual(expected);
  });

  it('gives the same bytes whatever the order of the names', () => {
    const { a, b } = file.tensors;
    const turned = { tensors: { a, b }, metadata: { kind: 'あ', z: '1' } };
    expect(writeTensorFile(turned)).toEqual(writeTensorFile(file));
  });

  it('follows the format: length, header, then data at a multiple of 8', () => {
    const bytes = writeTensorFile(file);
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    expect(header.b).toEqual({ dtype: 'F32', shape: [2, 2], data_offsets: [0, 16] });
    expect(bytes.length).toBe(8 + length + 16);
  });
});

describe('readTensorFile', () => {
  it('refuses every shortened file', () => {
    const bytes = writeTensorFile(file);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), (length) => {
        expect(() => readTensorFile(bytes.slice(0, length))).toThrow('not a whole safetensors file');
      }),
    );
  });

  it('refuses other types and headers', () => {
    const change = (from: string, to: string) => {
      const text = Buffer.from(writeTensorFile(file)).toString('latin1').replace(from, to);
      return new Uint8Array(Buffer.from(text, 'latin1'));
    };
    expect(() => readTensorFile(change('F32', 'F16'))).toThrow(expect.objectContaining({ code: 'MALFORMED' }));
    expect(() => readTensorFile(change('{"__', '["__'))).toThrow(expect.objectContaining({ code: 'MALFORMED' }));
    expect(() => readTensorFile(change('[2,2]', '[2,3]'))).toThrow(expect.objectContaining({ code: 'MALFORMED' }));
    const shape = '"dtype":"F32","shape"';
    for (const header of [
      'null',
      '[]',
      '"x"',
      '{"a":null}',
      '{"__metadata__":null}',
      `{"a":{${shape}:"x","data_offsets":[0,0]}}`,
      `{"a":{${shape}:[0],"data_offsets":[-8,-8]}}`,
    ]) {
      const bytes = Buffer.concat([Buffer.alloc(8), Buffer.from(header)]);
      bytes.writeBigUInt64LE(BigInt(header.length));
      expect(() => readTensorFile(bytes)).toThrow(expect.objectContaining({ code: 'MALFORMED' }));
    }
  });
});
