import type { LanguageCode } from '@matome/primitives/text';
import type { LinearSvmOptions } from '../classification/linear-svm.js';
import type { LogisticRegressionOptions } from '../classification/logistic-regression.js';
import type { NearestCentroidOptions } from '../classification/nearest-centroid.js';
import type { GenreDocument } from './genre-document.js';
import type { GenreFeatureOptions } from './genre-features.js';

/** How genres are found: nearest centroid, linear model, or both added up. */
export type GenreMethod = 'rocchio' | 'linear' | 'best';

/** One model to train: its features and the settings among which unseen rows choose. */
export type MemberPlan =
  | {
      readonly kind: 'centroid';
      readonly features: GenreFeatureOptions;
      readonly choices: readonly NearestCentroidOptions[];
    }
  | { readonly kind: 'svm'; readonly features: GenreFeatureOptions; readonly choices: readonly LinearSvmOptions[] }
  | { readonly kind: 'vectors'; readonly choices: readonly LogisticRegressionOptions[] };

/** Below this number of words in all examples every term counts, and parts of words help where whole words are rare. */
const fewWords = 100_000;

const centroidChoices: readonly NearestCentroidOptions[] = [{ centroidsPerClass: 1, feedback: { passes: 5 } }];

const svmChoices: readonly LinearSvmOptions[] = [
  { plainShare: 0.25, errorCost: 0.3, tolerance: 0.5 },
  { plainShare: 0, errorCost: 1, tolerance: 0.5 },
  { plainShare: 0, errorCost: 10, tolerance: 0.5 },
];

const vectorChoices: readonly LogisticRegressionOptions[] = [{ errorCost: 3 }, { errorCost: 30 }, { errorCost: 300 }];

/**
 * The models of a method that suit a language and the amount of text: words where spaces part them, runs of characters
 * where they do not.
 */
export function defaultPlans(
  method: GenreMethod,
  language: LanguageCode,
  documents: readonly GenreDocument[],
  hasVectors: boolean,
): readonly MemberPlan[] {
  const few = documents.reduce((sum, document) => sum + document.tokens.length, 0) < fewWords;
  const centroid: MemberPlan = {
    kind: 'centroid',
    features: centroidFeatures(language, few),
    choices: centroidChoices,
  };
  const svm: MemberPlan = { kind: 'svm', features: linearFeatures(language, few), choices: svmChoices };
  const vectors: readonly MemberPlan[] = hasVectors ? [{ kind: 'vectors', choices: vectorChoices }] : [];
  if (method === 'rocchio') return [centroid];
  return method === 'linear' ? [svm] : [svm, centroid, ...vectors];
}

function centroidFeatures(language: LanguageCode, few: boolean): GenreFeatureOptions {
  const minDocuments = few ? 1 : 2;
  if (language === 'ja') return { families: { words: true, characters: [1, 3] }, minDocuments };
  return { families: few ? { words: true, wordCharacters: [3, 5] } : { words: true }, minDocuments };
}

function linearFeatures(language: LanguageCode, few: boolean): GenreFeatureOptions {
  const rest = { weighting: 'bm25', minDocuments: few ? 1 : 2, maxFeatures: 300_000 } as const;
  const words = { words: true, wordPairs: !few, titleWords: true } as const;
  if (language === 'ja') return { families: { ...words, characters: few ? [1, 3] : [2, 4] }, ...rest };
  return { families: few ? { ...words, wordCharacters: [3, 5] } : words, ...rest };
}
