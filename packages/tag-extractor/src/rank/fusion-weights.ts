/**
 * How a statistical score and two similarities add up to log odds: fitted by logistic regression on the training part of
 * Inspec with held-out statistical scores.
 */
export const fusionWeights = { logit: 1, article: 0.2, headline: 0.1, offset: 0 } as const;
