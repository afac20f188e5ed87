/**
 * Learns the English rankings, without and with the default static model, from the training parts of two keyphrase sets and
 * writes them to `src/data`.
 *
 * node --import tsx --conditions=matome-source recipe/train-english.ts INSPEC.jsonl.gz SEMEVAL2010.jsonl.gz WORDS.txt.gz
 *   [statistical|static]
 *
 * `indexer` follows professional indexers, who name every concept of an abstract (Inspec, training part). `author` follows
 * authors and readers, who name a paper's few topics (SemEval-2010, training part). `topics` follows indexers who have to
 * take the terms of a thesaurus (the controlled keys of Inspec, training part). Only numbers leave this script: trees over the
 * columns of `features.ts`, and two numbers of calibration for each mixture.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { createEmbedder, type Embedder } from '@matome/primitives/embedding';
import { StemCache } from '../src/candidates/english-words.js';
import { backgroundFromRanks } from '../src/rank/background.js';
import { sharesAt } from '../src/rank/breadth.js';
import { statisticalFeatures } from '../src/rank/features.js';
import { meaningFeatures } from '../src/rank/meaning.js';
import { TreeEnsemble } from '../src/rank/tree-ensemble.js';
import {
  authorSettings,
  type Corpus,
  fit,
  heldOutScores,
  loadCorpus,
  settings,
  topicSettings,
} from './english-corpus.js';
import { type BoostedTrees, roundTrees } from './gradient-boosting.js';
import { readAbstracts, readPapers, withTopicsAsKeys } from './keyphrase-rows.js';
import { fitPlatt } from './platt.js';

const backgroundWords = 12_000;
const folds = 2;
const mixtures = [0, 0.25, 0.5, 0.75, 1];
const [inspecPath, papersPath, wordsPath, kind] = process.argv.slice(2) as [string, string, string, string?];
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

interface HeldOut {
  readonly corpus: Corpus;
  /** Scores by `indexer`, `author` and `topics`. */
  readonly scores: readonly (readonly (readonly number[])[])[];
  /** How often every document counts. */
  readonly times: number;
}

/** Slope and offset that turn mixed scores of the ten best candidates into shares of hits. */
function calibrate(sets: readonly HeldOut[], breadth: number): { slope: number; offset: number } {
  const scores: number[] = [];
  const hits: number[] = [];
  const shares = sharesAt(breadth);
  for (const { corpus, scores: by, times } of sets) {
    corpus.titled.forEach(({ labels }, d) => {
      const mixed = Array.from(labels, (_, c) => shares.reduce((sum, share, k) => sum + share * by[k]![d]![c]!, 0));
      const best = [...mixed.keys()].sort((a, b) => mixed[b]! - mixed[a]! || a - b).slice(0, 10);
      for (let time = 0; time < times; time++) {
        for (const c of best) {
          scores.push(mixed[c]!);
          hits.push(labels[c]!);
        }
      }
    });
  }
  return fitPlatt(scores, hits);
}

const keys = readBackground();
const background = backgroundFromRanks(keys);
function foldsOf(fitOn: (keep: (i: number) => boolean) => BoostedTrees): TreeEnsemble[] {
  return Array.from({ length: folds }, (_, k) => new TreeEnsemble(fitOn((i) => i % folds !== k)));
}

async function learn(embedder?: Embedder) {
  const inspec = await loadCorpus(readAbstracts(inspecPath, 'train'), background, embedder);
  // Whoever lists every concept has more to read than a title.
  const abstracts: Corpus = { titled: inspec.titled, variants: inspec.variants.slice(0, 1) };
  const topics: Corpus = {
    titled: withTopicsAsKeys(inspec.titled),
    variants: inspec.variants.map(withTopicsAsKeys),
  };
  const papers = await loadCorpus(readPapers(papersPath), background, embedder);
  process.stderr.write(`${abstracts.titled.length} abstracts, ${papers.titled.length} papers, ${keys.length} words\n`);
  const fitIndexer = (keep: (i: number) => boolean) => roundTrees(fit(abstracts, settings, keep));
  const fitAuthor = (keep: (i: number) => boolean) => roundTrees(fit(papers, authorSettings, keep));
  const fitTopics = (keep: (i: number) => boolean) => roundTrees(fit(topics, topicSettings, keep));
  const all = () => true;
  const [indexer, author, topic] = [fitIndexer(all), fitAuthor(all), fitTopics(all)];
  const known = [indexer, author, topic].map((trees) => [new TreeEnsemble(trees)]);
  const models = { abstracts: [foldsOf(fitIndexer), known[1]!, foldsOf(fitTopics)], papers: [...known] };
  models.papers[1] = foldsOf(fitAuthor);
  const onAbstracts = models.abstracts.map((model) => heldOutScores(abstracts, model));
  const onPapers = models.papers.map((model) => heldOutScores(papers, model));
  // Towards the authors' end papers and thesaurus say what a hit is, in equal parts; towards the indexers' end the abstracts.
  const times = Math.round(topics.titled.length / papers.titled.length);
  const few: HeldOut[] = [
    { corpus: papers, scores: onPapers, times },
    { corpus: topics, scores: onAbstracts, times: 1 },
  ];
  const many: HeldOut[] = [{ corpus: abstracts, scores: onAbstracts, times: 1 }];
  const calibration = mixtures.map((breadth) => ({ breadth, ...calibrate(breadth < 0.5 ? few : many, breadth) }));
  process.stderr.write(`${JSON.stringify(calibration)}\n`);
  const features = embedder ? [...statisticalFeatures, ...meaningFeatures] : statisticalFeatures;
  return { ...(embedder ? { modelId: embedder.modelId } : {}), features, indexer, author, topics: topic, calibration };
}

writeJson('english-words.json', keys);
if (kind !== 'static') writeJson('english-ranking.json', await learn());
if (kind !== 'statistical') writeJson('english-static-ranking.json', await learn(await createEmbedder()));
