import type { AnalyzedDocument } from '../candidates/candidate.js';

/** Scores candidates by what the document alone says about them. */
export interface Ranker {
  /** Log odds, one a candidate, that it is a tag people would choose. */
  logits(document: AnalyzedDocument): Float64Array;
}

/** The share that belongs to log odds. */
export function logistic(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
