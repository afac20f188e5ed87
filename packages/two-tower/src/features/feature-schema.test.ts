import { describe, expect, it } from 'vitest';
import { FeatureEncoder } from './feature-encoder.js';
import { readFeatureSchema } from './feature-schema.js';
import { checkSkew, findSkew } from './skew-check.js';

const file = {
  version: 'v2',
  input_name: 'user_features',
  input_dim: 11,
  embedding_dim: 4,
  segments: [
    { name: 'numeric', size: 8, features: ['a'], type: 'standard_score' as const },
    { name: 'hour_of_day', size: 1, type: 'scaled_bucket' as const, range: [0, 1] as const },
    { name: 'tag_vector', size: 2, type: 'l2_normalized_bow' as const },
  ],
};

describe('readFeatureSchema', () => {
  it('works out the offsets of a file that has none', () => {
    expect(readFeatureSchema(file).segments.map(({ offset }) => offset)).toEqual([0, 8, 9]);
  });

  it('refuses another version, a wrong width and segments out of place', () => {
    expect(() => readFeatureSchema({ ...file, version: 'v3' })).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED_VERSION' }),
    );
    expect(() => readFeatureSchema({ ...file, input_dim: 12 })).toThrow('must fill 12 places. They fill 11.');
    const moved = { ...file, segments: file.segments.map((s, i) => ({ ...s, offset: i })) };
    expect(() => readFeatureSchema(moved)).toThrow('The segment "hour_of_day" of the feature schema is out of place.');
    expect(() => readFeatureSchema({ version: 'v2' })).toThrow(expect.objectContaining({ code: 'MALFORMED' }));
    expect(() => readFeatureSchema(null)).toThrow('must be of version v2. Got undefined.');
  });
});

describe('findSkew', () => {
  const numeric = { kind: 'numeric' as const, name: 'n', columns: ['a', 'b'] };
  const tags = { kind: 'bag-of-words' as const, name: 't', column: 't' };
  const specs = [numeric, tags];
  const trained = FeatureEncoder.fit([{ t: ['x', 'y'] }], specs).schema;

  it('finds none between equal schemas', () => {
    expect(findSkew(trained, FeatureEncoder.fit([{ t: ['y', 'x'] }], specs).schema)).toBeUndefined();
  });

  it('finds another version, segment, width, feature and vocabulary', () => {
    const first = trained.segments[0]!;
    expect(findSkew(trained, { ...trained, version: 'v1' })).toMatch(/version v1/);
    expect(findSkew(trained, { ...trained, segments: [first] })).toMatch(/the segments n, the model/);
    const renamed = FeatureEncoder.fit([{ t: ['x', 'y'] }], [{ ...numeric, columns: ['b', 'a'] }, tags]).schema;
    expect(findSkew(trained, renamed)).toBe(
      'The features of the segment n is ["b","a"], the model was trained with ["a","b"].',
    );
    expect(findSkew(trained, FeatureEncoder.fit([{ t: ['x'] }], specs).schema)).toMatch(
      /The size of the segment t is 1/,
    );
    expect(findSkew(trained, FeatureEncoder.fit([{ t: ['x', 'z'] }], specs).schema)).toMatch(
      /The vocabulary of the segment t/,
    );
    const log = FeatureEncoder.fit([{ t: ['x', 'y'] }], [{ ...numeric, log1p: true }, tags]).schema;
    expect(findSkew(log, trained)).toMatch(/The transform of the segment n is undefined/);
  });

  it('throws with the code that callers branch on', () => {
    expect(() => checkSkew(trained, { ...trained, version: 'v1' })).toThrow(
      expect.objectContaining({ name: 'ArtifactError', code: 'SCHEMA_MISMATCH' }),
    );
  });
});
