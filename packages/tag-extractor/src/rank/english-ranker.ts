import type { Matrix } from '@matome/primitives/linalg';
import type { AnalyzedDocument } from '../candidates/candidate.js';
import statisticalRanking from '../data/english-ranking.json';
import staticRanking from '../data/english-static-ranking.json';
import commonWords from '../data/english-words.json';
import { backgroundFromRanks } from './background.js';
import { sharesAt } from './breadth.js';
import { statisticalFeatures, statisticalRows, statisticalWidth } from './features.js';
import { meaningFeatures, writeNearness } from './meaning.js';
import { TreeEnsemble } from './tree-ensemble.js';

/** Scores the candidates of an English document. */
export interface EnglishRanker {
  /**
   * Log odds, one a candidate, that it is a tag people would choose.
   *
   * @param vectors - those of `embedArticle`, for a ranking with a model.
   */
  logits(document: AnalyzedDocument, vectors?: Matrix): Float64Array;
}

/** The static model whose cosines the ranking with a model knows. */
export const rankedModelId: string = staticRanking.modelId;

/**
 * The English ranking: boosted ensembles over the same columns, learnt from indexers, from authors and from a thesaurus, mixed.
 *
 * @param breadth - 0 keeps to the few topics an author would name, 1 to every concept an indexer would list.
 * @param kind - `static` adds the cosines of the default static model to the columns.
 * @throws TypeError if the stored weights belong to other columns.
 */
export function createEnglishRanker(breadth: number, kind: 'statistical' | 'static'): EnglishRanker {
  const ranking = kind === 'static' ? staticRanking : statisticalRanking;
  const columns = kind === 'static' ? [...statisticalFeatures, ...meaningFeatures] : statisticalFeatures;
  if (ranking.features.join() !== columns.join()) {
    throw new TypeError('The weights of the English ranking belong to other features.');
  }
  const ensembles = [ranking.indexer, ranking.author, ranking.topics].map((json) => new TreeEnsemble(json));
  const shares = sharesAt(breadth);
  const background = backgroundFromRanks(commonWords);
  const { slope, offset } = calibrationAt(ranking.calibration, breadth);
  return {
    logits(document, vectors) {
      const rows = statisticalRows(document, background, columns.length);
      if (vectors) writeNearness(rows, columns.length, statisticalWidth, vectors);
      const logits = new Float64Array(document.candidates.length).fill(offset);
      ensembles.forEach((trees, k) => {
        if (shares[k]! > 0) trees.addScores(rows, columns.length, slope * shares[k]!, logits);
      });
      return logits;
    },
  };
}

interface Calibration {
  readonly slope: number;
  readonly offset: number;
}

/** Between two measured mixtures the numbers go over in a straight line. */
function calibrationAt(points: readonly (Calibration & { readonly breadth: number })[], breadth: number): Calibration {
  const upper = Math.max(
    1,
    points.findIndex((point) => point.breadth >= breadth),
  );
  const a = points[upper - 1]!;
  const b = points[upper]!;
  const t = (breadth - a.breadth) / (b.breadth - a.breadth);
  return { slope: a.slope + t * (b.slope - a.slope), offset: a.offset + t * (b.offset - a.offset) };
}
