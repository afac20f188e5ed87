import { createRandom, shuffle } from '@matome/primitives/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupStories, type StoryArticle } from './group-stories.js';

const flood = 'river skelby flood bridge water evacuated residents rain';
const cup = 'valmere cup final goal striker penalty trophy crowd';

function article(id: string, text: string, day?: number): StoryArticle {
  const publishedAt = day === undefined ? {} : { publishedAt: new Date(Date.UTC(2026, 2, day)) };
  return { id, titleTokens: [], tokens: text.split(' '), ...publishedAt };
}

describe('groupStories', () => {
  it('joins articles of one event and keeps others apart, largest story first', () => {
    const stories = groupStories([
      article('a', `${cup} referee`),
      article('b', `${flood} mayor`),
      article('c', `${flood} insurance damage`),
      article('d', `${flood} school closed`),
      article('e', `${cup} coach`),
    ]);
    expect(stories.map((story) => story.articleIds)).toEqual([
      ['b', 'c', 'd'],
      ['a', 'e'],
    ]);
    expect(stories[0]!.members).toEqual([1, 2, 3]);
  });
  it('keeps a like event of another month apart', () => {
    const far = [article('a', flood, 1), article('b', flood, 1 + 60)];
    expect(groupStories(far)).toHaveLength(2);
    expect(groupStories(far, { halfLifeDays: 1000 })).toHaveLength(1);
  });
  it('does not depend on the order of the input', () => {
    const words = `${flood} ${cup}`.split(' ');
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer(), (n, seed) => {
        const random = createRandom(seed);
        const articles = Array.from({ length: n }, (_, i) =>
          article(`id${i}`, shuffle(words, random).slice(0, 6).join(' ')),
        );
        const groups = (list: readonly StoryArticle[]) =>
          groupStories(list)
            .map((s) => s.articleIds.toSorted().join())
            .sort();
        expect(groups(shuffle(articles, random))).toEqual(groups(articles));
      }),
    );
  });
  it('compares articles without a time, and with an invalid one, by words alone', () => {
    const timeless = { ...article('b', flood), publishedAt: new Date(Number.NaN) };
    const stories = groupStories([article('a', flood, 1), timeless, article('c', flood), article('d', cup)]);
    expect(stories.map((story) => story.articleIds)).toEqual([['a', 'b', 'c'], ['d']]);
  });

  it('takes a title of any length', () => {
    const long = { ...article('a', flood), titleTokens: Array.from({ length: 300_000 }, () => 'river') };
    expect(groupStories([long, article('b', flood), article('c', cup)])).toHaveLength(2);
  });

  it('takes no articles, and articles without words', () => {
    expect(groupStories([])).toEqual([]);
    expect(
      groupStories([
        { id: 'a', titleTokens: [], tokens: [] },
        { id: 'b', titleTokens: [], tokens: [] },
      ]),
    ).toHaveLength(2);
  });
  it('refuses a threshold of zero', () => {
    expect(() => groupStories([], { threshold: 0 })).toThrow(
      'The threshold option of groupStories must be a number in (0, 1]. Got 0.',
    );
  });
});
