import { createRandom } from '@matome/primitives/random';
import type { Background } from '../src/rank/background.js';
import type { TreeEnsemble } from '../src/rank/tree-ensemble.js';
import { type BoostedTrees, fitBoostedTrees } from './gradient-boosting.js';
import {
  type KeyphraseDocument,
  type PreparedDocument,
  prepare,
  type RankingModel,
  stackRows,
  titlesAlone,
  withoutTitles,
} from './keyphrase-rows.js';

/** Settings for the keys of indexers. */
export const settings = {
  trees: 100,
  depth: 4,
  learningRate: 0.12,
  minRows: 30,
  shrinkage: 5,
  columnShare: 0.5,
  rowShare: 0.7,
  keptEvery: 1,
};

/** Topics are few in a document: less can be learnt from them. */
export const topicSettings = { ...settings, trees: 40, minRows: 40, shrinkage: 10, keptEvery: 3 };
/** Settings for the keys of authors and readers, of whom there are fewer still. */
export const authorSettings = { ...settings, trees: 80, learningRate: 0.08, minRows: 40, shrinkage: 10 };

/** Documents of one set in all the forms that training sees. */
export interface Corpus {
  readonly titled: readonly PreparedDocument[];
  /** Other forms of the same documents, in the same order. */
  readonly variants: readonly (readonly PreparedDocument[])[];
}

/** Fits trees to the documents that `keep` names, in all forms. */
export function fit(
  { titled, variants }: Corpus,
  options: typeof settings,
  keep: (i: number) => boolean,
): BoostedTrees {
  const documents = [titled, ...variants].flatMap((form) => form.filter((_, i) => keep(i)));
  return fitBoostedTrees(stackRows(documents, options.keptEvery), { ...options, random: createRandom(7) });
}

/** Scores of documents by models that have not seen them: every fold by the model that was fitted without it. */
export function heldOutScores({ titled }: Corpus, models: readonly TreeEnsemble[]): number[][] {
  return titled.map(({ rows, width }, i) => [...models[i % models.length]!.scores(rows, width)]);
}

/** Prepares documents with and without their titles, and their titles alone. */
export async function loadCorpus(
  documents: readonly KeyphraseDocument[],
  background: Background,
  model: RankingModel | undefined,
): Promise<Corpus> {
  const forms = [withoutTitles(documents), titlesAlone(documents)];
  const variants: PreparedDocument[][] = [];
  for (const form of forms) variants.push(await prepare(form, background, model));
  return { titled: await prepare(documents, background, model), variants };
}
