import type { Recap, RecapSection } from '../pipeline/load-recap.js';
import { formatOrigin } from '../read/raw-article.js';
import { seconds } from '../terminal/progress.js';
import type { GenreLook } from './genre-look.js';
import { type Html, html } from './html.js';
import { document } from './layout.js';
import { countOf, dayRange, type PageLinks, storyCard } from './story-card.js';
import { storyMap } from './story-map.js';

/** How a recap is shown. */
export interface RecapPageOptions {
  readonly look: (genre: string) => GenreLook;
  readonly links: PageLinks;
  /** Stories shown of each section; the others are behind a link. @default all */
  readonly storiesPerSection?: number;
  /** Shows this section only. */
  readonly genre?: string;
}

/** Renders a recap as a whole document. */
export function recapPage(recap: Recap, options: RecapPageOptions): string {
  const { look, genre } = options;
  const sections = genre === undefined ? recap.sections : recap.sections.filter((section) => section.genre === genre);
  const limit =
    genre === undefined ? (options.storiesPerSection ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
  const shown = new Set(sections.flatMap(({ stories }) => stories.slice(0, limit).map(({ id }) => id)));
  const genreOf = new Map(recap.sections.flatMap((section) => section.stories.map(({ id }) => [id, section.genre])));
  const storyHref = (id: string) =>
    shown.has(id) ? `#story-${id}` : `${options.links.genre?.(genreOf.get(id)!) ?? ''}#story-${id}`;
  return document(
    genre === undefined ? 'matome newsroom' : `${look(genre).en} · matome newsroom`,
    html`<header class="mast wrap"><h1>${genre === undefined ? 'matome newsroom' : html`<a href="/">matome newsroom</a>`}</h1>
<p>${dayRange(recap.articles.values()) || 'A recap'}</p></header>
<div class="wrap opening">
<div>${figures(recap)}<nav aria-label="Sections"><ul class="jump">${recap.sections.map(
      (
        section,
      ) => html`<li><a style="--hue: ${look(section.genre).hue}" href="${sections.includes(section) ? `#${section.genre}` : (options.links.genre?.(section.genre) ?? '#')}">${look(section.genre).en} <small>${section.stories.length}</small></a></li>
`,
    )}</ul></nav></div>
<section class="panel map"><h2>Map of the stories</h2>
${storyMap(recap, look, storyHref)}
<p>Stories that share words or a genre lie near one another; larger ones have more articles.</p></section>
</div>
<div class="wrap columns">
<main id="main">
${sections.map((section) => sectionPart(section, recap, options, limit))}</main>
<aside class="side" aria-label="About this recap">
${tagPanel(recap)}${timingPanel(recap)}${problemPanel(recap)}</aside>
</div>`,
  );
}

function figures(recap: Recap): Html {
  const stories = recap.sections.flatMap((section) => section.stories);
  const copies = [...recap.articles.values()].reduce((sum, { duplicates }) => sum + duplicates.length, 0);
  const languages = new Set(stories.map(({ language }) => language)).size;
  const figure = (count: number, one: string, many = `${one}s`) =>
    html`<li><b>${count.toLocaleString('en')}</b>${count === 1 ? one : many}</li>
`;
  return html`<ul class="figures">${figure(recap.articles.size, 'article')}${figure(stories.length, 'story', 'stories')}${figure(copies, 'copy', 'copies')}${figure(recap.sections.length, 'section')}${figure(languages, 'language')}</ul>`;
}

function sectionPart(section: RecapSection, recap: Recap, { look, links }: RecapPageOptions, limit: number): Html {
  const { genre, stories, articleCount } = section;
  const { en, ja, hue } = look(genre);
  const hidden = stories.length - Math.min(limit, stories.length);
  return html`<section class="genre" id="${genre}" style="--hue: ${hue}" aria-labelledby="${genre}-name">
<h2 id="${genre}-name">${en} <span lang="ja">${ja}</span> <span>${countOf(stories.length, 'story', 'stories')}, ${countOf(articleCount, 'article')}</span></h2>
<div class="stories">
${stories.slice(0, limit).map((story) => storyCard(story, recap, links))}</div>
${
  hidden > 0 &&
  links.genre &&
  html`<p><a href="${links.genre(genre)}">${countOf(hidden, 'more story', 'more stories')} in ${en}</a></p>
`
}</section>
`;
}

/** Tags shown beside the sections. */
const shownTags = 30;

function tagPanel(recap: Recap): Html | false {
  const weights = new Map<string, { weight: number; language: string }>();
  for (const { tags, language } of recap.articles.values()) {
    for (const { name, confidence } of tags) {
      const known = weights.get(name) ?? { weight: 0, language: language ?? 'und' };
      weights.set(name, { ...known, weight: known.weight + confidence });
    }
  }
  const sorted = [...weights].sort((a, b) => b[1].weight - a[1].weight || (a[0] < b[0] ? -1 : 1)).slice(0, shownTags);
  if (sorted.length === 0) return false;
  const most = sorted[0]![1].weight;
  return html`<section class="panel"><h2>Tags</h2><ul class="tags">${sorted.map(
    ([name, { weight, language }]) =>
      html`<li lang="${language}" style="font-size: ${(0.8 + 0.55 * (weight / most)).toFixed(2)}rem">${name}</li>
`,
  )}</ul></section>
`;
}

function timingPanel({ timings }: Recap): Html {
  const longest = Math.max(1, ...timings.map(({ elapsedMs }) => elapsedMs));
  const total = timings.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0);
  return html`<section class="panel"><h2>Stages</h2><table>
<thead><tr><th scope="col">Stage</th><th scope="col" class="number">Result</th><th scope="col" class="number">Time</th><th scope="col" class="share"><span class="skip">Share</span></th></tr></thead>
<tbody>${timings.map(
    ({
      stage,
      unit,
      count,
      elapsedMs,
    }) => html`<tr><th scope="row">${stage}</th><td class="number">${count.toLocaleString('en')} ${unit}</td><td class="number">${seconds(elapsedMs)}</td><td class="share" style="width: 20%"><div class="bar" style="width: ${((100 * elapsedMs) / longest).toFixed(1)}%"></div></td></tr>
`,
  )}</tbody></table><p>${seconds(total)} in all.</p></section>
`;
}

/** Problems listed on the page; all are in the files of the report. */
const shownProblems = 50;

function problemPanel({ problems }: Recap): Html | false {
  if (problems.length === 0) return false;
  const rest = problems.length - shownProblems;
  return html`<section class="panel"><h2>Problems in the input</h2><ul class="problems">${problems
    .slice(0, shownProblems)
    .map(
      ({
        origin,
        message,
        effect,
      }) => html`<li><code>${formatOrigin(origin)}</code><br>${message}${effect === 'repaired' && ' (read all the same)'}</li>
`,
    )}</ul>${rest > 0 && html`<p>${countOf(rest, 'more problem')}.</p>`}</section>
`;
}
