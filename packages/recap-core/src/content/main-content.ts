import { checkInteger, checkNumber } from '@matome/primitives/options';
import weights from '../../data/main-content/blocks.json';
import { type BlockFeatures, blockFeatureNames, blockFeatures } from './block-features.js';
import { readByline } from './byline.js';
import { commentBlocks } from './comments.js';
import { blank, contentMarkup, left, taken } from './content-markup.js';
import { readHeadData } from './head-data.js';
import { type PageMetadata, resolveMetadata } from './page-metadata.js';
import { type PageLimits, type PageTree, parsePage } from './page-tree.js';
import { sanitizeHtml } from './sanitize-html.js';
import { ElementCues } from './structure-features.js';
import { type PageBlocks, type TextBlock, textBlocks } from './text-blocks.js';
import { TreeEnsemble } from './tree-ensemble.js';

/** Options of `extractMainContent`. */
export interface MainContentOptions extends PageLimits {
  /** Address of the page: relative links become absolute, and a date in its path counts. */
  readonly url?: string;
  /** Gives the readers' comments as well, in `comments`. @default false */
  readonly includeComments?: boolean;
  /** Probability from which a block of text belongs to the content; higher is stricter. @default 0.5 */
  readonly minProbability?: number;
  /** Blocks of text looked at; text behind them is left out. @default 20_000 */
  readonly maxBlocks?: number;
}

/** The article of a page. */
export interface MainContent extends PageMetadata {
  /** Its paragraphs, headings, items and cells, one a line. */
  readonly text: string;
  /** The same as harmless HTML: see `sanitizeHtml`. */
  readonly html: string;
  /** Readers' comments, one block a line; '' unless asked for. */
  readonly comments: string;
  /** How well the extraction is expected to agree with a person's, 0 to 1; 0 when nothing was found. */
  readonly quality: number;
  /** True when a limit cut the page off. */
  readonly truncated: boolean;
}

/**
 * Finds the article in a web page: its text, the same as sanitised HTML, and what the page says about it.
 *
 * The page is cut into blocks of text; boosted trees over features of each block (its text, its place in the page, the
 * words of the class names around it, its neighbours) say how likely it belongs to the article. No scripts run and
 * nothing is fetched. The weights are language-neutral and were trained on pages of about 500 sites.
 *
 * @param html - the page as text; a fragment works as well.
 * @returns empty text and quality 0 for a page without any text; never throws for its content.
 * @throws RangeError for an option outside its range.
 * @remarks O(length): nesting, elements and blocks are bounded, see the options.
 * @see Kohlschütter, Fankhauser, Nejdl (2010), Boilerplate detection using shallow text features, doi:10.1145/1718487.1718542
 * @example
 * const page = extractMainContent('<title>Tea | Daily</title><nav><a href="/">Home</a></nav><h1>Tea</h1><p>Tea is grown on hills, dried, and shipped. The harvest starts in May.</p>');
 * page.title // => 'Tea'
 */
export function extractMainContent(html: string, options: MainContentOptions = {}): MainContent {
  const { url, includeComments = false, minProbability = 0.5, maxBlocks = 20_000 } = options;
  checkNumber('extractMainContent', 'minProbability', minProbability, { min: 0, max: 1 });
  checkInteger('extractMainContent', 'maxBlocks', maxBlocks, { min: 1 });
  const page = parsePage(html, options);
  const { blocks: all, textNodes } = textBlocks(page);
  const blocks = all.length > maxBlocks ? all.slice(0, maxBlocks) : all;
  const head = readHeadData(page);
  const cues = new ElementCues(page.elements);
  const probabilities = blockProbabilities(blocks.length, blockFeatures(page, blocks, head, cues));
  const comments = commentBlocks(page, blocks, probabilities, cues);
  const chosen = blocks.map((_, i) => probabilities[i]! >= minProbability && comments[i] === 0);
  return {
    ...resolveMetadata(head, blocks, readByline(page, blocks), url),
    text: joinBlocks(blocks.filter((_, i) => chosen[i])),
    html: renderChosen(page, { blocks, textNodes }, chosen, url),
    comments: includeComments ? joinBlocks(blocks.filter((_, i) => comments[i] === 1)) : '',
    quality: expectedAgreement(blocks, probabilities, chosen),
    truncated: page.truncated || blocks.length < all.length,
  };
}

let ensemble: TreeEnsemble | undefined;

/** Probability of each of `n` blocks to belong to the article; 0 for those without features. */
function blockProbabilities(n: number, { rows, matrix }: BlockFeatures): Float32Array {
  ensemble ??= TreeEnsemble.fromJSON(weights, blockFeatureNames);
  const probabilities = new Float32Array(n);
  for (let row = 0; row < rows.length; row++) {
    probabilities[rows[row]!] = ensemble.probability(matrix, row, blockFeatureNames.length);
  }
  return probabilities;
}

function joinBlocks(blocks: readonly TextBlock[]): string {
  return blocks.map((block) => block.text).join('\n');
}

function renderChosen(
  page: PageTree,
  { blocks, textNodes }: PageBlocks,
  chosen: readonly boolean[],
  url: string | undefined,
): string {
  const flags = new Uint8Array(textNodes).fill(blank);
  for (let i = 0; i < blocks.length; i++) flags.fill(chosen[i] ? taken : left, blocks[i]!.from, blocks[i]!.to);
  return sanitizeHtml(contentMarkup(page.root, flags, url));
}

/** Expected F1 over characters, if each block belongs to the article with its probability. */
function expectedAgreement(
  blocks: readonly TextBlock[],
  probabilities: Float32Array,
  chosen: readonly boolean[],
): number {
  let hit = 0;
  let taken = 0;
  let wanted = 0;
  for (let i = 0; i < blocks.length; i++) {
    const { length } = blocks[i]!.text;
    wanted += probabilities[i]! * length;
    if (!chosen[i]) continue;
    taken += length;
    hit += probabilities[i]! * length;
  }
  return taken + wanted === 0 ? 0 : Math.round((2000 * hit) / (taken + wanted)) / 1000;
}
