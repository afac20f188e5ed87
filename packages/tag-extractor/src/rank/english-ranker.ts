import type { AnalyzedDocument } from '../candidates/candidate.js';
import ranking from '../data/english-ranking.json';
import commonWords from '../data/english-words.json';
import { backgroundFromRanks } from './background.js';
import { statisticalFeatures, statisticalRows, statisticalWidth } from './features.js';
import type { Ranker } from './ranker.js';
import { TreeEnsemble } from './tree-ensemble.js';

/**
 * The English ranking: two boosted ensembles over the same columns, one learnt from indexers and one from authors, mixed.
 *
 * @param breadth - 0 keeps to the few topics an author would name, 1 to every concept an indexer would list.
 * @throws TypeError if the stored weights belong to other columns.
 */
export function createEnglishRanker(breadth: number): Ranker {
  if (ranking.features.join() !== statisticalFeatures.join()) {
    throw new TypeError('The weights of the English ranking belong to other features.');
  }
  const indexer = new TreeEnsemble(ranking.indexer);
  const author = new TreeEnsemble(ranking.author);
  const background = backgroundFromRanks(commonWords);
  const { slope, offset } = calibrationAt(breadth);
  return {
    logits(document: AnalyzedDocument): Float64Array {
      const rows = statisticalRows(document, background, statisticalWidth);
      const logits = new Float64Array(document.candidates.length).fill(offset);
      indexer.addScores(rows, statisticalWidth, slope * breadth, logits);
      author.addScores(rows, statisticalWidth, slope * (1 - breadth), logits);
      return logits;
    },
  };
}

/** Between two measured mixtures the numbers go over in a straight line. */
function calibrationAt(breadth: number): { slope: number; offset: number } {
  const points = ranking.calibration;
  const upper = Math.max(
    1,
    points.findIndex((point) => point.breadth >= breadth),
  );
  const a = points[upper - 1]!;
  const b = points[upper]!;
  const t = (breadth - a.breadth) / (b.breadth - a.breadth);
  return { slope: a.slope + t * (b.slope - a.slope), offset: a.offset + t * (b.offset - a.offset) };
}
