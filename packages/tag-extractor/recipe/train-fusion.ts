/**
 * Fits how statistics and an embedder add up, and prints the weights for `src/rank/fusion-weights.ts`.
 *
 * node --import tsx --conditions=matome-source recipe/train-fusion.ts INSPEC.jsonl.gz SEMEVAL2010.jsonl.gz [MODEL]
 *
 * One half of each training set teaches the statistical rankings, the other half is scored by them and embedded.
 */
import { createEmbedder } from '@matome/primitives/embedding';
import { dot, meanRow, row } from '@matome/primitives/linalg';
import { createRandom } from '@matome/primitives/random';
import words from '../src/data/english-words.json';
import { backgroundFromRanks } from '../src/rank/background.js';
import { standardize } from '../src/rank/embedding-scorer.js';
import { statisticalWidth } from '../src/rank/features.js';
import { TreeEnsemble } from '../src/rank/tree-ensemble.js';
import { fitBoostedTrees } from './gradient-boosting.js';
import {
  type PreparedDocument,
  prepare,
  readAbstracts,
  readPapers,
  stackRows,
  withoutTitles,
} from './keyphrase-rows.js';
import { fitLogistic } from './logistic.js';
import { fitPlatt } from './platt.js';

const settings = {
  trees: 100,
  depth: 4,
  learningRate: 0.12,
  minRows: 30,
  shrinkage: 5,
  columnShare: 0.5,
  rowShare: 0.7,
};
/** The papers are few: each counts three times. */
const paperWeight = 3;
const [inspecPath, papersPath, model = 'minilm'] = process.argv.slice(2) as [string, string, string?];
const background = backgroundFromRanks(words);
const even = (_: unknown, i: number) => i % 2 === 0;
const odd = (_: unknown, i: number) => i % 2 === 1;

async function halves(
  documents: Parameters<typeof prepare>[0],
): Promise<{ trees: TreeEnsemble; rest: PreparedDocument[] }> {
  const learning = documents.filter(even);
  const rows = stackRows(await prepare([...learning, ...withoutTitles(learning)], background));
  const trees = new TreeEnsemble(fitBoostedTrees(rows, { ...settings, random: createRandom(7) }));
  return { trees, rest: await prepare(documents.filter(odd), background) };
}

const abstracts = await halves(readAbstracts(inspecPath, 'train'));
const papers = await halves(readPapers(papersPath));
const embedder = await createEmbedder({ model });

/** Mixed score, similarities and label of the 30 best candidates. */
async function describe({ analyzed, rows, labels, text }: PreparedDocument): Promise<number[][]> {
  const logits = abstracts.trees.scores(rows, statisticalWidth);
  papers.trees.addScores(rows, statisticalWidth, 1, logits);
  for (let c = 0; c < logits.length; c++) logits[c]! /= 2;
  const best = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]! || a - b).slice(0, 30);
  const headline = text.title === '' ? text.body.slice(0, 120) : text.title;
  const names = best.map((c) => analyzed.candidates[c]!.name);
  const vectors = await embedder.embed([`${text.title}\n${text.body}`, headline, ...names]);
  const places = best.map((_, place) => place + 2);
  const near = (to: Float32Array) => standardize(places.map((place) => dot(row(vectors, place), to)));
  const article = near(row(vectors, 0));
  const title = near(row(vectors, 1));
  const others = near(meanRow(vectors, places));
  return best.map((c, i) => [logits[c]!, article[i]!, title[i]!, others[i]!, labels[c]!]);
}

const described: number[][] = [];
const inspecRows: number[][] = [];
for (const document of abstracts.rest) inspecRows.push(...(await describe(document)).map((r, rank) => [...r, rank]));
const top = inspecRows.filter((r) => r[5]! < 10);
const { slope, offset } = fitPlatt(
  top.map((r) => r[0]!),
  top.map((r) => r[4]!),
);
described.push(...inspecRows);
for (const document of papers.rest) {
  const rows = await describe(document);
  for (let i = 0; i < paperWeight; i++) described.push(...rows);
}
await embedder.dispose();
const design = (rows: readonly number[][]) => rows.map(([s, a, h, o]) => [1, slope * s! + offset, a!, h!, o!]);
const joint = fitLogistic(
  design(described),
  described.map((r) => r[4]!),
);
// Calibration follows the abstracts, as that of the statistical ranking does at the middle breadth.
const own = fitLogistic(
  design(inspecRows),
  inspecRows.map((r) => r[4]!),
);
process.stdout.write(`${JSON.stringify({ model, weights: joint.slice(1), offset: own[0] })}\n`);
