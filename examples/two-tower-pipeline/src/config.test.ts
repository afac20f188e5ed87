import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readPipelineConfig } from './config.js';

describe('readPipelineConfig', () => {
  it('fills every default of an empty document', () => {
    const config = readPipelineConfig(null, 'empty.yaml');
    expect(config.training.batch_size).toBe(256);
    expect(config.artifacts).toEqual({
      embedding_dim: 256,
      max_tag_vocab: 512,
      max_actress_vocab: 256,
      min_tag_freq: 3,
      min_actress_freq: 2,
    });
  });

  it('has a default file that says what the defaults are', () => {
    const text = readFileSync(new URL('../config/default.yaml', import.meta.url), 'utf8');
    expect(readPipelineConfig(parse(text), 'default.yaml')).toEqual(readPipelineConfig({}, 'empty'));
  });

  it('names every problem with its place', () => {
    const read = () => readPipelineConfig({ training: { epochs: 0, epoch: 3 }, seed: 'x' }, 'bad.yaml');
    expect(read).toThrow(/^The configuration bad\.yaml is not usable:\n/);
    expect(read).toThrow(/seed: /);
    expect(read).toThrow(/training\.epochs: /);
    expect(read).toThrow(/"epoch"/);
  });
});
