import { type LanguageCode, segmentSentences } from '@matome/primitives/text';
import type { ArticleRecord, DuplicateRecord, TagRecord } from '@matome/storage';
import { type Html, html } from './html.js';
import { document } from './layout.js';
import { about, webLink } from './story-card.js';

/** Shows the text of an article; each sentence can be linked to by its first character: `#c120`. */
export function articlePage(
  article: ArticleRecord,
  tags: readonly TagRecord[],
  copyOf: DuplicateRecord | undefined,
): string {
  const { title, language, id } = article;
  return document(
    `${title || id} · matome newsroom`,
    html`<header class="mast wrap"><h1><a href="/">matome newsroom</a></h1></header>
<main id="main" class="wrap"><article class="article">
<h2 lang="${language ?? 'und'}">${title || id}</h2>
<p>${about(article)}${webLink(article)}</p>
${
  copyOf &&
  html`<p>A copy of <a href="/articles/${encodeURIComponent(copyOf.primaryId)}">another article</a>.</p>
`
}${
  tags.length > 0 &&
  html`<ul class="terms" lang="${language ?? 'und'}" aria-label="Tags">${tags.map(({ name }) => html`<li>${name}</li>`)}</ul>
`
}<div class="body" lang="${language ?? 'und'}">${sentences(article)}</div>
</article></main>`,
  );
}

function sentences({ body, language }: ArticleRecord): Html[] {
  const parts: Html[] = [];
  let at = 0;
  for (const { start, end, text } of segmentSentences(body, (language ?? 'und') as LanguageCode)) {
    parts.push(html`${body.slice(at, start)}<span id="c${start}">${text}</span>`);
    at = end;
  }
  parts.push(html`${body.slice(at)}`);
  return parts;
}
