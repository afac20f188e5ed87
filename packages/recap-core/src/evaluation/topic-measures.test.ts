import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { topicCoherence } from './topic-coherence.js';
import { topicDiversity } from './topic-diversity.js';

interface Reference {
  readonly tokens: readonly (readonly string[])[];
  readonly topics: readonly (readonly string[])[];
  readonly npmi: readonly { readonly window: number; readonly perTopic: readonly number[]; readonly mean: number }[];
  readonly umass: readonly number[];
  readonly diversity: number;
  readonly diversityRepeat: { readonly topics: readonly (readonly string[])[]; readonly value: number };
}

const path = new URL('../../../../test/fixtures/topics/coherence.json.gz', import.meta.url);
const reference = JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as Reference;

describe('topicCoherence', () => {
  it.each(reference.npmi)('equals the NPMI of the reference with windows of $window', ({ window, perTopic, mean }) => {
    const got = topicCoherence(reference.topics, reference.tokens, { window });
    got.perTopic.forEach((value, t) => {
      expect(value).toBeCloseTo(perTopic[t]!, 9);
    });
    expect(got.mean).toBeCloseTo(mean, 9);
  });
  it('takes whole documents by default', () => {
    const whole = topicCoherence(reference.topics, reference.tokens);
    expect(whole).toEqual(topicCoherence(reference.topics, reference.tokens, { window: 110 }));
  });
  it('equals UMass of the reference', () => {
    const got = topicCoherence(reference.topics, reference.tokens, { measure: 'umass' });
    got.perTopic.forEach((value, t) => {
      expect(value).toBeCloseTo(reference.umass[t]!, 9);
    });
  });
  it('counts windows as a plain reading of the definition does', () => {
    const word = fc.constantFrom('a', 'b', 'c', 'd');
    const corpus = fc.array(fc.array(word, { maxLength: 9 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(corpus, fc.integer({ min: 1, max: 5 }), (documents, window) => {
        const got = topicCoherence([['a', 'b']], documents, { window }).mean;
        expect(got).toBeCloseTo(plainNpmi('a', 'b', documents, window), 9);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
  it('finds terms of several words where the words follow each other inside a window', () => {
    const documents = [
      ['prime', 'minister', 'vote'],
      ['minister', 'prime', 'vote'],
      ['prime', 'minister', 'x', 'vote'],
    ];
    expect(topicCoherence([['prime minister', 'minister prime']], documents).mean).toBeLessThan(-0.8);
    expect(topicCoherence([['prime minister', 'x']], documents).mean).toBeCloseTo(Math.log(1.5) / Math.log(3), 9);
    expect(topicCoherence([['prime minister', 'x']], documents, { window: 2 }).mean).toBeLessThan(-0.8);
  });
  it('gives no value to a topic of one term, and -1 and 0 at the ends', () => {
    const documents = [['a', 'b'], ['b', 'a'], []];
    const { perTopic, mean } = topicCoherence([['a'], ['a', 'nowhere'], ['a', 'b']], documents);
    expect(perTopic[0]).toBeNaN();
    expect(perTopic[1]).toBe(-1);
    expect(perTopic[2]).toBeCloseTo(1, 9);
    expect(mean).toBeCloseTo(0, 9);
    expect(topicCoherence([['a', 'b']], documents.slice(0, 2)).mean).toBe(0);
    expect(topicCoherence([], []).mean).toBeNaN();
  });
  it('refuses a window of zero', () => {
    expect(() => topicCoherence([], [], { window: 0 })).toThrow('The window option of topicCoherence');
  });
});

function plainNpmi(a: string, b: string, documents: readonly string[][], size: number): number {
  const windows = documents.flatMap((tokens) =>
    Array.from({ length: Math.max(1, tokens.length - size + 1) }, (_, i) => new Set(tokens.slice(i, i + size))),
  );
  const share = (...words: string[]) =>
    windows.filter((window) => words.every((word) => window.has(word))).length / windows.length;
  if (share(a) === 0 || share(b) === 0) return -1;
  if (share(a, b) === 1) return 0;
  return Math.log((share(a, b) + 1e-12) / (share(a) * share(b))) / -Math.log(share(a, b) + 1e-12);
}

describe('topicDiversity', () => {
  it('equals the reference', () => {
    expect(topicDiversity(reference.topics)).toBe(reference.diversity);
    expect(topicDiversity(reference.diversityRepeat.topics)).toBeCloseTo(reference.diversityRepeat.value, 12);
  });
  it('is not a number without terms', () => {
    expect(topicDiversity([[]])).toBeNaN();
  });
});
