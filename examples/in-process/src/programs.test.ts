import { describe, expect, it } from 'vitest';
import { groupSimilarTexts } from './group-similar-texts.js';
import { tagAnArticle } from './tag-an-article.js';

describe('groupSimilarTexts', () => {
  it('puts texts about one thing together', async () => {
    const [a, b, c, d] = await groupSimilarTexts([
      'The central bank raised its key rate',
      'Key rate raised by the central bank',
      'The team won the cup final on Sunday',
      'Cup final won by the team',
    ]);
    expect(a).toBe(b);
    expect(c).toBe(d);
    expect(a).not.toBe(c);
  });
});

describe('tagAnArticle', () => {
  it('finds the phrases an article is about', async () => {
    const body = 'The central bank raised its key rate by a quarter point. The key rate now stands at two percent.';
    expect(await tagAnArticle('Central bank raises key rate', body)).toContain('key rate');
  });
});
