import { loadEnglishTagger, loadJapaneseAnalyzer, type Tagger } from '@matome/primitives/text';
import type { AnalyzedDocument, Candidate } from '../candidates/candidate.js';
import { analyzeEnglish } from '../candidates/english.js';
import { StemCache } from '../candidates/english-words.js';
import { analyzeJapanese } from '../candidates/japanese.js';
import { isJapaneseTag } from '../candidates/validate-japanese-tag.js';
import { createEnglishRanker } from './english-ranker.js';
import { createJapaneseRanker } from './japanese-ranker.js';
import type { Ranker } from './ranker.js';

/** The candidates of an article and what its text alone says about them. */
export interface RankedCandidates {
  readonly candidates: readonly Candidate[];
  /** Log odds, one a candidate. */
  readonly logits: Float64Array;
}

/** Finds and ranks the candidates of an article. */
export type ArticleAnalysis = (
  fields: { readonly title: string; readonly body: string },
  japanese: boolean,
) => Promise<RankedCandidates>;

/** Japanese candidates that are looked at once more, one by one: far more than any article gets as tags. */
const checkedCandidates = 60;

/**
 * Builds the analysis of articles; what a language needs is loaded when its first article comes.
 *
 * @param breadth - see `createEnglishRanker`.
 */
export function createAnalysis(breadth: number): ArticleAnalysis {
  const stems = new StemCache();
  let english: Ranker | undefined;
  let japaneseRanker: Ranker | undefined;
  return async (fields, japanese) => {
    if (!japanese) {
      const { tag } = await loadEnglishTagger();
      english ??= createEnglishRanker(breadth);
      const analyzed = analyzeEnglish(fields, tag, stems);
      return { candidates: analyzed.candidates, logits: english.logits(analyzed) };
    }
    const { analyze } = await loadJapaneseAnalyzer();
    japaneseRanker ??= createJapaneseRanker();
    const found = analyzeJapanese(fields, analyze);
    const analyzed = { ...found, candidates: found.candidates.filter(standsAlone) };
    return keepValid(analyzed, japaneseRanker.logits(analyzed), analyze);
  };
}

/** Whether a phrase stands anywhere outside a longer one, or is a name. */
function standsAlone({ occurrences, shape }: Candidate): boolean {
  return /^P+$/.test(shape) || occurrences.some(({ leftEdge, rightEdge }) => leftEdge && rightEdge);
}

/** The best candidates that are tags on their own too, in the order of the text. */
function keepValid({ candidates }: AnalyzedDocument, logits: Float64Array, analyze: Tagger): RankedCandidates {
  const order = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]! || a - b);
  const best = order.slice(0, checkedCandidates).filter((i) => isJapaneseTag(candidates[i]!.name, analyze));
  best.sort((a, b) => a - b);
  return { candidates: best.map((i) => candidates[i]!), logits: Float64Array.from(best, (i) => logits[i]!) };
}
