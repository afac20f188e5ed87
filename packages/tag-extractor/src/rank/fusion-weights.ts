/**
 * How a statistical score and three similarities add up to log odds: to the article, to its headline (a phrase that only
 * repeats the headline says less than its statistics claim), and to the mean of the other candidates (likewise).
 *
 * Fitted by `recipe/train-refinement.ts` with all-MiniLM-L6-v2 on held-out halves of the training sets.
 */
export const fusionWeights = { logit: 0.989, article: 0.683, headline: -0.305, others: -0.26, offset: -0.155 } as const;

/** How the log odds of a first and of a second look add up when a cascade merges their tags. */
export const mergeWeights = { first: 0.147, second: 1.011, offset: -0.035 } as const;
