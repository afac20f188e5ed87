import { type Cooperative, runSync } from '@matome/primitives/async';
import type { Article, DropReason, Preparation, PreparedArticle } from './article.js';
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
  const outcomes: Preparation[] = [];
  for (const article of articles) {
    outcomes.push(prepareSafely(article, options));
    yield { stage: 'prepare', completed: outcomes.length, total: articles.length };
  }
  return toBatch(outcomes);
}

/** `prepareArticle`, where whatever is thrown drops the article. */
export function prepareSafely(article: Article, options: PrepareOptions): Preparation {
  try {
    return prepareArticle(article, options);
  } catch (cause) {
    const error = cause instanceof Error ? cause : new Error(String(cause), { cause });
    return {
      status: 'dropped',
      id: String((article as Article | null | undefined)?.id ?? ''),
      reason: 'failed',
      error,
    };
  }
}

/** Sorts outcomes into prepared and dropped articles, and counts them. */
export function toBatch(outcomes: readonly Preparation[]): PreparedBatch {
  const prepared = outcomes.flatMap((outcome) => (outcome.status === 'prepared' ? [outcome.article] : []));
  const dropped = outcomes.flatMap((outcome): DroppedArticle[] => {
    if (outcome.status === 'prepared') return [];
    const { id, reason, error } = outcome;
    return [error === undefined ? { id, reason } : { id, reason, error }];
  });
  return { prepared, dropped, metrics: countBatch(outcomes.length, prepared, dropped.length) };
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
