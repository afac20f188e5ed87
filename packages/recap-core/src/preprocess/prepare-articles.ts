import { type Cooperative, runSync } from '@matome/primitives/async';
import type { Article, DropReason, PreparedArticle } from './article.js';
import { type PrepareOptions, prepareArticle } from './prepare-article.js';

/** An article that was left out. */
export interface DroppedArticle {
  readonly id: string;
  readonly reason: DropReason;
  /** What went wrong, where the reason is `failed`. */
  readonly error?: Error;
}

/** Counts over a batch. */
export interface PreparationMetrics {
  readonly fetched: number;
  readonly prepared: number;
  readonly dropped: number;
  /** Articles whose body held markup. */
  readonly cleaned: number;
  /** Characters of the prepared bodies. */
  readonly characters: number;
  readonly averageCharacters: number;
  /** Prepared articles by language code (`und` where there is none). */
  readonly languages: Readonly<Record<string, number>>;
}

/** A batch of articles, prepared. */
export interface PreparedBatch {
  /** In the order given. */
  readonly prepared: readonly PreparedArticle[];
  readonly dropped: readonly DroppedArticle[];
  readonly metrics: PreparationMetrics;
}

/**
 * Prepares a batch; an article that fails is dropped and counted, and never takes the batch with it.
 *
 * @remarks Linear; see `prepareArticle`. `prepareArticlesSteps` does the same in slices.
 * @example
 * const detectLanguage = () => ({ language: 'en', code: 'en', confidence: 1 }) as const;
 * const articles = [{ id: '1', title: 'Tea', html: 'Tea is grown on hills.' }, { id: '2', title: '', html: ' ' }];
 * prepareArticles(articles, { detectLanguage }).dropped // => [{ id: '2', reason: 'empty' }]
 */
export function prepareArticles(articles: readonly Article[], options: PrepareOptions): PreparedBatch {
  return runSync(prepareArticlesSteps(articles, options));
}

/**
 * `prepareArticles` as a task that yields after every article: run it with `runAsync` to keep the process responsive.
 *
 * @example
 * const detectLanguage = () => ({ language: 'en', code: 'en', confidence: 1 }) as const;
 * const task = prepareArticlesSteps([{ id: '1', title: 'Tea', html: 'Tea is grown on hills.' }], { detectLanguage });
 * task.next().value.completed // => 1
 */
export function* prepareArticlesSteps(
  articles: readonly Article[],
  options: PrepareOptions,
): Cooperative<PreparedBatch> {
  const prepared: PreparedArticle[] = [];
  const dropped: DroppedArticle[] = [];
  for (const article of articles) {
    const outcome = prepareOrReport(article, options);
    if ('reason' in outcome) dropped.push(outcome);
    else prepared.push(outcome);
    yield { stage: 'prepare', completed: prepared.length + dropped.length, total: articles.length };
  }
  return { prepared, dropped, metrics: countBatch(articles.length, prepared, dropped.length) };
}

function prepareOrReport(article: Article, options: PrepareOptions): PreparedArticle | DroppedArticle {
  try {
    const outcome = prepareArticle(article, options);
    if (outcome.status === 'prepared') return outcome.article;
    return { id: outcome.id, reason: outcome.reason };
  } catch (cause) {
    const error = cause instanceof Error ? cause : new Error(String(cause), { cause });
    return { id: String((article as Article | null | undefined)?.id ?? ''), reason: 'failed', error };
  }
}

function countBatch(fetched: number, prepared: readonly PreparedArticle[], dropped: number): PreparationMetrics {
  const languages: Record<string, number> = {};
  let characters = 0;
  let cleaned = 0;
  for (const article of prepared) {
    const code = article.languageCode || 'und';
    languages[code] = (languages[code] ?? 0) + 1;
    characters += article.text.length;
    if (article.cleaned) cleaned++;
  }
  const averageCharacters = prepared.length === 0 ? 0 : characters / prepared.length;
  return { fetched, prepared: prepared.length, dropped, cleaned, characters, averageCharacters, languages };
}
