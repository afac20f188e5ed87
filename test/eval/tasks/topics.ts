import { adjustedRandIndex, clusterEmbeddings, KMeans, vMeasure } from '@matome/clustering';
import { type Matrix, normalizeRows } from '@matome/primitives/linalg';
import { createRandom } from '@matome/primitives/random';
import { createTokenizer, type LanguageCode, loadJapaneseAnalyzer } from '@matome/primitives/text';
import { clusterTopics, topicCoherence, topicDiversity } from '@matome/recap-core';
import { numberLabels } from '../number-labels.js';
import { openEmbedder } from '../open-embedder.js';
import { readRows } from '../read-rows.js';
import { type EvalContext, EvalInputError, type EvalResult, type EvalTask } from '../task.js';

interface TopicRow {
  readonly id: string;
  readonly language: LanguageCode;
  readonly title?: string;
  readonly text: string;
  readonly labels: readonly string[];
}

/** Characters of title and text that are embedded: what a text is about stands in front. */
const embeddedCharacters = 2000;

/** Finds topics among texts and their words, and measures both. */
export const task: EvalTask = {
  summary: 'Topics found among texts: coherence and diversity of their words, agreement with the labels.',
  options: {
    topics: 'auto, or how many (default auto: density says; a number: k-means)',
    model: 'default, minilm or a folder: what embeds the texts (default default)',
    terms: 'words of a topic (default 10)',
    weighting: 'divergence or class-tfidf: what puts the words of a topic in order (default divergence)',
    merge: 'silhouette or none: whether dense groups are joined when --topics is auto (default silhouette)',
    ngrams: 'longest term in words (default 1)',
    language: 'only rows in this language',
    split: 'only rows whose field "split" has this value',
  },
  run: runTopics,
};

async function runTopics({ data, options, seed, limit, progress }: EvalContext): Promise<EvalResult> {
  const wanted = options['topics'] === 'auto' ? undefined : countOption(options, 'topics');
  const topTerms = countOption(options, 'terms') ?? 10;
  const longest = countOption(options, 'ngrams') ?? 1;
  const weighting = oneOf(options, 'weighting', ['divergence', 'class-tfidf'] as const);
  const merge = oneOf(options, 'merge', ['silhouette', 'none'] as const);
  const rows = (await readRows<TopicRow & { readonly split?: string }>(data, ['id', 'language', 'text', 'labels']))
    .filter(({ language }) => options['language'] === undefined || language === options['language'])
    .filter(({ split }) => options['split'] === undefined || split === options['split'])
    .slice(0, limit);
  if (rows.length === 0) throw new EvalInputError(`${data} holds no row that the options select.`);
  if (wanted !== undefined && wanted > rows.length) {
    throw new EvalInputError(`--topics must be at most the number of rows, ${rows.length}. Got ${wanted}.`);
  }
  const clock = stopwatch();
  const texts = rows.map(({ title, text }) => (title ? `${title}\n${text}` : text));
  const vectors = await embed(texts, options['model']);
  clock.lap('embed');
  progress(`${rows.length} texts embedded`);
  const labels = await findTopics(vectors, wanted, merge, seed);
  clock.lap('cluster');
  const tokens = await tokenizeAll(rows, texts);
  clock.lap('tokenize');
  const settings = { topTerms, nGramRange: [1, longest] as const, weighting };
  const terms = clusterTopics(tokens, labels, settings);
  clock.lap('terms');
  const coherence = topicCoherence(terms, tokens);
  clock.lap('coherence');
  const truth = numberLabels(rows.map((row) => row.labels[0] ?? ''));
  const classes = clusterTopics(tokens, truth, settings);
  for (const [t, words] of terms.entries()) progress(`${t}: ${words.join(', ')} (${fixed(coherence.perTopic[t]!)})`);
  return {
    rows: rows.length,
    metrics: {
      npmi: coherence.mean,
      diversity: topicDiversity(terms),
      ...agreement(truth, labels),
      topics: terms.length,
      classes: classes.length,
      // What the words of the true classes would score: the measures by themselves, without the clustering.
      classNpmi: topicCoherence(classes, tokens).mean,
      classDiversity: topicDiversity(classes),
      stages: clock.laps,
      topicTerms: terms,
      topicSizes: terms.map((_, t) => labels.filter((label) => label === t).length),
      topicNpmi: coherence.perTopic,
    },
  };
}

function countOption(options: EvalContext['options'], name: string): number | undefined {
  const text = options[name];
  if (text === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(text)) {
    const words = name === 'topics' ? 'auto or a whole number' : 'a whole number';
    throw new EvalInputError(`--${name} must be ${words} from 1. Got ${JSON.stringify(text)}.`);
  }
  return Number(text);
}

/** One of a few words; the first is the default. */
function oneOf<T extends string>(options: EvalContext['options'], name: string, allowed: readonly [T, ...T[]]): T {
  const text = options[name] ?? allowed[0];
  const found = allowed.find((word) => word === text);
  if (found === undefined) {
    throw new EvalInputError(`--${name} must be ${allowed.join(' or ')}. Got ${JSON.stringify(text)}.`);
  }
  return found;
}

async function embed(texts: readonly string[], model: string | undefined): Promise<Matrix> {
  const embedder = await openEmbedder(model);
  try {
    return await embedder.embed(texts.map((text) => text.slice(0, embeddedCharacters)));
  } finally {
    await embedder.dispose();
  }
}

async function findTopics(
  vectors: Matrix,
  wanted: number | undefined,
  merge: 'silhouette' | 'none',
  seed: number,
): Promise<Int32Array> {
  const random = createRandom(seed);
  if (wanted === undefined) return (await clusterEmbeddings(vectors, { random, merge })).labels;
  return KMeans.fit(normalizeRows(vectors), { nClusters: wanted, nInit: 10, random }).labels;
}

async function tokenizeAll(rows: readonly TopicRow[], texts: readonly string[]): Promise<string[][]> {
  const japanese = rows.some(({ language }) => language === 'ja') ? await loadJapaneseAnalyzer() : undefined;
  const tokenize = createTokenizer(japanese ? { japanese } : {});
  return texts.map((text, i) => tokenize(text, rows[i]!.language));
}

/** With the texts in no topic as one of their own, and without them. */
function agreement(truth: Int32Array, labels: Int32Array) {
  const kept = Array.from(labels.keys()).filter((i) => labels[i] !== -1);
  const clustered = [kept.map((i) => truth[i]!), kept.map((i) => labels[i]!)] as const;
  return {
    outlierShare: 1 - kept.length / labels.length,
    vMeasure: vMeasure(truth, labels).vMeasure,
    vMeasureClustered: vMeasure(...clustered).vMeasure,
    ari: adjustedRandIndex(truth, labels),
  };
}

function stopwatch() {
  const laps: Record<string, number> = {};
  let start = performance.now();
  const lap = (name: string) => {
    laps[name] = Number(fixed((performance.now() - start) / 1000));
    start = performance.now();
  };
  return { laps, lap };
}

const fixed = (value: number) => value.toFixed(3);
