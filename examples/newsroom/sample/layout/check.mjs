import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readStories } from './articles.mjs';

const root = new URL('../', import.meta.url);

const genres = new Set(
  `ai_data software_dev cybersecurity consumer_tech internet_platforms space_astronomy climate_environment
  energy_transition health_medicine life_science economics_macro markets_finance startups_innovation industry_logistics
  politics_government diplomacy_security law_crime education labor_workplace society_demographics culture_arts film_tv
  music_audio sports food_cuisine travel_places home_living games_esports mobility_automotive consumer_products`.split(
    /\s+/,
  ),
);

const lengths = { en: [90, 160], ja: [200, 380] };

/**
 * Compares the outputs on disk with the sources, prints the counts and returns one sentence a problem.
 *
 * The truth file is read back from disk and each article looked up, decoded, in the file it names.
 */
export function check(articles, outputs) {
  const problems = [...diskProblems(outputs), ...articles.flatMap(articleProblems), ...storyProblems()];
  const addresses = new Set(articles.map((article) => article.url));
  if (addresses.size !== articles.length) problems.push('Two articles share one address.');
  for (const article of articles) {
    if (article.duplicateOf !== null && !addresses.has(article.duplicateOf))
      problems.push(`${article.url} copies an unknown article.`);
  }
  problems.push(...truthProblems(articles), ...totalProblems(articles));
  printCounts(articles);
  console.log(problems.length === 0 ? 'All outputs match their sources.' : `${problems.length} problems.`);
  return problems;
}

function diskProblems(outputs) {
  const problems = [];
  for (const [file, bytes] of outputs) {
    const path = new URL(file, root);
    if (!existsSync(path)) problems.push(`${file} is missing.`);
    else if (!readFileSync(path).equals(bytes)) problems.push(`${file} differs from its source.`);
  }
  for (const folder of ['pages', 'feeds', 'hostile']) {
    if (!existsSync(new URL(folder, root))) continue;
    for (const name of readdirSync(new URL(folder, root))) {
      if (!outputs.has(`${folder}/${name}`)) problems.push(`${folder}/${name} has no source.`);
    }
  }
  return problems;
}

function articleProblems(article) {
  const problems = [];
  if (!genres.has(article.genre)) problems.push(`${article.story} has the unknown genre ${article.genre}.`);
  if (article.outlet.language !== article.language)
    problems.push(`${article.url} is not in the language of its outlet.`);
  if (!new URL(article.url).host.endsWith('.example')) problems.push(`${article.url} is not a reserved address.`);
  if (!/^2026-03-0[2-8]T\d\d:\d\d:00Z$/.test(article.published))
    problems.push(`${article.url} lies outside the seven days.`);
  const [low, high] = lengths[article.language];
  const length =
    article.language === 'ja' ? [...article.body.join('')].length : article.body.join(' ').split(/\s+/).length;
  if (!article.near && (length < low || length > high))
    problems.push(`${article.url} has length ${length}, not ${low} to ${high}.`);
  return problems;
}

function storyProblems() {
  return readStories().flatMap((story) => {
    const originals = story.articles.filter(
      (entry) => entry.copyOf === undefined && !entry.in.startsWith('hostile/'),
    ).length;
    return originals >= 1 && originals <= 6 ? [] : [`${story.story} has ${originals} articles, not 1 to 6.`];
  });
}

function truthProblems(articles) {
  const path = new URL('truth.jsonl', root);
  if (!existsSync(path)) return [];
  const rows = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const byAddress = new Map(rows.map((row) => [row.id, row]));
  const problems =
    rows.length === articles.length ? [] : [`truth.jsonl has ${rows.length} lines for ${articles.length} articles.`];
  for (const article of articles) {
    const row = byAddress.get(article.url);
    if (row === undefined) problems.push(`${article.url} is missing from truth.jsonl.`);
    else if (!holds(row.file, article)) problems.push(`${row.file} lacks the address or the text of ${article.url}.`);
  }
  return problems;
}

/** Whether a file on disk has the address and every paragraph, once escapes are undone. */
function holds(file, article) {
  const text = new TextDecoder(article.charset).decode(readFileSync(new URL(file, root)));
  const plain = unescapeMarkup(unescapeMarkup(text));
  return plain.includes(article.url) && article.body.every((paragraph) => plain.includes(paragraph));
}

function unescapeMarkup(text) {
  return text
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replace(/\\?&quot;|\\"/g, '"')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
}

function totalProblems(articles) {
  const problems = [];
  const expect = (what, value, low, high) => {
    if (value < low || value > high) problems.push(`${what} is ${value}, not ${low} to ${high}.`);
  };
  const stories = readStories();
  expect('The number of articles', articles.length, 145, 170);
  expect('The number of genres', new Set(articles.map((article) => article.genre)).size, 14, 30);
  expect('The number of English stories', stories.filter((story) => story.language === 'en').length, 13, 25);
  expect('The number of Japanese stories', stories.filter((story) => story.language === 'ja').length, 13, 25);
  expect('The number of near-duplicates', articles.filter((article) => article.near).length, 12, 12);
  expect(
    'The number of exact duplicates',
    articles.filter((article) => article.duplicateOf !== null && !article.near).length,
    4,
    4,
  );
  for (const [place, count] of [
    ['page', 25],
    ['rss2', 30],
    ['rss1', 15],
    ['atom', 25],
    ['feed', 15],
  ]) {
    expect(
      `The number of articles in ${place}`,
      articles.filter((article) => article.place === place).length,
      count,
      count,
    );
  }
  return problems;
}

function printCounts(articles) {
  console.log(`${articles.length} articles, ${new Set(articles.map((article) => article.story)).size} stories`);
  const place = (article) => (article.place.startsWith('hostile/') ? 'hostile' : article.place);
  for (const [name, keyOf] of [
    ['format', place],
    ['language', (article) => article.language],
    ['genre', (article) => article.genre],
  ]) {
    const counts = new Map();
    for (const article of articles) counts.set(keyOf(article), (counts.get(keyOf(article)) ?? 0) + 1);
    const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    console.log(`  by ${name}: ${sorted.map(([key, count]) => `${key} ${count}`).join(', ')}`);
  }
}
