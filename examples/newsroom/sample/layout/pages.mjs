import { compare } from './articles.mjs';
import { boilerplate } from './boilerplate.mjs';
import { encode } from './encode.mjs';
import { templates } from './page-templates.mjs';

/**
 * The folder `pages/`: full HTML pages, the templates taken in turn.
 *
 * @returns File names with the article in them and their bytes in the charset of the article.
 */
export function pages(articles, everything) {
  const sorted = [...articles].sort((a, b) => compare(a.url, b.url));
  return sorted.map((article, i) => ({
    file: `pages/${fileName(article)}`,
    article,
    bytes: encode(page(article, everything, i), article.charset),
  }));
}

/** One article as a page; `turn` chooses the template and the links to other articles. */
export function page(article, everything, turn) {
  // The © sign is missing from Shift_JIS, so pages in a Japanese charset write the reference.
  const html = templates[turn % templates.length]({
    article,
    words: boilerplate[article.language],
    related: related(article, everything, turn),
  });
  return article.charset === 'UTF-8' ? html : html.replaceAll('©', '&copy;');
}

/** Four originals of other stories in the same language, no two of one story. */
function related(article, everything, turn) {
  const stories = new Set([article.story]);
  const chosen = [];
  for (let i = 0; chosen.length < 4 && i < everything.length; i++) {
    const other = everything[(turn * 17 + i) % everything.length];
    if (other.language !== article.language || other.duplicateOf !== null || stories.has(other.story)) continue;
    stories.add(other.story);
    chosen.push(other);
  }
  return chosen;
}

function fileName(article) {
  const host = new URL(article.url).host.replace(/^(www|news)\./, '').replace('.example', '');
  const last = new URL(article.url).pathname.split('/').filter(Boolean).at(-1);
  return `${host}--${last.replace(/\.html$/, '')}.html`;
}
