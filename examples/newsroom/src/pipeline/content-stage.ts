import { htmlToText, normalizeText } from '@matome/primitives/text';
import { extractMainContent, visitItems } from '@matome/recap-core';
import { parseDate } from '../read/parse-date.js';
import type { Problem, RawArticle } from '../read/raw-article.js';
import { newsStage } from './stage.js';
import type { FoundContent } from './workspace.js';

/** Finds the text of each article: the main content of a page, the text of a fragment. */
export const contentStage = newsStage<FoundContent | null>({
  name: 'content',
  unit: 'articles',
  async run({ raw }, context) {
    const items: (FoundContent | null)[] = [];
    const problems: Problem[] = [];
    await visitItems(raw, context, (article) => {
      const found = article.kind === 'page' ? readPage(article, problems) : readBody(article);
      items.push(found);
      if (!found) problems.push({ origin: article.origin, message: 'no readable text was found', effect: 'skipped' });
    });
    return { items, problems, count: items.filter(Boolean).length };
  },
  apply: (work, contents) => ({ ...work, contents }),
});

function readPage(article: RawArticle, problems: Problem[]): FoundContent | null {
  const page = extractMainContent(article.body, article.url ? { url: article.url } : {});
  if (page.truncated) {
    const message = 'the page is nested too deep or too long; what lies beyond the limits was read flat or left out';
    problems.push({ origin: article.origin, message, effect: 'repaired' });
  }
  return content(article, page.text, {
    title: article.title || page.title,
    source: article.source ?? (page.siteName || null),
    publishedAt: article.publishedAt ?? parseDate(page.publishedAt),
    languageHint: (article.language ?? page.language) || null,
  });
}

function readBody(article: RawArticle): FoundContent | null {
  const text = article.kind === 'fragment' ? htmlToText(article.body) : article.body;
  const { title, source, publishedAt, language } = article;
  return content(article, text, { title, source, publishedAt, languageHint: language });
}

function content(
  { id, url }: RawArticle,
  text: string,
  about: Pick<FoundContent, 'title' | 'source' | 'publishedAt' | 'languageHint'>,
): FoundContent | null {
  const clean = normalizeText(text).trim();
  if (!/\p{L}/u.test(clean)) return null;
  return { id, url, ...about, title: normalizeText(about.title, { collapseSpaces: true }), text: clean };
}
