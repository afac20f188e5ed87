import type { AnalyzedDocument } from '../candidates/candidate.js';
import ranking from '../data/japanese-ranking.json';
import { backgroundFromRarities } from './background.js';
import { statisticalFeatures, statisticalRows, statisticalWidth } from './features.js';
import type { Ranker } from './ranker.js';
import { TreeEnsemble } from './tree-ensemble.js';

/** Log odds that a phrase of the headline gains: the model was learnt without seeing headlines. */
const headlineGain = 1.5;
/** Log odds that a common verbal noun alone (`決定`, `上昇`) loses: it says what happened, seldom what it is about. */
const verbalLoss = 1;
/** Verbal nouns rarer than this keep theirs: `利上げ`. */
const commonVerbal = 0.5;

/**
 * The Japanese ranking: boosted trees that learnt from the body of articles which phrases editors put into the headline.
 *
 * @throws TypeError if the stored weights belong to other columns.
 */
export function createJapaneseRanker(): Ranker {
  if (ranking.features.join() !== statisticalFeatures.join()) {
    throw new TypeError('The weights of the Japanese ranking belong to other features.');
  }
  const trees = new TreeEnsemble(ranking.trees);
  const { slope, offset } = ranking.calibration;
  return {
    logits(document: AnalyzedDocument): Float64Array {
      const bodyOnly = withoutTitle(document);
      const rows = statisticalRows(bodyOnly, backgroundFromRarities(document.rarities ?? new Map()), statisticalWidth);
      const logits = new Float64Array(document.candidates.length).fill(offset);
      trees.addScores(rows, statisticalWidth, slope, logits);
      document.candidates.forEach(({ occurrences, shape, words }, i) => {
        if (shape === 'G' && (document.rarities?.get(words[0]!) ?? 1) < commonVerbal) logits[i]! -= verbalLoss;
        else if (occurrences[0]!.field === 'title') logits[i]! += headlineGain;
      });
      return logits;
    },
  };
}

/** The document as the model knows documents: places in the headline do not count, unless there are no others. */
function withoutTitle(document: AnalyzedDocument): AnalyzedDocument {
  const candidates = document.candidates.map((candidate) => {
    const body = candidate.occurrences.filter((place) => place.field === 'body');
    const occurrences =
      body.length > 0
        ? body
        : candidate.occurrences.map((place) => ({ ...place, field: 'body' as const, headline: false }));
    return { ...candidate, occurrences };
  });
  return { ...document, candidates };
}
