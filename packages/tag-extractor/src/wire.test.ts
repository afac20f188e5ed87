import { describe, expect, it } from 'vitest';
import { createCascade } from './cascade/cascade.js';
import { createTagExtractor } from './tag-extractor.js';
import { toCascadeOutcome, toTagOutcome } from './wire.js';

describe('toTagOutcome', () => {
  it('has exactly the names of the wire format, with per-tag confidences', async () => {
    const document = { title: 'Solar power grows', body: 'Solar power grew again. Cheap panels drive the growth.' };
    const outcome = toTagOutcome(await createTagExtractor({ now: () => 0 }).extract(document));
    expect(Object.keys(outcome)).toEqual([
      'tags',
      'confidence',
      'tag_count',
      'inference_ms',
      'language',
      'model_name',
      'sanitized_length',
      'embedding_backend',
      'tag_confidences',
      'embedding_metadata',
    ]);
    expect(outcome.tag_count).toBe(outcome.tags.length);
    expect(Object.keys(outcome.tag_confidences)).toEqual(outcome.tags);
    expect(outcome.language).toBe('en');
  });
});

describe('toCascadeOutcome', () => {
  it('rounds as the wire format does', () => {
    const decision = createCascade({ maxRefineRatio: 1 / 3, priority: 'first-come' }).decide({
      confidence: 0.71999,
      tags: { length: 3 },
      inferenceMs: 12.345,
    });
    expect(toCascadeOutcome(decision)).toEqual({
      needs_refine: false,
      reason: 'refine_ratio_budget_capped',
      confidence: 0.72,
      tag_count: 3,
      inference_ms: 12.3,
      refine_ratio: 0,
    });
  });
});
