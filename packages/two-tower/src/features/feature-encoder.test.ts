import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { takeEncodedRows } from './encoded-rows.js';
import { assemble, FeatureEncoder } from './feature-encoder.js';
import type { FeatureRow, FeatureSpec } from './feature-spec.js';
import { Vocabulary } from './vocabulary.js';

const specs: FeatureSpec[] = [
  { kind: 'numeric', name: 'numeric', columns: ['price', 'age'] },
  { kind: 'bag-of-words', name: 'tag_vector', column: 'tags', vocabulary: 'tag' },
  { kind: 'scaled-bucket', name: 'hour', column: 'hour', buckets: 24 },
  { kind: 'cyclic', name: 'hour_cycle', column: 'hour', period: 24 },
  { kind: 'id', name: 'maker', column: 'maker' },
];
const rows: FeatureRow[] = [
  { price: 1, age: 10, tags: ['a', 'b', 'a'], hour: 23, maker: 'x' },
  { price: 3, age: 10, tags: [], hour: 6, maker: 'y' },
  { price: 5, age: 10, tags: ['c'], hour: 0, maker: 'x' },
];

describe('FeatureEncoder', () => {
  const encoder = FeatureEncoder.fit(rows, specs);

  it('lays the segments out one behind the other', () => {
    expect(encoder.schema.segments.map(({ name, offset, size, type }) => [name, offset, size, type])).toEqual([
      ['numeric', 0, 2, 'standard_score'],
      ['tag_vector', 2, 3, 'l2_normalized_bow'],
      ['hour', 5, 1, 'scaled_bucket'],
      ['hour_cycle', 6, 2, 'cyclic'],
      ['maker', 8, 2, 'id'],
    ]);
    expect(encoder.schema.width).toBe(10);
  });

  it('writes every kind of segment as it says', () => {
    const vector = [...encoder.transform([rows[0]!]).data];
    const root = Math.sqrt(8 / 3);
    const expected = [
      -2 / root,
      0,
      2 / Math.sqrt(5),
      1 / Math.sqrt(5),
      0,
      1,
      Math.sin((23 * Math.PI) / 12),
      Math.cos((23 * Math.PI) / 12),
      1,
      0,
    ];
    vector.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 6);
    });
  });

  it('gives unknown, missing and non-finite values their documented place', () => {
    const vector = [...encoder.transform([{ price: Number.NaN, age: null, tags: ['unknown'], maker: 'z' }]).data];
    const zero = [...encoder.transform([{ price: 0, age: 0 }]).data];
    expect(vector).toEqual(zero);
    expect(vector.slice(2)).toEqual([0, 0, 0, 0.5, 0, 0, 0, 0]);
    expect([...encoder.transform([{ hour: 99 }]).data][5]).toBe(1);
    expect([...encoder.transform([{ hour: -3 }]).data][5]).toBe(0);
  });

  it('leaves out tokens that are no strings', () => {
    const rows = [{ tags: ['a', 5, null, ['b']] as never }];
    const fitted = FeatureEncoder.fit(rows, [{ kind: 'bag-of-words', name: 'tags', column: 'tags' }]);
    expect(fitted.vocabularies.get('tags')!.tokens).toEqual(['a']);
    expect(FeatureEncoder.fromJSON(JSON.parse(JSON.stringify(fitted))).schema).toEqual(fitted.schema);
  });

  it('keeps no statistics of rows it was not fitted with', () => {
    const before = JSON.stringify(encoder);
    encoder.transform([{ price: 1e9, tags: ['new'] }]);
    expect(JSON.stringify(encoder)).toBe(before);
  });

  it('uses a vocabulary it is given and shares it between specs', () => {
    const tag = Vocabulary.of(['b', 'z']);
    const shared = FeatureEncoder.fit(
      rows,
      [
        { kind: 'bag-of-words', name: 'one', column: 'tags', vocabulary: 'tag' },
        { kind: 'bag-of-words', name: 'two', column: 'others', vocabulary: 'tag' },
      ],
      { vocabularies: { tag } },
    );
    expect([...shared.transform([{ tags: ['b'], others: ['z', 'b'] }]).data].map((v) => Math.round(v * 100))).toEqual([
      100, 0, 71, 71,
    ]);
  });

  it('takes logarithms of both signs where asked', () => {
    const log = FeatureEncoder.fit([], [{ kind: 'numeric', name: 'n', columns: ['x'], log1p: true }]);
    expect([...log.transform([{ x: Math.E - 1 }, { x: 1 - Math.E }]).data].map((v) => Math.round(v))).toEqual([1, -1]);
    expect(log.schema.segments[0]!.transform).toBe('log1p');
  });

  it('accepts an empty vocabulary and no rows', () => {
    const empty = FeatureEncoder.fit([], specs);
    expect(empty.schema.width).toBe(5);
    expect(empty.transform([]).rows).toBe(0);
    expect([...empty.transform([rows[0]!]).data].every(Number.isFinite)).toBe(true);
  });

  it('gives the same bytes after a trip through JSON', () => {
    const word = fc.constantFrom('a', 'b', 'c', 'd');
    const anyRow = fc.record({
      price: fc.oneof(fc.double(), fc.constant(null)),
      age: fc.integer(),
      tags: fc.array(word),
      hour: fc.double({ min: 0, max: 24, noNaN: true }),
      maker: word,
    });
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 6 }), (given) => {
        const fitted = FeatureEncoder.fit(given, specs);
        const copy = FeatureEncoder.fromJSON(JSON.parse(JSON.stringify(fitted)));
        expect(copy.schema).toEqual(fitted.schema);
        expect(copy.transform(given).data).toEqual(fitted.transform(given).data);
      }),
    );
  });

  it('puts its two parts together to the whole vectors', () => {
    const encoded = encoder.encode(rows);
    expect(encoded.dense.cols).toBe(5);
    expect(Object.keys(encoded.bags)).toEqual(['tag_vector', 'maker']);
    expect(assemble(encoder.schema, takeEncodedRows(encoded, [2, 0])).data).toEqual(
      encoder.transform([rows[2]!, rows[0]!]).data,
    );
  });

  it('refuses specs and JSON that make no sense', () => {
    expect(() => FeatureEncoder.fit([], [specs[0]!, specs[0]!])).toThrow('different names. Got "numeric" twice.');
    expect(() => FeatureEncoder.fit([], [{ kind: 'scaled-bucket', name: 'b', column: 'b', buckets: 1 }])).toThrow(
      'The buckets option of FeatureEncoder must be an integer in [2, ∞). Got 1.',
    );
    expect(() => FeatureEncoder.fit([], [{ kind: 'cyclic', name: 'c', column: 'c', period: 0 }])).toThrow('period');
    expect(() => FeatureEncoder.fromJSON({})).toThrow('not the JSON form of a FeatureEncoder');
    const json = JSON.parse(JSON.stringify(encoder)) as Record<string, unknown>;
    expect(() => FeatureEncoder.fromJSON({ ...json, version: 2 })).toThrow('of version 1 can be read. Got 2.');
    for (const spec of [null, { kind: 'numeric', name: 'a' }, { kind: 'id', name: 'a' }]) {
      expect(() => FeatureEncoder.fromJSON({ ...json, specs: [spec] })).toThrow('not the JSON form');
    }
    expect(() => FeatureEncoder.fit([], [{ kind: 'other', name: 'a', column: 'a' } as never])).toThrow(
      'The kind option of FeatureEncoder must be one of',
    );
    const scalers = { numeric: { feature_names: ['a'], mean: [0], scale: [0] } };
    expect(() => FeatureEncoder.fromJSON({ ...json, scalers })).toThrow('scale above 0');
    expect(() => FeatureEncoder.fromJSON({ ...json, scalers: {} })).toThrow('no statistics of the segment numeric');
    expect(() => takeEncodedRows(encoder.encode(rows), [3])).toThrow('must be in [0, 2]. Got 3.');
  });
});
