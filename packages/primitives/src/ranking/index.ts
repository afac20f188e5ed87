export { type MaxSumDistanceOptions, maxSumDistance } from './max-sum-distance.js';
export { type MaximalMarginalRelevanceOptions, maximalMarginalRelevance } from './maximal-marginal-relevance.js';
export { averagePrecision, hitAtK, ndcgAtK, precisionAtK, recallAtK, reciprocalRank } from './ranking-metrics.js';
