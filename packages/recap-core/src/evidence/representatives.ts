import { cosineSimilarities, type Matrix, meanRow, row } from '@matome/primitives/linalg';

/** Options of `chooseRepresentatives`. */
export interface RepresentativeOptions {
  /** Sentences to choose at most. */
  readonly count: number;
  /** Source of each sentence: one sentence of a source is taken before a second of another. */
  readonly sources: readonly number[];
  /** Place of each sentence in its source, 0 for the first: leads break ties in their favour. */
  readonly positions: readonly number[];
}

/** A chosen sentence. */
export interface Representative {
  readonly index: number;
  /** Cosine with the middle of all sentences. */
  readonly score: number;
}

/** A lead is worth this much similarity, half of it after `leadDecay` sentences. */
const leadBonus = 0.08;
const leadDecay = 2;

/**
 * Chooses central sentences that differ from each other: maximal marginal relevance towards the middle of the cluster,
 * with the trade-off taken from how alike the sentences are, and every source heard before one is heard twice.
 *
 * @param vectors - n × d, unit rows, one a sentence.
 * @returns at most `count`, in the order chosen.
 * @remarks O(n · count · d).
 * @see Carbonell, Goldstein (1998), doi:10.1145/290941.291025
 * @example
 * const vectors = { data: new Float32Array([1, 0, 1, 0, 0, 1]), rows: 3, cols: 2 };
 * chooseRepresentatives(vectors, { count: 2, sources: [0, 0, 1], positions: [0, 1, 0] }).map((r) => r.index) // => [0, 2]
 */
export function chooseRepresentatives(vectors: Matrix, options: RepresentativeOptions): Representative[] {
  const { sources, positions } = options;
  const n = vectors.rows;
  const centrality = cosineSimilarities(meanRow(vectors), vectors);
  const relevance = Float64Array.from(
    centrality,
    (score, i) => score + (leadBonus * leadDecay) / (leadDecay + positions[i]!),
  );
  const alike = n === 0 ? 0 : centrality.reduce((sum, score) => sum + score, 0) / n;
  // Scattered sentences: stay close to the middle. Sentences alike: look for what the others do not say.
  const lambda = Math.min(1, Math.max(0, 0.5 + 0.3 * (1 - alike)));
  const redundancy = new Float64Array(n);
  const heard = new Map<number, number>();
  const chosen: Representative[] = [];
  const taken = new Uint8Array(n);
  while (chosen.length < Math.min(options.count, n)) {
    const best = nextSentence(
      n,
      (i) => taken[i] === 1,
      (i) => heard.get(sources[i]!) ?? 0,
      (i) => lambda * relevance[i]! - (1 - lambda) * redundancy[i]!,
    );
    taken[best] = 1;
    heard.set(sources[best]!, (heard.get(sources[best]!) ?? 0) + 1);
    chosen.push({ index: best, score: centrality[best]! });
    const similar = cosineSimilarities(row(vectors, best), vectors);
    for (let i = 0; i < n; i++) redundancy[i] = Math.max(redundancy[i]!, similar[i]!);
  }
  return chosen;
}

function nextSentence(
  n: number,
  taken: (i: number) => boolean,
  heard: (i: number) => number,
  score: (i: number) => number,
): number {
  let best = -1;
  for (let i = 0; i < n; i++) {
    if (taken(i)) continue;
    if (best === -1 || heard(i) < heard(best) || (heard(i) === heard(best) && score(i) > score(best))) best = i;
  }
  return best;
}
