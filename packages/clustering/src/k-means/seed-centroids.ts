import type { Cooperative } from '@matome/primitives/async';
import type { RandomSource } from '@matome/primitives/random';
import type { RowProducts } from '../wasm/row-products.js';

/** Candidates tried for each new seed: as many as one pass of the product kernel takes at no extra cost. */
const trials = 8;

/** Below this share of the summed squared lengths, a float32 product leaves nothing of a distance but rounding. */
const cancellation = 1e-6;

/**
 * Greedy k-means++: each seed is the best of four rows drawn with probability proportional to the squared distance from
 * the seeds so far.
 *
 * @param ids - the rows to draw from.
 * @returns the `k` chosen rows; rows repeat when fewer than `k` are different.
 * @remarks k passes over the rows: O(n k d).
 * @see Arthur, Vassilvitskii (2007), k-means++, https://theory.stanford.edu/~sergei/papers/kMeansPP-soda.pdf
 * @see Grunau, Özüdoğru, Rozhoň, Tětek (2023), A nearly tight analysis of greedy k-means++, arXiv:2207.07949
 */
export function* plusPlusSeedSteps(
  data: RowProducts,
  ids: Uint32Array,
  k: number,
  random: RandomSource,
): Cooperative<Uint32Array> {
  const n = ids.length;
  const chosen = new Uint32Array(k);
  chosen[0] = ids[Math.min(n - 1, Math.floor(random() * n))]!;
  const closest = new Float64Array(n);
  const fromCandidates = new Float32Array(n * trials);
  squaredDistances(data, ids, chosen.subarray(0, 1), fromCandidates);
  let potential = 0;
  for (let i = 0; i < n; i++) potential += closest[i] = fromCandidates[i]!;
  const candidates = new Uint32Array(trials);
  for (let c = 1; c < k; c++) {
    drawByWeight(closest, potential, ids, candidates, random);
    squaredDistances(data, ids, candidates, fromCandidates);
    const best = bestCandidate(closest, fromCandidates);
    chosen[c] = candidates[best]!;
    potential = 0;
    for (let i = 0, at = best; i < n; i++, at += trials) {
      if (fromCandidates[at]! < closest[i]!) closest[i] = fromCandidates[at]!;
      potential += closest[i]!;
    }
    yield { stage: 'seeds', completed: c + 1, total: k };
  }
  return chosen;
}

/** Draws `count` different rows evenly; rows repeat only when there are fewer. */
export function randomSeeds(ids: Uint32Array, count: number, random: RandomSource): Uint32Array {
  const pool = ids.slice();
  const chosen = new Uint32Array(count);
  for (let c = 0; c < count; c++) {
    const at = c % pool.length;
    const pick = at + Math.floor(random() * (pool.length - at));
    chosen[c] = pool[pick]!;
    pool[pick] = pool[at]!;
    pool[at] = chosen[c]!;
  }
  return chosen;
}

function drawByWeight(
  weights: Float64Array,
  total: number,
  ids: Uint32Array,
  into: Uint32Array,
  random: RandomSource,
): void {
  const n = weights.length;
  const marks = Float64Array.from(into, () => random() * total);
  const order = [...marks.keys()].sort((a, b) => marks[a]! - marks[b]! || a - b);
  let sum = 0;
  let i = 0;
  for (const slot of order) {
    while (i < n - 1 && sum + weights[i]! <= marks[slot]!) sum += weights[i++]!;
    // With nothing left to cover (every row equals a seed) all rows are as good: spread evenly.
    into[slot] = total > 0 ? ids[i]! : ids[Math.floor(random() * n)]!;
  }
}

/** Fills `into` with the squared distance of every row to every candidate: `n × candidates`. */
function squaredDistances(data: RowProducts, ids: Uint32Array, candidates: Uint32Array, into: Float32Array): void {
  const { cols, squaredNorms } = data;
  const count = candidates.length;
  const vectors = new Float32Array(count * cols);
  for (let c = 0; c < count; c++) vectors.set(data.row(candidates[c]!), c * cols);
  data.setColumns(vectors, count);
  for (let from = 0; from < ids.length; from += data.blockRows) {
    const to = Math.min(ids.length, from + data.blockRows);
    const { products, stride } = data.multiply(ids, from, to);
    for (let i = from; i < to; i++) {
      const norm = squaredNorms[ids[i]!]!;
      for (let c = 0; c < count; c++) {
        const lengths = norm + squaredNorms[candidates[c]!]!;
        const distance = lengths - 2 * products[(i - from) * stride + c]!;
        into[i * count + c] =
          distance < cancellation * lengths ? exactSquaredDistance(data, ids[i]!, candidates[c]!) : distance;
      }
    }
  }
}

function bestCandidate(closest: Float64Array, fromCandidates: Float32Array): number {
  const potentials = new Float64Array(trials);
  for (let i = 0, at = 0; i < closest.length; i++) {
    const limit = closest[i]!;
    for (let c = 0; c < trials; c++, at++) potentials[c]! += Math.min(limit, fromCandidates[at]!);
  }
  let best = 0;
  for (let c = 1; c < trials; c++) if (potentials[c]! < potentials[best]!) best = c;
  return best;
}

function exactSquaredDistance(data: RowProducts, a: number, b: number): number {
  const x = data.row(a);
  const y = data.row(b);
  let sum = 0;
  for (let t = 0; t < x.length; t++) {
    const difference = x[t]! - y[t]!;
    sum += difference * difference;
  }
  return sum;
}
