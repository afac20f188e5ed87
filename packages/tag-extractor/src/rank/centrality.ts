import type { AnalyzedDocument } from '../candidates/candidate.js';

/** Words at most this far apart are neighbours. */
const windowSize = 10;
const damping = 0.85;
const iterations = 20;

/**
 * How central a candidate's words are in the graph of words that stand near each other (SingleRank).
 *
 * @returns one sum a candidate; the words of a document share a mass of 1.
 * @remarks O(words · window · iterations).
 * @see Wan, Xiao (2008), Single document keyphrase extraction using neighborhood knowledge, AAAI-08.
 */
export function phraseCentrality(document: AnalyzedDocument): Float64Array {
  const ids = new Map<string, number>();
  const sequence = Int32Array.from(document.words, (word) => {
    let id = ids.get(word);
    if (id === undefined) {
      id = ids.size;
      ids.set(word, id);
    }
    return id;
  });
  const scores = rankWords(sequence, ids.size);
  return Float64Array.from(document.candidates, ({ words }) => {
    let sum = 0;
    for (const word of words) {
      const id = ids.get(word);
      if (id !== undefined) sum += scores[id]!;
    }
    return sum;
  });
}

/** PageRank over the co-occurrence counts; edges are applied pair by pair, so no matrix is built. */
function rankWords(sequence: Int32Array, n: number): Float64Array {
  const degree = new Float64Array(n);
  for (let i = 0; i < sequence.length; i++) {
    for (let j = i + 1; j < Math.min(sequence.length, i + windowSize); j++) {
      if (sequence[i] === sequence[j]) continue;
      degree[sequence[i]!]!++;
      degree[sequence[j]!]!++;
    }
  }
  let scores = new Float64Array(n).fill(1 / Math.max(1, n));
  let next = new Float64Array(n);
  const flow = new Float64Array(n);
  for (let step = 0; step < iterations; step++) {
    for (let w = 0; w < n; w++) flow[w] = degree[w]! === 0 ? 0 : (damping * scores[w]!) / degree[w]!;
    next.fill((1 - damping) / Math.max(1, n));
    for (let i = 0; i < sequence.length; i++) {
      const a = sequence[i]!;
      for (let j = i + 1; j < Math.min(sequence.length, i + windowSize); j++) {
        const b = sequence[j]!;
        if (a === b) continue;
        next[b]! += flow[a]!;
        next[a]! += flow[b]!;
      }
    }
    [scores, next] = [next, scores];
  }
  return scores;
}
