import { bCubed } from '@matome/clustering';
import type { Embedder } from '@matome/primitives/embedding';
import { createLanguageDetector, type LanguageDetector, type Tokenizer, tokenizeWords } from '@matome/primitives/text';
import {
  createExtractiveSummarizer,
  type DuplicateGroup,
  deduplicate,
  defineStage,
  type Evidence,
  gatherEvidence,
  groupStories,
  type PreparedArticle,
  prepareArticles,
  runPipeline,
  type Story,
  type Summary,
} from '@matome/recap-core';
import { type EventRow, eventRowOptions, readEventRows, storyThreshold, tokenizerFor } from '../event-rows.js';
import { numberLabels } from '../number-labels.js';
import { openEmbedder } from '../open-embedder.js';
import { repeatedTrigrams, traceSummary } from '../summary-checks.js';
import { type EvalContext, EvalInputError, type EvalResult, type EvalTask } from '../task.js';

/** Makes a recap of the articles and checks what it says against them. */
export const task: EvalTask = {
  summary: 'From articles to a recap: stories against labelled events, every sentence against the article it cites.',
  options: {
    ...eventRowOptions,
    threshold: 'mean similarity that joins a story',
    bullets: 'stories that are told, the largest first (default all)',
    sentences: 'sentences of a story (default 2)',
    model: 'default, minilm or a folder: what embeds the sentences (default default)',
  },
  run: runRecap,
};

/** What the stages are made of. */
interface Parts {
  readonly rows: readonly EventRow[];
  readonly detectLanguage: LanguageDetector;
  /** Words to group by, and words to show. */
  readonly stems: Tokenizer;
  readonly words: Tokenizer;
  readonly embedder: Embedder;
  readonly stories: { readonly threshold?: number };
  readonly summary: { readonly maxBullets?: number; readonly sentencesPerBullet: number };
}

interface RecapState {
  readonly prepared: readonly PreparedArticle[];
  readonly groups: readonly DuplicateGroup[];
  /** Articles that repeat no other. */
  readonly articles: readonly PreparedArticle[];
  readonly stories: readonly Story[];
  readonly evidence: Evidence;
  readonly summary: Summary;
}

async function runRecap(context: EvalContext): Promise<EvalResult> {
  const stories = storyThreshold(context);
  const sentencesPerBullet = countOption(context, 'sentences') ?? 2;
  const bullets = countOption(context, 'bullets');
  const rows = await readEventRows(context);
  const start = performance.now();
  const embedder = await openEmbedder(context.options['model']);
  try {
    const detectLanguage = await createLanguageDetector();
    const [stems, words] = [await tokenizerFor(rows, true), await tokenizerFor(rows, false)];
    const loadSeconds = rounded((performance.now() - start) / 1000);
    const summary = { maxBullets: bullets ?? rows.length, sentencesPerBullet };
    const { state, stages } = await runPipeline(
      recapStages({ rows, detectLanguage, stems, words, embedder, stories, summary }),
      {
        ...{ runId: context.data, input: context.data, state: {} as RecapState },
        onEvent: (event) => {
          if (event.type === 'end') context.progress(`${event.stage}: ${event.count} in ${event.elapsedMs} ms`);
        },
      },
    );
    const seconds = Object.fromEntries(stages.map(({ stage, elapsedMs }) => [stage, elapsedMs / 1000]));
    const total = stages.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0) / 1000;
    return {
      rows: rows.length,
      metrics: {
        ...storyScores(rows, state),
        ...summaryScores(rows, state),
        stages: seconds,
        articlesPerSecond: rounded(rows.length / total),
        loadSeconds,
      },
    };
  } finally {
    await embedder.dispose();
  }
}

function countOption({ options }: EvalContext, name: string): number | undefined {
  const text = options[name];
  if (text === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(text)) {
    throw new EvalInputError(`--${name} must be a whole number from 1. Got ${JSON.stringify(text)}.`);
  }
  return Number(text);
}

const stage = defineStage<RecapState>();

/** The stages of a recap without genres: the events stand for one. */
function recapStages({ rows, detectLanguage, stems, words, embedder, stories, summary }: Parts) {
  return [
    stage({
      name: 'prepare',
      run: () => prepareArticles(rows.map(articleOf), { detectLanguage, tokenize: () => [] }).prepared,
      apply: (state, saved) => ({ ...state, prepared: saved.map(withDate) }),
    }),
    stage({
      name: 'dedup',
      run: ({ prepared }) => deduplicate(prepared, { primary: 'oldest' }).groups,
      apply(state, groups) {
        const repeats = new Set(groups.flatMap(({ duplicates }) => duplicates.map(({ id }) => id)));
        return { ...state, groups, articles: state.prepared.filter(({ id }) => !repeats.has(id)) };
      },
    }),
    stage({
      name: 'stories',
      run: ({ articles }) =>
        groupStories(
          articles.map((article) => cut(article, stems)),
          stories,
        ),
      apply: (state, found) => ({ ...state, stories: found }),
    }),
    stage({
      name: 'evidence',
      run: ({ articles, stories }) =>
        gatherEvidence(
          articles.map((article) => cut(article, words)),
          { embedder, stories },
        ),
      apply: (state, evidence) => ({ ...state, evidence }),
      count: ({ clusters }) => clusters.reduce((sum, { representatives }) => sum + representatives.length, 0),
    }),
    stage({
      name: 'summary',
      run: ({ evidence }) => createExtractiveSummarizer(summary).summarize(evidence),
      apply: (state, written) => ({ ...state, summary: written }),
      count: ({ bullets }) => bullets.length,
    }),
  ];
}

function articleOf({ id, title = '', text, language, published_at: date }: EventRow) {
  return { id, title, html: text, language, ...(date ? { publishedAt: new Date(date) } : {}) };
}

function withDate(article: PreparedArticle): PreparedArticle {
  return article.publishedAt ? { ...article, publishedAt: new Date(article.publishedAt) } : article;
}

function cut(article: PreparedArticle, tokenize: Tokenizer) {
  const { title, text, language } = article;
  return { ...article, titleTokens: tokenize(title, language), tokens: tokenize(text, language) };
}

/** A copy belongs to the story of the article it repeats; an article that was left out is alone. */
function storyScores(rows: readonly EventRow[], { prepared, groups, articles, stories }: RecapState) {
  const storyOf = new Map(stories.flatMap(({ articleIds }, s) => articleIds.map((id): [string, number] => [id, s])));
  for (const { primaryId, duplicates } of groups) {
    for (const { id } of duplicates) storyOf.set(id, storyOf.get(primaryId)!);
  }
  const found = rows.map(({ id }, i) => storyOf.get(id) ?? stories.length + i);
  const { precision, recall, f1 } = bCubed(numberLabels(rows.map(({ event }) => event)), found);
  return {
    bCubedPrecision: precision,
    bCubedRecall: recall,
    bCubedF1: f1,
    stories: stories.length,
    events: new Set(rows.map(({ event }) => event)).size,
    duplicates: prepared.length - articles.length,
    dropped: rows.length - prepared.length,
  };
}

function summaryScores(rows: readonly EventRow[], { prepared, evidence, stories, summary }: RecapState) {
  const texts = new Map(prepared.map(({ id, text, language }) => [id, { text, language }]));
  const sources = new Map(rows.map(({ id, text }) => [id, { original: text, text: texts.get(id)?.text ?? '' }]));
  const { sentences, traceable, citations, dangling, verbatim } = traceSummary(summary, evidence, sources);
  const bullets = summary.bullets.map((bullet) =>
    bullet.sentences.map(({ text, citations }) =>
      tokenizeWords(text, texts.get(citations[0]?.articleId ?? '')?.language ?? 'und'),
    ),
  );
  const whole = repeatedTrigrams(bullets.flat());
  const within = bullets.map(repeatedTrigrams);
  const told = summary.bullets.reduce((sum, { clusterId }) => sum + stories[clusterId]!.members.length, 0);
  return {
    traceableShare: share(traceable, sentences),
    verbatimShare: share(verbatim, sentences),
    danglingShare: share(dangling, citations),
    redundancy: share(whole.repeated, whole.all),
    redundancyInStories: share(
      within.reduce((sum, { repeated }) => sum + repeated, 0),
      within.reduce((sum, { all }) => sum + all, 0),
    ),
    summarySentences: sentences,
    evidenceSentences: evidence.clusters.reduce((sum, { representatives }) => sum + representatives.length, 0),
    toldShare: share(
      told,
      stories.reduce((sum, { members }) => sum + members.length, 0),
    ),
  };
}

const share = (part: number, whole: number) => (whole === 0 ? null : part / whole);
const rounded = (value: number) => Number(value.toFixed(3));
