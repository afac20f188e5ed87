import type { AnalyzedDocument, Candidate } from '../candidates/candidate.js';
import type { Ranker } from './ranker.js';

/** The Japanese ranking: logistic in place, frequency and form. */
export function createJapaneseRanker(): Ranker {
  return {
    logits(document: AnalyzedDocument): Float64Array {
      const most = document.candidates.reduce((max, { occurrences }) => Math.max(max, occurrences.length), 1);
      return Float64Array.from(document.candidates, (candidate) => logit(candidate, document, most));
    },
  };
}

function logit({ occurrences, shape, name }: Candidate, document: AnalyzedDocument, most: number): number {
  const frequency = occurrences.length;
  const first = occurrences[0]!;
  const whole = occurrences.filter((place) => place.leftEdge && place.rightEdge).length / frequency;
  const length = Math.min(8, name.length);
  return (
    -3.4 +
    (first.field === 'title' ? 1.6 : 0) +
    0.9 * Math.log(frequency) +
    0.6 * (frequency / most) +
    1.1 * whole -
    0.8 * (first.position / Math.max(1, document.length)) +
    0.14 * length +
    (/P/.test(shape) ? 0.5 : 0) +
    (/[KL]/.test(shape) ? 0.2 : 0) +
    (shape.length > 1 ? 0.3 : 0)
  );
}
