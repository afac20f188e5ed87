import type { Embedder } from '@matome/primitives/embedding';
import type { Matrix } from '@matome/primitives/linalg';
import { loadEnglishTagger, loadJapaneseAnalyzer, type Tagger } from '@matome/primitives/text';
import type { AnalyzedDocument, Candidate } from '../candidates/candidate.js';
import { analyzeEnglish } from '../candidates/english.js';
import { analyzeJapanese } from '../candidates/japanese.js';
import { isJapaneseTag } from '../candidates/validate-japanese-tag.js';
import { createEnglishRanker, type EnglishRanker } from './english-ranker.js';
import { createJapaneseRanker } from './japanese-ranker.js';
import { modelLook } from './model-look.js';
import type { Ranker } from './ranker.js';
import { rankingFor } from './stored-rankings.js';

/** The candidates of an article and how likely they are tags. */
export interface RankedCandidates {
  readonly candidates: readonly Candidate[];
  /** Log odds, one a candidate. */
  readonly logits: Float64Array;
  /** Vectors of candidates, when the ranking has looked at them: an embedder is then taken into account. */
  readonly vectorsOf?: (indices: readonly number[]) => Promise<Matrix>;
}

/** Finds and ranks the candidates of an article. */
export type ArticleAnalysis = (
  fields: { readonly title: string; readonly body: string },
  japanese: boolean,
  signal?: AbortSignal,
) => Promise<RankedCandidates>;

/** Japanese candidates that are looked at once more, one by one: far more than any article gets as tags. */
const checkedCandidates = 60;

/**
 * Builds the analysis of articles; what a language needs is loaded when its first article comes.
 *
 * @param breadth - see `createEnglishRanker`.
 * @param embedder - looked at here when a stored ranking was learnt with it.
 */
export function createAnalysis(breadth: number, embedder?: Embedder): ArticleAnalysis {
  const kind = rankingFor(embedder);
  const look = modelLook(kind, embedder);
  let english: EnglishRanker | undefined;
  let japaneseRanker: Ranker | undefined;
  return async (fields, japanese, signal) => {
    if (!japanese) {
      const { tag } = await loadEnglishTagger();
      english ??= createEnglishRanker(breadth, kind);
      const analyzed = analyzeEnglish(fields, tag);
      const { candidates } = analyzed;
      if (look === undefined) return { candidates, logits: english.logits(analyzed) };
      const { write, vectorsOf } = await look(candidates, fields, signal ? { signal } : {});
      return { candidates, logits: english.logits(analyzed, write), vectorsOf };
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
  const kept = best.map((i) => candidates[i]!);
  return { candidates: kept, logits: Float64Array.from(best, (i) => logits[i]!) };
}
