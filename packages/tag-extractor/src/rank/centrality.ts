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
  const { words, candidates } = document;
  const sequence = new Int32Array(words.length);
  for (let i = 0; i < words.length; i++) {
    let id = ids.get(words[i]!);
    if (id === undefined) {
      id = ids.size;
      ids.set(words[i]!, id);
    }
    sequence[i] = id;
  }
  const scores = rankWords(sequence, ids.size);
  const sums = new Float64Array(candidates.length);
  for (let c = 0; c < candidates.length; c++) {
    const own = candidates[c]!.words;
    let sum = 0;
    for (let w = 0; w < own.length; w++) {
      const id = ids.get(own[w]!);
      if (id !== undefined) sum += scores[id]!;
    }
    sums[c] = sum;
  }
  return sums;
}

/**
 * PageRank over the co-occurrence counts. What flows to a word is gathered over the list of its neighbours, pair by pair in the
 * order of the text, so that no addition waits for a store.
 */
function rankWords(sequence: Int32Array, n: number): Float64Array {
  const { starts, neighbors } = neighborLists(sequence, n);
  const scores = new Float64Array(n).fill(1 / Math.max(1, n));
  const flow = new Float64Array(n);
  for (let step = 0; step < iterations; step++) {
    for (let w = 0; w < n; w++) {
      const degree = starts[w + 1]! - starts[w]!;
      flow[w] = degree === 0 ? 0 : (damping * scores[w]!) / degree;
    }
    for (let w = 0; w < n; w++) {
      let sum = (1 - damping) / n;
      for (let at = starts[w]!, end = starts[w + 1]!; at < end; at++) sum += flow[neighbors[at]!]!;
      scores[w] = sum;
    }
  }
  return scores;
}

/** The neighbours of word w, once for every time they stand near it: from `starts[w]` to `starts[w + 1]`. */
function neighborLists(sequence: Int32Array, n: number): { starts: Int32Array; neighbors: Int32Array } {
  const starts = new Int32Array(n + 1);
  const length = sequence.length;
  for (let i = 0; i < length; i++) {
    const a = sequence[i]!;
    for (let j = i + 1, end = Math.min(length, i + windowSize); j < end; j++) {
      const b = sequence[j]!;
      if (a === b) continue;
      starts[a + 1]!++;
      starts[b + 1]!++;
    }
  }
  for (let w = 0; w < n; w++) starts[w + 1]! += starts[w]!;
  const neighbors = new Int32Array(starts[n]!);
  const next = starts.slice();
  for (let i = 0; i < length; i++) {
    const a = sequence[i]!;
    for (let j = i + 1, end = Math.min(length, i + windowSize); j < end; j++) {
      const b = sequence[j]!;
      if (a === b) continue;
      neighbors[next[a]!++] = b;
      neighbors[next[b]!++] = a;
    }
  }
  return { starts, neighbors };
}
