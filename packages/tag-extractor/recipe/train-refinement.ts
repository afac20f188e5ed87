/**
 * Fits how statistics and a transformer add up, how a second look is merged with the first, and which sign tells where it gains;
 * prints the numbers for `src/rank/fusion-weights.ts` and what a budget of a fifth can reach.
 *
 * node --import tsx --conditions=matome-source recipe/train-refinement.ts INSPEC.jsonl.gz SEMEVAL2010.jsonl.gz [DOCUMENTS]
 *
 * Training parts only. One half of each set teaches the rankings, the other half is scored by them and embedded.
 */
import { createEmbedder } from '@matome/primitives/embedding';
import words from '../src/data/english-words.json';
import { backgroundFromRanks } from '../src/rank/background.js';
import { contentionOf } from '../src/rank/contention.js';
import { standardize } from '../src/rank/embedding-scorer.js';
import { statisticalWidth } from '../src/rank/features.js';
import { embedArticle, nearnessOf } from '../src/rank/meaning.js';
import { TreeEnsemble } from '../src/rank/tree-ensemble.js';
import { authorSettings, fit, loadCorpus, settings } from './english-corpus.js';
import { learnReadings } from './fit-reading.js';
import {
  type KeyphraseDocument,
  type PreparedDocument,
  type RankingModel,
  readAbstracts,
  readPapers,
  withTopicsAsKeys,
} from './keyphrase-rows.js';
import { fitLeastSquares } from './least-squares.js';
import { fitLogistic } from './logistic.js';
import { fitPlatt } from './platt.js';

/** Tags that are scored, tags that a look hands on, candidates that the transformer sees. */
const [scored, listed, embedded] = [10, 15, 20];
const budget = 0.2;
const [inspecPath, papersPath, most = '1000'] = process.argv.slice(2) as [string, string, string?];
const background = backgroundFromRanks(words);

interface Look {
  readonly document: PreparedDocument;
  /** Log odds of all candidates without and with the static model. */
  readonly statistical: Float64Array;
  readonly cheap: Float64Array;
  /** The same with readings of MiniLM's tokens in place of the static model's words. */
  readonly refined: Float64Array;
}

async function looks(
  inspec: readonly KeyphraseDocument[],
  papers: readonly KeyphraseDocument[],
  model?: RankingModel,
): Promise<{ document: PreparedDocument; logits: Float64Array }[]> {
  const odd = (i: number) => i % 2 === 1;
  const abstracts = await loadCorpus(inspec, background, model);
  const others = await loadCorpus(papers, background, model);
  if (model) {
    const topics = { titled: withTopicsAsKeys(abstracts.titled), variants: abstracts.variants.map(withTopicsAsKeys) };
    learnReadings([abstracts, others, topics], statisticalWidth, odd);
  }
  const indexer = new TreeEnsemble(fit({ ...abstracts, variants: [] }, { ...settings, keptEvery: 3 }, odd));
  const author = new TreeEnsemble(fit(others, authorSettings, odd));
  const score = (document: PreparedDocument) => {
    const mixed = indexer.scores(document.rows, document.width).map((value) => value / 2);
    author.addScores(document.rows, document.width, 0.5, mixed);
    return { document, logits: mixed };
  };
  const even = (_: unknown, i: number) => !odd(i);
  const onAbstracts = abstracts.titled.filter(even).map(score);
  const scores: number[] = [];
  const hits: number[] = [];
  for (const { document, logits } of onAbstracts) {
    for (const c of best(logits, scored)) {
      scores.push(logits[c]!);
      hits.push(document.labels[c]!);
    }
  }
  const { slope, offset } = fitPlatt(scores, hits);
  const all = [...onAbstracts, ...others.titled.filter(even).map(score)];
  return all.map(({ document, logits }) => ({ document, logits: logits.map((value) => slope * value + offset) }));
}

function best(logits: ArrayLike<number>, count: number): number[] {
  const order = Array.from({ length: logits.length }, (_, i) => i);
  return order.sort((a, b) => logits[b]! - logits[a]! || a - b).slice(0, count);
}

function f1({ labels, gold }: PreparedDocument, chosen: readonly number[]): number {
  const hits = chosen.reduce((sum, c) => sum + labels[c]!, 0);
  return gold.size === 0 ? 0 : (2 * hits) / (chosen.length + gold.size);
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]) => sum(values) / Math.max(1, values.length);
const inspec = readAbstracts(inspecPath, 'train').slice(0, Number(most));
const papers = readPapers(papersPath);
const plain = await looks(inspec, papers);
const modelled = await looks(inspec, papers, { embedder: await createEmbedder(), kind: 'static' });
const transformer = await createEmbedder({ model: 'minilm' });
const read = await looks(inspec, papers, { embedder: transformer, kind: 'tokens' });
const documents: Look[] = plain.map(({ document, logits }, i) => {
  return { document, statistical: logits, cheap: modelled[i]!.logits, refined: read[i]!.logits };
});
process.stderr.write(`${documents.length} documents to embed\n`);

const near: { order: number[]; columns: readonly Float64Array[] }[] = [];
for (const { document, statistical } of documents) {
  const order = best(statistical, embedded);
  const names = order.map((c) => document.analyzed.candidates[c]!.name);
  const vectors = await embedArticle(transformer, document.text, names, {});
  near.push({ order, columns: nearnessOf(vectors).map(standardize) });
}
await transformer.dispose();

const design: number[][] = [];
const keys: number[] = [];
documents.forEach(({ document, statistical }, d) => {
  near[d]!.order.forEach((c, place) => {
    design.push([1, statistical[c]!, ...near[d]!.columns.map((column) => column[place]!)]);
    keys.push(document.labels[c]!);
  });
});
const fusion = fitLogistic(design, keys);
const fused = documents.map(({ statistical }, d) => {
  const logits = statistical.map(() => Number.NEGATIVE_INFINITY);
  near[d]!.order.forEach((c, place) => {
    const row = [1, statistical[c]!, ...near[d]!.columns.map((column) => column[place]!)];
    logits[c] = row.reduce((total, value, k) => total + value * fusion[k]!, 0);
  });
  return logits;
});

/** Both lists, a tag that one of them lacks at the log odds of its last one. */
function joined(d: number): { c: number; row: number[] }[] {
  const first = best(documents[d]!.cheap, listed);
  const second = best(documents[d]!.refined, listed);
  const [a, b] = [documents[d]!.cheap, documents[d]!.refined];
  const at = (list: readonly number[], logits: Float64Array, c: number) => logits[list.includes(c) ? c : list.at(-1)!]!;
  return [...new Set([...second, ...first])].map((c) => ({ c, row: [1, at(first, a, c), at(second, b, c)] }));
}
const pairs = documents.flatMap((_, d) =>
  joined(d).map(({ c, row }) => ({ row, key: documents[d]!.document.labels[c]! })),
);
const merge = fitLogistic(
  pairs.map(({ row }) => row),
  pairs.map(({ key }) => key),
);
const merged = documents.map((_, d) => {
  const list = joined(d);
  const scores = list.map(({ row }) => row.reduce((total, value, k) => total + value * merge[k]!, 0));
  return best(scores, scored).map((place) => list[place]!.c);
});

const before = documents.map(({ document, cheap }) => f1(document, best(cheap, scored)));
const gains = documents.map(({ document }, d) => f1(document, merged[d]!) - before[d]!);
const gain = mean(gains);
const noise = Math.sqrt(mean(gains.map((value) => (value - gain) ** 2)) / gains.length);
const probabilities = documents.map(({ cheap }) =>
  Array.from(cheap, (logit) => 1 / (1 + Math.exp(-logit))).sort((a, b) => b - a),
);
/** Signs that a second look may help, which the first look shows. */
const signs: Record<string, number[]> = {
  border: documents.map(({ cheap }) => contentionOf(cheap)),
  hitsBehind: probabilities.map((p) => sum(p.slice(scored, 2 * scored))),
  misses: probabilities.map((p) => sum(p.slice(0, scored).map((value) => 1 - value))),
  borderVariance: probabilities.map((p) =>
    sum(p.slice(scored / 2, (3 * scored) / 2).map((value) => value * (1 - value))),
  ),
  disagreement: documents.map(({ statistical, cheap }) => {
    const plainly = best(statistical, scored);
    return best(cheap, scored).filter((c) => !plainly.includes(c)).length;
  }),
  candidates: documents.map(({ cheap }) => cheap.length),
  length: documents.map(({ document }) => document.analyzed.length),
  fewKeys: probabilities.map((p) => -sum(p)),
};
const features = gains.map((_, d) => [1, ...Object.values(signs).map((values) => values[d]!)]);
const count = Math.round(budget * gains.length);
const recovered = (urgency: readonly number[]) => sum(best(urgency, count).map((d) => gains[d]!)) / sum(gains);
const expected = (weights: readonly number[], d: number) =>
  features[d]!.reduce((total, value, k) => total + value * weights[k]!, 0);
const folds = [0, 1].map((k) => {
  const part = gains.map((_, d) => d).filter((d) => d % 2 !== k);
  return fitLeastSquares(
    part.map((d) => features[d]!),
    part.map((d) => gains[d]!),
    1,
  );
});
const report = {
  documents: gains.length,
  f1: {
    statistical: mean(documents.map(({ document, statistical }) => f1(document, best(statistical, scored)))),
    cheap: mean(before),
    fused: mean(documents.map(({ document }, d) => f1(document, best(fused[d]!, scored)))),
    refined: mean(documents.map(({ document, refined }) => f1(document, best(refined, scored)))),
    merged: mean(documents.map(({ document }, d) => f1(document, merged[d]!))),
  },
  gain,
  noise,
  recovered: {
    oracle: recovered(gains),
    learnt: recovered(gains.map((_, d) => expected(folds[d % 2]!, d))),
    random: budget,
    ...Object.fromEntries(Object.entries(signs).map(([name, values]) => [name, recovered(values)])),
  },
};
process.stdout.write(`${JSON.stringify({ report, fusion, merge })}\n`);
