/**
 * Learns the English ranking from the training parts of two keyphrase sets and writes it to `src/data`.
 *
 * node --import tsx --conditions=matome-source recipe/train-english.ts INSPEC.jsonl.gz SEMEVAL2010.jsonl.gz WORDS.txt.gz
 *
 * `indexer` follows professional indexers, who name every concept of an abstract (Inspec, training part); `author` follows
 * authors and readers, who name a paper's few topics (SemEval-2010, training part). Only numbers leave this script: trees
 * over the columns of `features.ts`, and two numbers of calibration for each mixture.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { createRandom } from '@matome/primitives/random';
import { StemCache } from '../src/candidates/english-words.js';
import { backgroundFromRanks } from '../src/rank/background.js';
import { statisticalFeatures, statisticalWidth } from '../src/rank/features.js';
import { TreeEnsemble } from '../src/rank/tree-ensemble.js';
import { type BoostedTrees, fitBoostedTrees, roundTrees } from './gradient-boosting.js';
import {
  type KeyphraseDocument,
  type PreparedDocument,
  prepare,
  readAbstracts,
  readPapers,
  stackRows,
  withoutTitles,
} from './keyphrase-rows.js';
import { fitPlatt } from './platt.js';

const backgroundWords = 12_000;
const folds = 4;
const mixtures = [0, 0.25, 0.5, 0.75, 1];
const settings = {
  trees: 100,
  depth: 4,
  learningRate: 0.12,
  minRows: 30,
  shrinkage: 5,
  columnShare: 0.5,
  rowShare: 0.7,
};

const [inspecPath, papersPath, wordsPath] = process.argv.slice(2) as [string, string, string];
const dataFolder = new URL('../src/data/', import.meta.url);

function writeJson(name: string, value: unknown): void {
  writeFileSync(new URL(name, dataFolder), `${JSON.stringify(value)}\n`);
}

function readBackground(): string[] {
  const cache = new StemCache();
  const words = gunzipSync(readFileSync(wordsPath)).toString('utf8').split('\n').slice(0, backgroundWords);
  const keys = words.filter((word) => /^\p{L}[\p{L}\p{N}'’-]*$/u.test(word)).map((word) => cache.keyOf(word));
  return [...new Set(keys)];
}

interface Corpus {
  readonly titled: readonly PreparedDocument[];
  readonly untitled: readonly PreparedDocument[];
}

function fit(corpus: Corpus, keep: (i: number) => boolean): BoostedTrees {
  const rows = stackRows([...corpus.titled.filter((_, i) => keep(i)), ...corpus.untitled.filter((_, i) => keep(i))]);
  return fitBoostedTrees(rows, { ...settings, random: createRandom(7) });
}

/** Scores of documents by models that have not seen them. */
function heldOutScores(
  corpus: Corpus,
  own: readonly TreeEnsemble[],
  other: TreeEnsemble,
): { own: number[][]; other: number[][] } {
  const score = (model: TreeEnsemble, { rows }: PreparedDocument) => [...model.scores(rows, statisticalWidth)];
  return {
    own: corpus.titled.map((document, i) => score(own[i % folds]!, document)),
    other: corpus.titled.map((document) => score(other, document)),
  };
}

/** Slope and offset that turn mixed scores of the ten best candidates into shares of hits. */
function calibrate(
  corpus: Corpus,
  indexer: number[][],
  author: number[][],
  mixture: number,
): { slope: number; offset: number } {
  const scores: number[] = [];
  const hits: number[] = [];
  corpus.titled.forEach(({ labels }, d) => {
    const mixed = Array.from(labels, (_, c) => mixture * indexer[d]![c]! + (1 - mixture) * author[d]![c]!);
    const best = [...mixed.keys()].sort((a, b) => mixed[b]! - mixed[a]! || a - b).slice(0, 10);
    for (const c of best) {
      scores.push(mixed[c]!);
      hits.push(labels[c]!);
    }
  });
  return fitPlatt(scores, hits);
}

async function load(
  documents: readonly KeyphraseDocument[],
  background: ReturnType<typeof backgroundFromRanks>,
): Promise<Corpus> {
  return {
    titled: await prepare(documents, background),
    untitled: await prepare(withoutTitles(documents), background),
  };
}

const keys = readBackground();
const background = backgroundFromRanks(keys);
const abstracts = await load(readAbstracts(inspecPath, 'train'), background);
const papers = await load(readPapers(papersPath), background);
process.stderr.write(`${abstracts.titled.length} abstracts, ${papers.titled.length} papers, ${keys.length} words\n`);
const indexer = roundTrees(fit(abstracts, () => true));
const author = roundTrees(fit(papers, () => true));
process.stderr.write('models fitted\n');
const heldOut = (corpus: Corpus) =>
  Array.from({ length: folds }, (_, k) => new TreeEnsemble(roundTrees(fit(corpus, (i) => i % folds !== k))));
const onAbstracts = heldOutScores(abstracts, heldOut(abstracts), new TreeEnsemble(author));
const onPapers = heldOutScores(papers, heldOut(papers), new TreeEnsemble(indexer));
const calibration = mixtures.map((mixture) => ({
  breadth: mixture,
  // Towards the authors' end the papers say what a hit is, towards the indexers' end the abstracts.
  ...(mixture < 0.5
    ? calibrate(papers, onPapers.other, onPapers.own, mixture)
    : calibrate(abstracts, onAbstracts.own, onAbstracts.other, mixture)),
}));
writeJson('english-ranking.json', { features: statisticalFeatures, indexer, author, calibration });
writeJson('english-words.json', keys);
process.stderr.write(`${JSON.stringify(calibration)}\n`);
