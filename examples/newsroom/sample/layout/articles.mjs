import { readdirSync, readFileSync } from 'node:fs';

const sourceFolder = new URL('../source/', import.meta.url);

const readJson = (name) => JSON.parse(readFileSync(new URL(name, sourceFolder), 'utf8'));

/** Reads every story file, in the order of their names. */
export function readStories() {
  const names = readdirSync(sourceFolder).filter((name) => /^s\d\d-.*\.json$/.test(name));
  return names.sort().map(readJson);
}

/**
 * Turns the story files into one flat list of finished articles, oldest first (ties by address).
 *
 * A copy takes title and text from the article it names, then its own edits in the order
 * `replace`, `keep` (number of paragraphs left), `dateline`.
 */
export function readArticles() {
  const outlets = readJson('outlets.json');
  const articles = readStories().flatMap((story) => articlesOf(story, outlets));
  return articles.sort((a, b) => compare(a.published, b.published) || compare(a.url, b.url));
}

function articlesOf(story, outlets) {
  const entries = new Map(story.articles.map((entry) => [entry.key, entry]));
  return story.articles.map((entry) => {
    const original = entry.copyOf === undefined ? undefined : entries.get(entry.copyOf);
    if (entry.copyOf !== undefined && original === undefined) {
      throw new Error(`Article ${entry.key} of ${story.story} copies ${entry.copyOf}, which is not in the story.`);
    }
    return {
      story: story.story,
      genre: story.genre,
      language: story.language,
      outlet: outlets[entry.outlet],
      url: addressOf(entry, outlets),
      published: entry.at,
      author: entry.author,
      place: entry.in,
      charset: entry.charset ?? 'UTF-8',
      title: entry.title ?? original.title,
      body: original === undefined ? entry.body : copiedBody(entry, original, story.story),
      duplicateOf: original === undefined ? null : addressOf(original, outlets),
      near: entry.near ?? false,
    };
  });
}

function addressOf(entry, outlets) {
  const [y, m, d] = entry.at.slice(0, 10).split('-');
  const parts = { y, m, d, slug: entry.slug };
  return outlets[entry.outlet].url.replace(/\{(\w+)\}/g, (_, name) => parts[name]);
}

function copiedBody(entry, original, story) {
  let body = [...original.body];
  for (const [before, after] of entry.replace ?? []) {
    const at = body.findIndex((paragraph) => paragraph.includes(before));
    if (at < 0) throw new Error(`Article ${entry.key} of ${story} replaces “${before}”, which its original lacks.`);
    body[at] = body[at].replace(before, () => after);
  }
  body = body.slice(0, entry.keep ?? body.length);
  body[0] = (entry.dateline ?? '') + body[0];
  return body;
}

/** Orders two strings by code unit, the same on every machine. */
export function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}
