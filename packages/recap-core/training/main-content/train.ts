/**
 * Trains the trees that tell the content blocks of a page, and measures them by cross-validation over sites.
 *
 * node --import tsx --conditions=matome-source training/main-content/train.ts PAGES TRUTH READABILITY [--folds 10] [--write]
 *
 * PAGES and TRUTH hold pages with segments (`with`, `without`), READABILITY pages with `expectedHtml`. Labels come from
 * the segments; blocks that no segment speaks of, and the pages of READABILITY, count little and are labelled by
 * Readability's extraction. Folds keep the pages of one site together. Without `--write` nothing is written.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Readability } from '@mozilla/readability';
import { parseHTML } from 'linkedom';
import { type BlockFeatures, blockFeatureNames, blockFeatures } from '../../src/content/block-features.js';
import { readHeadData } from '../../src/content/head-data.js';
import { parsePage } from '../../src/content/page-tree.js';
import { type TextBlock, textBlocks } from '../../src/content/text-blocks.js';
import { TreeEnsemble, type TreeEnsembleData } from '../../src/content/tree-ensemble.js';
import { type BoostingOptions, fitBoosting, type TrainingRows } from './gradient-boosting.js';
import { labelByExtraction, labelBySegments, type Segments } from './label-blocks.js';

interface Page {
  readonly site: string;
  readonly blocks: readonly TextBlock[];
  readonly features: BlockFeatures;
  /** What people said, -1 where they said nothing. */
  readonly told: Int8Array;
  /** What Readability takes. */
  readonly guessed: Int8Array;
  readonly segments: Segments | undefined;
  readonly expected: readonly string[] | undefined;
}

/** linkedom implements what Readability uses of the DOM, under other types. */
type ReadabilityDocument = ConstructorParameters<typeof Readability>[0];

const width = blockFeatureNames.length;
const weights = { guessed: 0.03, readability: 0.08 };
const boosting: BoostingOptions = {
  trees: 250,
  leaves: 15,
  learningRate: 0.05,
  minLeafWeight: 6,
  l2: 5,
  featureShare: 0.3,
  rowShare: 0.8,
  seed: 1,
};

function readLines<Row>(path: string): Row[] {
  const raw = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(raw) : raw).toString('utf8');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Row);
}

function textsOf(html: string): string[] {
  return textBlocks(parsePage(html)).blocks.map((block) => block.text);
}

function readabilityOf(html: string): string[] {
  try {
    return textsOf(new Readability(parseHTML(html).document as unknown as ReadabilityDocument).parse()?.content ?? '');
  } catch {
    return [];
  }
}

function makePage(html: string, site: string, segments: Segments | undefined, expectedHtml: string | undefined): Page {
  const tree = parsePage(html);
  const { blocks } = textBlocks(tree);
  const features = blockFeatures(tree, blocks, readHeadData(tree));
  const expected = expectedHtml === undefined ? undefined : textsOf(expectedHtml);
  const told = segments === undefined ? new Int8Array(blocks.length).fill(-1) : labelBySegments(blocks, segments);
  const guessed = labelByExtraction(blocks, expected ?? readabilityOf(html));
  return { site, blocks, features, told, guessed, segments, expected };
}

function readPages(pages: string, truth: string, readability: string): Page[] {
  const segments = new Map(readLines<{ id: string; url: string } & Segments>(truth).map((row) => [row.id, row]));
  const judged = readLines<{ id: string; html: string }>(pages).map((row) => {
    const said = segments.get(row.id)!;
    return makePage(row.html, URL.canParse(said.url) ? new URL(said.url).host : row.id, said, undefined);
  });
  const cases = readLines<{ id: string; html: string; expectedHtml: string }>(readability);
  return [...judged, ...cases.map((row) => makePage(row.html, row.id, undefined, row.expectedHtml))];
}

function trainingRows(pages: readonly Page[]): TrainingRows {
  const n = pages.reduce((sum, page) => sum + page.features.rows.length, 0);
  const rows = { x: new Float32Array(n * width), y: new Float32Array(n), weight: new Float32Array(n) };
  let at = 0;
  for (const page of pages) {
    rows.x.set(page.features.matrix, at * width);
    for (const i of page.features.rows) {
      const told = page.told[i]! >= 0;
      rows.y[at] = told ? page.told[i]! : page.guessed[i]!;
      const share = page.segments === undefined ? weights.readability : weights.guessed;
      rows.weight[at++] = told ? 1 : (share * Math.log1p(page.blocks[i]!.text.length)) / 4;
    }
  }
  return rows;
}

interface Score {
  tp: number;
  fp: number;
  fn: number;
  tokenF1: number[];
}

function score(page: Page, model: TreeEnsemble, threshold: number, into: Score): void {
  const { rows, matrix } = page.features;
  const text = rows
    .filter((_, row) => model.probability(matrix, row, width) >= threshold)
    .map((i) => page.blocks[i]!.text)
    .join('\n');
  for (const segment of page.segments?.with ?? []) text.includes(segment) ? into.tp++ : into.fn++;
  for (const segment of page.segments?.without ?? []) if (text.includes(segment)) into.fp++;
  if (page.expected !== undefined) into.tokenF1.push(tokenF1(text, page.expected.join('\n')));
}

function tokenF1(a: string, b: string): number {
  const count = new Map<string, number>();
  const [left, right] = [a.match(/[\p{L}\p{N}_]+/gu) ?? [], b.match(/[\p{L}\p{N}_]+/gu) ?? []];
  for (const word of left) count.set(word, (count.get(word) ?? 0) + 1);
  let shared = 0;
  for (const word of right) {
    const rest = count.get(word) ?? 0;
    if (rest > 0) shared++;
    count.set(word, rest - 1);
  }
  return left.length + right.length === 0 ? 1 : (2 * shared) / (left.length + right.length);
}

function crossValidate(pages: readonly Page[], folds: number): void {
  const foldOf = (page: Page) => createHash('md5').update(page.site).digest().readUInt32BE(0) % folds;
  const thresholds = [0.35, 0.4, 0.45, 0.5, 0.55, 0.6];
  const scores = thresholds.map((): Score => ({ tp: 0, fp: 0, fn: 0, tokenF1: [] }));
  for (let fold = 0; fold < folds; fold++) {
    const data = fitBoosting(trainingRows(pages.filter((page) => foldOf(page) !== fold)), blockFeatureNames, boosting);
    const model = TreeEnsemble.fromJSON(data, blockFeatureNames);
    for (const page of pages) {
      if (foldOf(page) !== fold) continue;
      for (const [k, threshold] of thresholds.entries()) score(page, model, threshold, scores[k]!);
    }
    process.stderr.write(`fold ${fold + 1} of ${folds}\n`);
  }
  thresholds.forEach((threshold, k) => {
    const { tp, fp, fn, tokenF1: perPage } = scores[k]!;
    const mean = perPage.reduce((sum, value) => sum + value, 0) / perPage.length;
    const line = {
      threshold,
      precision: tp / (tp + fp),
      recall: tp / (tp + fn),
      f: (2 * tp) / (2 * tp + fp + fn),
      tokenF1: mean,
    };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  });
}

function main(args: readonly string[]): void {
  const paths = args.filter((arg) => !arg.startsWith('--') && !/^\d+$/.test(arg));
  if (paths.length !== 3) throw new Error('usage: train.ts PAGES TRUTH READABILITY [--folds N] [--write]');
  const pages = readPages(paths[0]!, paths[1]!, paths[2]!);
  const folds = args.includes('--folds') ? Number(args[args.indexOf('--folds') + 1]) : 0;
  if (folds > 1) crossValidate(pages, folds);
  if (!args.includes('--write')) return;
  const data: TreeEnsembleData = fitBoosting(trainingRows(pages), blockFeatureNames, boosting);
  writeFileSync(new URL('../../data/main-content/blocks.json', import.meta.url), `${JSON.stringify(data)}\n`);
}

main(process.argv.slice(2));
