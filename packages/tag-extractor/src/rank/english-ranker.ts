import type { AnalyzedDocument } from '../candidates/candidate.js';
import commonWords from '../data/english-words.json';
import { backgroundFromRanks } from './background.js';
import { sharesAt } from './breadth.js';
import { statisticalRows } from './features.js';
import { type RankingKind, rankingColumns, type StoredRanking, storedRankings } from './stored-rankings.js';
import { TreeEnsembles } from './tree-ensemble.js';

/** Scores the candidates of an English document. */
export interface EnglishRanker {
  /**
   * Log odds, one a candidate, that it is a tag people would choose.
   *
   * @param writeModelColumns - writes the columns behind the statistical ones, for a ranking with a model.
   */
  logits(document: AnalyzedDocument, writeModelColumns?: (rows: Float32Array, width: number) => void): Float64Array;
}

/**
 * The English ranking: boosted ensembles over the same columns, learnt from indexers, from authors and from a thesaurus, mixed.
 *
 * @param breadth - 0 keeps to the few topics an author would name, 1 to every concept an indexer would list.
 * @throws TypeError if the stored weights belong to other columns.
 */
export function createEnglishRanker(breadth: number, kind: RankingKind): EnglishRanker {
  const ranking = storedRankings[kind];
  const columns = rankingColumns[kind];
  if (ranking.features.join() !== columns.join()) {
    throw new TypeError('The weights of the English ranking belong to other features.');
  }
  const ensembles = new TreeEnsembles([ranking.indexer, ranking.author, ranking.topics]);
  const background = backgroundFromRanks(commonWords);
  const { slope, offset } = calibrationAt(ranking.calibration, breadth);
  const scales = sharesAt(breadth).map((share) => slope * share);
  return {
    logits(document, writeModelColumns) {
      const rows = statisticalRows(document, background, columns.length);
      writeModelColumns?.(rows, columns.length);
      const logits = new Float64Array(document.candidates.length).fill(offset);
      ensembles.addScores(rows, columns.length, scales, logits);
      return logits;
    },
  };
}

/** Between two measured mixtures the numbers go over in a straight line. */
function calibrationAt(points: StoredRanking['calibration'], breadth: number): { slope: number; offset: number } {
  const upper = Math.max(
    1,
    points.findIndex((point) => point.breadth >= breadth),
  );
  const a = points[upper - 1]!;
  const b = points[upper]!;
  const t = (breadth - a.breadth) / (b.breadth - a.breadth);
  return { slope: a.slope + t * (b.slope - a.slope), offset: a.offset + t * (b.offset - a.offset) };
}
