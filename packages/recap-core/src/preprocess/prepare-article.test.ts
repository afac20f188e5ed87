import { createLanguageDetector, type LanguageDetector } from '@matome/primitives/text';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Article, PreparedArticle } from './article.js';
import { prepareArticle } from './prepare-article.js';
import { prepareArticles } from './prepare-articles.js';
import { containsHtmlTags, isSubstantial } from './validity.js';

let detectLanguage: LanguageDetector;
beforeAll(async () => {
  detectLanguage = await createLanguageDetector();
});

const english = 'The council approved the new pier on Monday. Work begins in May and ends in October.';

function prepared(article: Partial<Article>): PreparedArticle {
  const outcome = prepareArticle({ id: '1', title: 'Pier', html: english, ...article }, { detectLanguage });
  if (outcome.status !== 'prepared') throw new Error(`dropped: ${outcome.reason}`);
  return outcome.article;
}

describe('prepareArticle', () => {
  it('gives language, sentences with their offsets, and words', () => {
    const article = prepared({});
    expect([article.language, article.languageCode, article.cleaned]).toEqual(['en', 'en', false]);
    expect(article.sentences).toHaveLength(2);
    for (const { text, start, end } of article.sentences) expect(article.text.slice(start, end)).toBe(text);
    expect(article.tokens.slice(0, 3)).toEqual(['pier', 'the', 'council']);
  });

  it('keeps all of a fragment and only the article of a page', () => {
    const fragment = prepared({ html: `<p>${english}</p><p><a href="/x">Read more about the pier</a></p>` });
    expect(fragment.text).toContain('Read more');
    const page = prepared({
      html: `<html><body><nav><a href="/">Home</a><a href="/b">Business</a></nav><article><h1>Pier</h1><p>${english}</p><p>${english} It was welcomed by all.</p></article></body></html>`,
    });
    expect(page.text).toContain('Work begins in May');
    expect(page.text).not.toContain('Business');
    expect([page.cleaned, fragment.cleaned]).toEqual([true, true]);
  });

  it('cleans control characters, variation selectors, joiners without a purpose and decomposed letters', () => {
    const article = prepared({
      title: '<b>Cafe\u0301</b> \u0007',
      html: `${english}\u0000 Cafe\u0301 \ufe0f\u200bopen\u00a0daily.`,
    });
    expect(article.title).toBe('Café');
    expect(article.text.endsWith('Café open daily.')).toBe(true);
  });

  it('believes the source on English and Japanese and detects the rest', () => {
    expect(prepared({ language: 'en-GB' }).languageConfidence).toBe(1);
    expect(prepared({ language: 'fr' }).language).toBe('en');
    expect(
      prepared({ html: 'Le conseil a approuvé lundi la construction de la nouvelle jetée du vieux port.' }),
    ).toMatchObject({
      language: 'und',
      languageCode: 'fr',
    });
    expect(prepared({ html: '市議会は月曜日、新しい桟橋の建設を承認した。' }).language).toBe('ja');
  });

  it('lists a sentence that the article repeats once', () => {
    expect(prepared({ html: `${english} ${english}` }).sentences).toHaveLength(2);
  });

  it('brings tag confidences into range and keeps one tag of a name', () => {
    const tags = [
      { name: ' Pier ', confidence: 0.4 },
      { name: 'pier', confidence: 7 },
      { name: '', confidence: 1 },
      { name: 'odd', confidence: Number.NaN },
      { name: 'low', confidence: -1 },
    ];
    expect(prepared({ tags }).tags).toEqual([
      { name: 'pier', confidence: 1 },
      { name: 'low', confidence: 0 },
    ]);
  });

  it('drops what says nothing and keeps short texts that name a number or end a Japanese sentence', () => {
    const status = (html: string) => {
      const outcome = prepareArticle({ id: '1', title: 't', html }, { detectLanguage });
      return outcome.status === 'dropped' ? outcome.reason : 'kept';
    };
    expect(
      ['', ' \n', '<p></p>', '…', 'Too short', '速報', 'Fire at 9', '雨だ。', '市議会が新しい桟橋を承認'].map(status),
    ).toEqual([...['empty', 'empty', 'empty', 'empty', 'too-short', 'too-short', 'kept', 'kept', 'kept']]);
  });

  it('treats an unreadable date as none', () => {
    expect(prepared({ publishedAt: new Date(Number.NaN) }).publishedAt).toBeUndefined();
  });

  it('never throws for what an article holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ unit: 'grapheme' }), (html, title) => {
        const outcome = prepareArticle({ id: '1', title, html }, { detectLanguage });
        expect(['prepared', 'dropped']).toContain(outcome.status);
        if (outcome.status === 'prepared') {
          for (const { text, start, end } of outcome.article.sentences) {
            expect(outcome.article.text.slice(start, end)).toBe(text);
          }
        }
      }),
      { numRuns: 200, seed: 5 },
    );
  });
});

describe('prepareArticles', () => {
  it('drops one bad article, counts it, and prepares the others', () => {
    const tokenize = (text: string) => {
      if (text.includes('poison')) throw new Error('tokenizer failed');
      return text.split(' ');
    };
    const articles = [
      { id: 'a', title: 'A', html: english },
      { id: 'b', title: 'B', html: `${english} poison` },
      null as unknown as Article,
      { id: 'c', title: 'C', html: '' },
      { id: 'd', title: 'D', html: '<p>市議会は月曜日、新しい桟橋の建設を承認した。</p>' },
    ];
    const batch = prepareArticles(articles, { detectLanguage, tokenize });
    expect(batch.prepared.map((article) => article.id)).toEqual(['a', 'd']);
    expect(batch.dropped.map(({ id, reason }) => [id, reason])).toEqual([
      ['b', 'failed'],
      ['', 'failed'],
      ['c', 'empty'],
    ]);
    expect(batch.dropped[0]?.error?.message).toBe('tokenizer failed');
    expect(batch.metrics).toMatchObject({
      fetched: 5,
      prepared: 2,
      dropped: 3,
      cleaned: 1,
      languages: { en: 1, ja: 1 },
    });
    expect(batch.metrics.characters).toBe(batch.prepared.reduce((sum, { text }) => sum + text.length, 0));
  });

  it('answers an empty batch with zeros', () => {
    expect(prepareArticles([], { detectLanguage }).metrics).toMatchObject({
      fetched: 0,
      averageCharacters: 0,
      languages: {},
    });
  });
});

describe('validity rules', () => {
  it('tells markup from a less-than sign', () => {
    expect(['a < b > c', '<p>', '1 <2', '</b>', '<!-- x -->', 'x <y'].map(containsHtmlTags)).toEqual([
      ...[false, true, false, true, true, false],
    ]);
  });

  it('asks less of Japanese', () => {
    expect([
      isSubstantial('Nineteen characters'),
      isSubstantial('Exactly twenty chars'),
      isSubstantial('市議会が新しい桟橋承認'),
    ]).toEqual([...[false, true, true]]);
  });
});
