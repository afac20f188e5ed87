import { plainText } from './head-data.js';
import { blockElements } from './html-elements.js';
import { attribute, type PageElement, type PageTree } from './page-tree.js';
import type { TextBlock } from './text-blocks.js';

/** Authors and dates that a page shows near its article, best first. */
export interface BylineData {
  readonly authors: readonly string[];
  readonly dates: readonly string[];
}

const maxVisited = 20_000;
const authorClass =
  /(?:^|[-_ ])(?:author|byline|autor|autorin|verfasser|writer|auteur)(?:[-_ ]?(?:name|link|title|fn|vcard))?(?:$|[-_ ])|post-author|entry-author|author-name|authorname/;
const notAuthor = /bio|box|avatar|image|img|comment|date|meta-wrap|social|desc|related|info-box|list/;
const dateClass =
  /(?:^|[-_ ])(?:date|datum|published|pubdate|dateline|timestamp|post-?date|entry-?date|posted-on|time)(?:$|[-_ ])/;
const spokenByline =
  /^(?:by|von|par|por|door|di|text|autor(?:in)?|author)\s*:?\s+(\p{Lu}[\p{L}.'’-]+(?:\s+(?:\p{Lu}|de|van|von|der|und|and|&)[\p{L}.'’-]*){1,5})/u;

/**
 * Looks for the byline: marked-up authors and dates first (`rel`, `itemprop`, `time`, class names), then a short block
 * near the main heading that reads like one.
 */
export function readByline(page: PageTree, blocks: readonly TextBlock[]): BylineData {
  const authors: { rank: number; text: string }[] = [];
  const dates: { rank: number; text: string }[] = [];
  let visited = 0;
  const visit = (element: PageElement): void => {
    for (const child of element.children) {
      if (typeof child === 'string' || visited++ > maxVisited) continue;
      readAuthor(child, authors);
      readDate(child, dates);
      visit(child);
    }
  };
  visit(page.root);
  const heading = Math.max(
    0,
    blocks.findIndex((block) => block.element.tag === 'h1'),
  );
  for (const block of blocks.slice(Math.max(0, heading - 6), heading + 12)) {
    if (block.text.length > 160) continue;
    const spoken = spokenByline.exec(block.text);
    if (spoken !== null) authors.push({ rank: 5, text: spoken[1]! });
    if (/\d/.test(block.text)) dates.push({ rank: 4, text: block.text });
  }
  return { authors: bestRank(authors, true), dates: bestRank(dates, false) };
}

function bestRank(found: { rank: number; text: string }[], onlyBest: boolean): string[] {
  found.sort((a, b) => a.rank - b.rank);
  const best = onlyBest ? found.filter((f) => f.rank === found[0]!.rank).slice(0, 1) : found;
  return [...new Set(best.map((f) => f.text))];
}

function readAuthor(element: PageElement, out: { rank: number; text: string }[]): void {
  if (element.attributes.length === 0) return;
  const itemprop = attribute(element, 'itemprop') ?? '';
  const words = `${attribute(element, 'class') ?? ''} ${attribute(element, 'id') ?? ''}`.toLowerCase();
  const rel = attribute(element, 'rel') ?? '';
  let rank = 0;
  if (/\bauthor\b/.test(itemprop)) rank = 2;
  else if (/\bauthor\b/.test(rel) && element.tag !== 'link') rank = 1;
  else if (authorClass.test(words) && !notAuthor.test(words)) rank = blockElements.has(element.tag) ? 4 : 3;
  if (rank === 0) return;
  const text = plainText(element, 300);
  if (text.length > 1 && text.length <= 80) out.push({ rank, text });
}

function readDate(element: PageElement, out: { rank: number; text: string }[]): void {
  if (element.attributes.length === 0 && element.tag !== 'time') return;
  const itemprop = attribute(element, 'itemprop') ?? '';
  const stamp = attribute(element, 'datetime') ?? attribute(element, 'content') ?? '';
  if (/datePublished/i.test(itemprop)) out.push({ rank: 0, text: stamp || plainText(element, 300) });
  else if (element.tag === 'time')
    out.push({ rank: attribute(element, 'pubdate') !== undefined ? 1 : 2, text: stamp || plainText(element, 300) });
  else if (element.tag !== 'meta' && dateClass.test(`${attribute(element, 'class') ?? ''}`.toLowerCase())) {
    const text = plainText(element, 300);
    if (text.length <= 80) out.push({ rank: 3, text });
  }
}
