import type { Recap, RecapArticle } from '../pipeline/load-recap.js';
import type { SectionStory } from '../pipeline/store-recap.js';
import { type Html, html, safeHref } from './html.js';

/** Where links lead; the page and the report differ only here. */
export interface PageLinks {
  /** Place of a sentence, or of an article as a whole. */
  article(id: string, start?: number): string;
  /** All stories of a genre; absent when the page shows them all. */
  genre?(genre: string): string;
}

/** Shows a story: what it says with its sources, its words, its articles and their copies. */
export function storyCard(story: SectionStory, recap: Recap, links: PageLinks): Html {
  const articles = story.articleIds.flatMap((id) => recap.articles.get(id) ?? []);
  const copies = articles.reduce((sum, article) => sum + article.duplicates.length, 0);
  const numbers = new Map(story.articleIds.map((id, i) => [id, i + 1]));
  const wide = story.articleIds.length >= 4;
  return html`<article class="story${wide && ' wide'}" id="story-${story.id}" data-language="${story.language}">
<h3 lang="${story.language}">${story.title || story.terms.join(', ') || 'Untitled'}</h3>
<p class="meta">${countOf(articles.length, 'article')}${copies > 0 && `, ${countOf(copies, 'copy', 'copies')}`}${period(articles)}</p>
${
  story.sentences.length > 0 &&
  html`<p class="says" lang="${story.language}">${story.sentences.map(
    (sentence) =>
      html`<span>${sentence.text}</span><span class="cite">${sentence.citations.map(
        ({ articleId, start, end }) =>
          html`<a href="${links.article(articleId, start)}" title="Article ${numbers.get(articleId) ?? ''}, characters ${start} to ${end}">[${numbers.get(articleId) ?? '?'}]</a>`,
      )}</span> `,
  )}</p>
`
}${
  story.terms.length > 0 &&
  html`<ul class="terms" aria-label="Topic terms" lang="${story.language}">${story.terms.map((term) => html`<li>${term}</li>`)}</ul>
`
}<details><summary>Sources</summary><ol class="sources">${articles.map((article) => sourceItem(article, recap, links))}</ol></details>
</article>
`;
}

function sourceItem(article: RecapArticle, recap: Recap, links: PageLinks): Html {
  const { id, title, language, tags, duplicates } = article;
  return html`<li id="${anchorOf(id)}"><a lang="${language ?? 'und'}" href="${links.article(id)}">${title || id}</a>
<small>${about(article)}${webLink(article)}</small>${tags.length > 0 && html`<small lang="${language ?? 'und'}">${tags.map(({ name }) => name).join(' · ')}</small>`}${duplicates.map(
    (duplicate) => {
      const copy = recap.articles.get(duplicate.articleId);
      const how = duplicate.reason === 'exact' ? 'same text' : `${Math.round(duplicate.similarity * 100)} % the same`;
      return html`<small id="${anchorOf(duplicate.articleId)}">copy: <a lang="${copy?.language ?? 'und'}" href="${links.article(duplicate.articleId)}">${copy?.title || duplicate.articleId}</a> (${how}${copy && about(copy) && `, ${about(copy)}`})</small>`;
    },
  )}</li>
`;
}

/** An element id that an article id of any kind can be turned into. */
export function anchorOf(articleId: string): string {
  return `article-${encodeURIComponent(articleId).replaceAll('%', '.')}`;
}

/** Paper and time of an article. */
export function about({ feedId, publishedAt }: Pick<RecapArticle, 'feedId' | 'publishedAt'>): string {
  return [feedId, publishedAt && `${publishedAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`]
    .filter(Boolean)
    .join(', ');
}

/** Link to the article as published; none for an address that a browser should not follow. */
export function webLink({ url }: Pick<RecapArticle, 'url'>): Html | false {
  return url !== null && safeHref(url) !== '#' && html` <a href="${url}" rel="noreferrer">on the web</a>`;
}

/** Counts in words. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });

/** First and last day of the articles that have a date, with a dot in front. */
function period(articles: readonly RecapArticle[]): string {
  const range = dayRange(articles);
  return range && ` · ${range}`;
}

/** First and last day of the articles that have a date; '' when none has. */
export function dayRange(articles: Iterable<Pick<RecapArticle, 'publishedAt'>>): string {
  const times = Array.from(articles).flatMap(({ publishedAt }) => (publishedAt ? [publishedAt.getTime()] : []));
  if (times.length === 0) return '';
  let [first, last] = [times[0]!, times[0]!];
  for (const time of times) {
    first = Math.min(first, time);
    last = Math.max(last, time);
  }
  return dayFormat.formatRange(first, last);
}
