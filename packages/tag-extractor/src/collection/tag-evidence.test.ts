import { describe, expect, it } from 'vitest';
import { calibrateConfidence, logOdds } from '../calibration.js';
import { logistic } from '../rank/ranker.js';
import type { Tag } from '../tag.js';
import { tagKey } from '../tag-names/tag-key.js';
import { evidencePrior, learnWeights, proposeTags, weigh } from './tag-evidence.js';
import { countTagsInUse } from './tags-in-use.js';

const tag = (name: string, confidence: number, aliases: string[] = []): Tag => ({
  name,
  confidence,
  aliases,
  offsets: [{ field: 'body', start: 0, end: name.length }],
});
const neighbors = [
  { article: 0, similarity: 0.8 },
  { article: 1, similarity: 0.4 },
];
const tagsInUse = countTagsInUse([['chess', 'support vector machine'], ['chess', 'go'], ['poker']]);
const find = (name: string) => (name === 'go' ? [{ field: 'title' as const, start: 0, end: 2 }] : []);
const base = { neighbors, tagsInUse, find };

describe('proposeTags', () => {
  it('lists own tags first, then those of the neighbours that are not among them', () => {
    const proposals = proposeTags({ ...base, tags: [tag('Chess', 0.5), tag('rain', 0.4)] });
    expect(proposals.map(({ keys }) => keys[0])).toEqual(['Chess', 'rain', 'support vector machine', 'go'].map(tagKey));
    expect(proposals.map(({ inUse }) => inUse !== undefined)).toEqual([true, false, true, true]);
    expect(proposals.map(({ offsets }) => offsets.length)).toEqual([1, 1, 0, 1]);
  });
  it('knows an own tag by its aliases too, and drops other names of one before it', () => {
    const proposals = proposeTags({ ...base, tags: [tag('SVM', 0.5, ['support vector machine']), tag('svm', 0.4)] });
    expect(proposals.filter(({ own }) => own)).toHaveLength(1);
    expect(proposals[0]!.inUse).toBe(tagKey('support vector machine'));
    expect(proposals).toHaveLength(3);
  });
  it('does not count what the article itself has put into the collection', () => {
    const [before] = proposeTags({ ...base, tags: [tag('poker', 0.5)] });
    const [after] = proposeTags({ ...base, tags: [tag('poker', 0.5)], counted: new Set([tagKey('poker')]) });
    expect([before!.inUse, after!.inUse]).toEqual([tagKey('poker'), undefined]);
  });
  it('keeps the confidences of own tags and gives no others where nothing was learnt', () => {
    const scored = proposeTags({ ...base, tags: [tag('rain', 0.4)] }).map((p) =>
      logistic(weigh(p, evidencePrior.mean)),
    );
    expect(scored[0]).toBeCloseTo(0.4, 10);
    for (const other of scored.slice(1)) expect(other).toBeLessThan(0.01);
  });
});

describe('learnWeights', () => {
  const articles = (truth: ReadonlySet<string>) =>
    Array.from({ length: 50 }, () => ({ proposals: proposeTags({ ...base, tags: [tag('rain', 0.6)] }), truth }));

  it('trusts the neighbours where their tags are reused, and the text where they are not', () => {
    const [own, , shared] = [0, 1, 2];
    const reused = learnWeights(articles(new Set([tagKey('chess')])));
    const unique = learnWeights(articles(new Set([tagKey('rain')])));
    const proposals = proposeTags({ ...base, tags: [tag('rain', 0.6)] });
    expect(proposals[1]!.keys).toEqual([tagKey('chess')]);
    expect(weigh(proposals[1]!, reused)).toBeGreaterThan(weigh(proposals[own]!, reused));
    expect(weigh(proposals[1]!, reused)).toBeGreaterThan(weigh(proposals[shared]!, reused));
    expect(weigh(proposals[1]!, unique)).toBeLessThan(weigh(proposals[own]!, unique) - 3);
  });
  it('is the correction of confidences where there are no neighbours', () => {
    const truth = new Set([tagKey('rain')]);
    const alone = Array.from({ length: 400 }, (_, i) => ({
      proposals: proposeTags({ ...base, neighbors: [], tags: [tag('rain', 0.6)] }),
      truth: i % 4 === 0 ? truth : new Set<string>(),
    }));
    const [constant, slope] = learnWeights(alone) as [number, number];
    expect(calibrateConfidence(0.6, { slope, offset: constant })).toBeCloseTo(0.25, 1);
    expect(constant + slope * logOdds(0.6)).toBeCloseTo(logOdds(0.25), 1);
  });
});
