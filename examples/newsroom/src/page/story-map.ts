import type { Recap } from '../pipeline/load-recap.js';
import type { GenreLook } from './genre-look.js';
import { type Html, html } from './html.js';

const width = 640;
const height = 400;
const margin = 30;
/** Stories whose name is written beside their dot. */
const labels = 10;
const labelLength = 20;

interface Dot {
  readonly id: string;
  readonly title: string;
  readonly name: string;
  readonly language: string;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly count: number;
  readonly look: GenreLook;
}

/**
 * Draws the stories of a recap: near ones share words or a genre, larger ones have more articles.
 *
 * @param href - where the dot of a story leads.
 */
export function storyMap(recap: Recap, look: (genre: string) => GenreLook, href: (storyId: string) => string): Html {
  const dots = recap.sections
    .flatMap(({ genre, stories }) =>
      stories.map(
        (story): Dot => ({
          id: story.id,
          title: story.title || story.terms.join(', '),
          name: story.terms.slice(0, 2).join(', ') || story.title,
          language: story.language,
          x: margin + story.place.x * (width - 2 * margin),
          y: margin + story.place.y * (height - 2 * margin),
          radius: Math.min(26, (dotScale(recap) * Math.sqrt(story.articleIds.length)) | 0 || 3),
          count: story.articleIds.length,
          look: look(genre),
        }),
      ),
    )
    .sort((a, b) => b.radius - a.radius || (a.id < b.id ? -1 : 1));
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Map of ${dots.length} stories">
${dots.map(
  (
    dot,
  ) => html`<a href="${href(dot.id)}"><circle class="dot" style="--hue: ${dot.look.hue}" cx="${dot.x.toFixed(1)}" cy="${dot.y.toFixed(1)}" r="${dot.radius}"><title>${dot.title} (${dot.look.en}, ${dot.count})</title></circle></a>
`,
)}${placedLabels(dots).map(
  ({ dot, x, y, anchor }) =>
    html`<text lang="${dot.language}" x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" aria-hidden="true">${shortened(dot.name)}</text>
`,
)}</svg>`;
}

function dotScale({ sections }: Recap): number {
  const stories = sections.reduce((sum, section) => sum + section.stories.length, 0);
  return stories > 400 ? 4 : stories > 100 ? 6 : 9;
}

function shortened(name: string): string {
  return name.length > labelLength ? `${name.slice(0, labelLength - 1)}…` : name;
}

interface PlacedLabel {
  readonly dot: Dot;
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'end';
}

/** Names for the largest dots, as far as they do not lie on one another. */
function placedLabels(dots: readonly Dot[]): PlacedLabel[] {
  const boxes: { left: number; right: number; top: number; bottom: number }[] = [];
  const placed: PlacedLabel[] = [];
  for (const dot of dots) {
    if (placed.length === labels) break;
    const columns = [...shortened(dot.name)].reduce((sum, c) => sum + (c.charCodeAt(0) > 0x2e80 ? 17 : 9.5), 0);
    const toRight = dot.x + dot.radius + 4 + columns < width;
    const x = toRight ? dot.x + dot.radius + 4 : dot.x - dot.radius - 4;
    const left = toRight ? x : x - columns;
    const box = { left, right: left + columns, top: dot.y - 12, bottom: dot.y + 12 };
    if (left < 0 || boxes.some((other) => overlaps(box, other))) continue;
    boxes.push(box);
    placed.push({ dot, x, y: dot.y + 6, anchor: toRight ? 'start' : 'end' });
  }
  return placed;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function overlaps(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
