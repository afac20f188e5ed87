/**
 * Learns the English rankings, without a model, with the default static one and with MiniLM, from the training parts of two
 * keyphrase sets and writes them to `src/data`.
 *
 * node --import tsx --conditions=matome-source recipe/train-english.ts INSPEC.jsonl.gz SEMEVAL2010.jsonl.gz WORDS.txt.gz
 *   [statistical|static|tokens]
 *
 * `indexer` follows professional indexers, who name every concept of an abstract (Inspec, training part). `author` follows
 * authors and readers, who name a paper's few topics (SemEval-2010, training part). `topics` follows indexers who have to
 * take the terms of a thesaurus (the controlled keys of Inspec, training part). Only numbers leave this script: trees over the
 * columns of `features.ts`, two numbers of calibration for each mixture, and with a model the weights of three readings.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { createEmbedder } from '@matome/primitives/embedding';
import { backgroundFromRanks } from '../src/rank/background.js';
import { sharesAt } from '../src/rank/breadth.js';
import { statisticalWidth } from '../src/rank/features.js';
import { rankingColumns } from '../src/rank/stored-rankings.js';
import { TreeEnsemble } from '../src/rank/tree-ensemble.js';
import { wordKey } from '../src/tag-names/tag-key.js';
import {
  authorSettings,
  type Corpus,
  fit,
  heldOutScores,
  loadCorpus,
  settings,
  topicSettings,
} from './english-corpus.js';
import { learnReadings } from './fit-reading.js';
import { type BoostedTrees, roundTrees } from './gradient-boosting.js';
import { type RankingModel, readAbstracts, readPapers, withTopicsAsKeys } from './keyphrase-rows.js';
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
  const words = gunzipSync(readFileSync(wordsPath)).toString('utf8').split('\n').slice(0, backgroundWords);
  const keys = words.filter((word) => /^\p{L}[\p{L}\p{N}'’-]*$/u.test(word)).map((word) => wordKey(word));
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

/** F1 of the ten best candidates at breadth 0.5: tells whether a change of the recipe helps. */
function heldOutF1({ corpus, scores }: HeldOut): number {
  const f1 = corpus.titled.map(({ labels, gold }, d) => {
    const mixed = Array.from(labels, (_, c) => scores[0]![d]![c]! + scores[1]![d]![c]!);
    const best = [...mixed.keys()].sort((a, b) => mixed[b]! - mixed[a]! || a - b).slice(0, 10);
    const hits = best.reduce((sum, c) => sum + labels[c]!, 0);
    return gold.size === 0 ? 0 : (2 * hits) / (best.length + gold.size);
  });
  return Number((f1.reduce((sum, value) => sum + value, 0) / f1.length).toFixed(4));
}

const keys = readBackground();
const background = backgroundFromRanks(keys);
function foldsOf(fitOn: (keep: (i: number) => boolean) => BoostedTrees): TreeEnsemble[] {
  return Array.from({ length: folds }, (_, k) => new TreeEnsemble(fitOn((i) => i % folds !== k)));
}

async function learn(model?: RankingModel) {
  const inspec = await loadCorpus(readAbstracts(inspecPath, 'train'), background, model);
  // Whoever lists every concept has more to read than a title.
  const abstracts: Corpus = { titled: inspec.titled, variants: inspec.variants.slice(0, 1) };
  const topics: Corpus = {
    titled: withTopicsAsKeys(inspec.titled),
    variants: inspec.variants.map(withTopicsAsKeys),
  };
  const papers = await loadCorpus(readPapers(papersPath), background, model);
  const readings = model ? learnReadings([inspec, papers, topics], statisticalWidth) : undefined;
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
  const heldOut = { abstracts: heldOutF1(many[0]!), papers: heldOutF1(few[0]!) };
  process.stderr.write(`${JSON.stringify({ calibration, heldOut })}\n`);
  const features = rankingColumns[model?.kind ?? 'statistical'];
  return { features, ...(readings && { readings }), indexer, author, topics: topic, calibration };
}

const wanted = (name: string) => kind === undefined || kind === name;
if (wanted('statistical')) {
  writeJson('english-words.json', keys);
  writeJson('english-ranking.json', await learn());
}
if (wanted('static')) {
  const embedder = await createEmbedder();
  const ranking = await learn({ embedder, kind: 'static' });
  writeJson('english-static-ranking.json', { fingerprints: [embedder.fingerprint], ...ranking });
}
if (wanted('tokens')) {
  // Tables held in float16 hold what the file does: the vectors are the same.
  const [embedder, half] = await Promise.all([
    createEmbedder({ model: 'minilm' }),
    createEmbedder({ model: 'minilm', storage: 'float16' }),
  ]);
  const ranking = await learn({ embedder, kind: 'tokens' });
  const fingerprints = [embedder, half].map(({ fingerprint }) => fingerprint);
  writeJson('english-token-ranking.json', { fingerprints, ...ranking });
  await Promise.all([embedder.dispose(), half.dispose()]);
}
