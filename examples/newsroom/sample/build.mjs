/**
 * Lays the articles of `source/` out as pages, feeds, JSON lines and labels.
 *
 *   node build.mjs          writes the outputs
 *   node build.mjs --check  writes nothing; fails if an output differs from its source or a count is off
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { readArticles } from './layout/articles.mjs';
import { check } from './layout/check.mjs';
import { atom, jsonFeed, rss1, rss2 } from './layout/feeds.mjs';
import { hostile } from './layout/hostile.mjs';
import { jsonLines, truthLines } from './layout/json-lines.mjs';
import { pages } from './layout/pages.mjs';

const collections = {
  rss2: { file: 'feeds/rss2.xml', write: rss2 },
  rss1: { file: 'feeds/rss1.rdf', write: rss1 },
  atom: { file: 'feeds/atom.xml', write: atom },
  feed: { file: 'feeds/feed.json', write: jsonFeed },
  jsonl: { file: 'articles.jsonl', write: jsonLines },
};

/** Every output by name, and the article list they come from. */
function layOut() {
  const articles = readArticles();
  const outputs = new Map();
  const fileOf = new Map();
  for (const [place, { file, write }] of Object.entries(collections)) {
    const chosen = articles.filter((article) => article.place === place);
    outputs.set(file, Buffer.from(write(chosen)));
    for (const article of chosen) fileOf.set(article, file);
  }
  const single = [
    ...pages(
      articles.filter((article) => article.place === 'page'),
      articles,
    ),
    ...hostile(
      articles.filter((article) => article.place.startsWith('hostile/')),
      articles,
    ),
  ];
  for (const { file, article, bytes } of single) {
    outputs.set(file, bytes);
    if (article !== null) fileOf.set(article, file);
  }
  outputs.set('truth.jsonl', Buffer.from(truthLines(articles, (article) => fileOf.get(article))));
  return { articles, outputs };
}

function write(outputs) {
  for (const folder of ['pages', 'feeds', 'hostile']) {
    rmSync(new URL(folder, import.meta.url), { recursive: true, force: true });
    mkdirSync(new URL(folder, import.meta.url));
  }
  for (const [file, bytes] of outputs) writeFileSync(new URL(file, import.meta.url), bytes);
  console.log(`Wrote ${outputs.size} files.`);
}

const { articles, outputs } = layOut();
if (process.argv.includes('--check')) {
  const problems = check(articles, outputs);
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
} else {
  write(outputs);
}
