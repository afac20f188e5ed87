import { createHash } from 'node:crypto';

/** The file `articles.jsonl`: one article a line, oldest first. */
export function jsonLines(articles) {
  return `${articles.map(jsonLine).join('\n')}\n`;
}

/** One article as a line; every second one leaves its language to be found out. */
export function jsonLine(article, i) {
  return JSON.stringify({
    id: `n-${createHash('sha256').update(article.url).digest('hex').slice(0, 10)}`,
    url: article.url,
    title: article.title,
    text: article.body.join('\n\n'),
    ...(i % 2 === 0 ? { language: article.language } : {}),
    published_at: article.published,
    source: article.outlet.name,
  });
}

/** The file `truth.jsonl`: one line an article, with the file it lies in. */
export function truthLines(articles, fileOf) {
  const rows = articles.map((article) => ({
    id: article.url,
    file: fileOf(article),
    story: article.story,
    genre: article.genre,
    language: article.language,
    duplicate_of: article.duplicateOf,
    near: article.near,
  }));
  return `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`;
}
