import type { Evidence, Summary } from '@matome/recap-core';
import { describe, expect, it } from 'vitest';
import { repeatedTrigrams, traceSummary } from './summary-checks.js';

const text = 'It rained. It poured.';
const sources = new Map([['a', { original: 'It\u00ad rained.\n It poured.', text }]]);
const diagnostics = { articles: 1, sentences: 1, repeatedSentences: 0, unusableSentences: 0, embeddingModel: 'none' };
const representatives = [{ articleId: 'a', text: 'It rained.', start: 0, end: 10, score: 1 }];
const evidence: Evidence = {
  clusters: [{ id: 0, articleIds: ['a'], topTerms: [], representatives }],
  diagnostics,
};

function trace(sentence: string, ...citations: [articleId: string, start: number, end: number][]) {
  const cited = citations.map(([articleId, start, end]) => ({ articleId, start, end }));
  const summary: Summary = {
    title: '',
    method: 'test',
    bullets: [{ clusterId: 0, sentences: [{ text: sentence, citations: cited }] }],
  };
  const { traceable, dangling, verbatim } = traceSummary(summary, evidence, sources);
  return { traceable, dangling, verbatim };
}

describe('traceSummary', () => {
  it('follows a sentence to its place', () => {
    expect(trace('It rained.', ['a', 0, 10])).toEqual({ traceable: 1, dangling: 0, verbatim: 1 });
  });
  it('does not trust a sentence that says something else, or that evidence does not hold', () => {
    expect(trace('It snowed.', ['a', 0, 10])).toEqual({ traceable: 0, dangling: 0, verbatim: 0 });
    expect(trace('It poured.', ['a', 11, 21])).toEqual({ traceable: 0, dangling: 0, verbatim: 1 });
    expect(trace('It rained.')).toEqual({ traceable: 0, dangling: 0, verbatim: 0 });
  });
  it('counts citations of unknown articles and of places outside', () => {
    expect(trace('It rained.', ['b', 0, 10], ['a', 0, 99], ['a', 5, 5], ['a', -1, 5]).dangling).toBe(4);
    expect(trace('It rained.', ['a', 0, 10], ['b', 0, 10])).toEqual({ traceable: 0, dangling: 1, verbatim: 1 });
  });
});

describe('repeatedTrigrams', () => {
  it('counts three words in a row that were said before, and none across sentences', () => {
    expect(repeatedTrigrams([['a', 'b', 'c', 'd'], ['a', 'b', 'c'], ['d']])).toEqual({ repeated: 1, all: 3 });
    expect(repeatedTrigrams([])).toEqual({ repeated: 0, all: 0 });
  });
});
