import { beforeAll, describe, expect, it } from 'vitest';
import { exportFiles, jsonOf, trainedRelease } from './trained-release.fixture.js';

let trained: Awaited<ReturnType<typeof trainedRelease>>;
beforeAll(async () => {
  trained = await trainedRelease();
});
const json = (path: string) => jsonOf(trained.files, path);

describe('exportArtifacts', () => {
  it('writes the files and shapes that serving processes know', () => {
    expect(trained.files.map(({ path }) => path)).toEqual([
      'feature_schema.json',
      'item_feature_schema.json',
      'item_tower.onnx',
      'model_meta.json',
      'normalizer.json',
      'user_tower.onnx',
      'vocab_actress.json',
      'vocab_tag.json',
    ]);
    const schema = json('feature_schema.json');
    expect(schema).toMatchObject({ version: 'v2', input_name: 'user_features', input_dim: 17, embedding_dim: 6 });
    expect(schema.segments).toMatchObject([
      { name: 'numeric', size: 8, type: 'standard_score', features: expect.arrayContaining(['like_ratio']) },
      { name: 'hour_of_day', size: 1, type: 'scaled_bucket', range: [0, 1] },
      { name: 'tag_vector', size: 4, type: 'l2_normalized_bow' },
      { name: 'actress_vector', size: 4, type: 'l2_normalized_bow' },
    ]);
    expect(json('vocab_tag.json')).toEqual({ tokens: ['all', 't0', 't1', 't2'] });
    expect(Object.keys(json('normalizer.json').user_numeric)).toHaveLength(8);
    expect(json('normalizer.json').item_numeric.price).toEqual({ mean: 550, std: expect.any(Number) });
    expect(json('model_meta.json')).toMatchObject({
      exported_at: '2024-06-01T00:00:00.000Z',
      embedding_dim: 6,
      user_feature_dim: 17,
      item_feature_dim: 11,
      tag_vocab_size: 4,
      actress_vocab_size: 4,
      config: { seed: 42 },
    });
  });

  it('gives the same bytes again', () => {
    const again = exportFiles(trained);
    expect(again).toEqual(trained.files);
  });
});
