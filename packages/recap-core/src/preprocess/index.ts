export type { Article, DropReason, Preparation, PreparedArticle, TagSignal } from './article.js';
export {
  createPreparationPool,
  type PreparationCallOptions,
  type PreparationPool,
  type PreparationPoolOptions,
} from './preparation-pool.js';
export { type PrepareOptions, prepareArticle } from './prepare-article.js';
export {
  type DroppedArticle,
  type PreparationMetrics,
  type PreparedBatch,
  prepareArticles,
  prepareArticlesSteps,
} from './prepare-articles.js';
export { isSubstantial } from './validity.js';
