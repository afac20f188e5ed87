import type { AnalyzedDocument, Candidate } from '../candidates/candidate.js';

/** Numbers that describe a candidate inside its document, one row a candidate. */
export interface CandidateStatistics {
  /** Places where it stands. */
  readonly frequency: Float64Array;
  /** Share of the places where it is a phrase of its own, not part of a longer one. */
  readonly maximalShare: Float64Array;
  /** First place in [0, 1]. */
  readonly firstPosition: Float64Array;
  /** Distance between first and last place in [0, 1]. */
  readonly spread: Float64Array;
  /** Stands in the title. */
  readonly inTitle: Float64Array;
  /** Mean frequency of its words in the document. */
  readonly wordFrequency: Float64Array;
}

/** Counts over the document for every candidate. O(candidates + words). */
export function candidateStatistics(document: AnalyzedDocument): CandidateStatistics {
  const { candidates, length } = document;
  const n = candidates.length;
  const counts = new Map<string, number>();
  for (const word of document.words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const rows = {
    frequency: new Float64Array(n),
    maximalShare: new Float64Array(n),
    firstPosition: new Float64Array(n),
    spread: new Float64Array(n),
    inTitle: new Float64Array(n),
    wordFrequency: new Float64Array(n),
  };
  candidates.forEach((candidate, i) => {
    const { occurrences } = candidate;
    const first = occurrences[0]!.position;
    rows.frequency[i] = occurrences.length;
    rows.maximalShare[i] = occurrences.filter((place) => place.maximal).length / occurrences.length;
    rows.firstPosition[i] = first / Math.max(1, length);
    rows.spread[i] = (occurrences.at(-1)!.position - first) / Math.max(1, length);
    rows.inTitle[i] = occurrences[0]!.field === 'title' ? 1 : 0;
    rows.wordFrequency[i] = meanFrequency(candidate, counts);
  });
  return rows;
}

function meanFrequency(candidate: Candidate, counts: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const word of candidate.words) sum += counts.get(word) ?? 0;
  return sum / candidate.words.length;
}
