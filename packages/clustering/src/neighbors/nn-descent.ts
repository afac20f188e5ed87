import type { Cooperative } from '@matome/primitives/async';
import type { Matrix } from '@matome/primitives/linalg';
import { type RandomSource, sampleIndices } from '@matome/primitives/random';
import { crossNeighborsSteps } from './cross-neighbors.js';
import { randomProjectionLeaves } from './rp-forest.js';

/** Neighbours found by joining neighbours of neighbours. */
export interface DescentNeighbors {
  readonly indices: Uint32Array;
  /** n × k Euclidean distances. */
  readonly distances: Float32Array;
  readonly rows: number;
  readonly k: number;
  /** Share of the true neighbours found, measured on a sample of rows. */
  readonly recall: number;
}

/** New and old neighbours of a row that are introduced to each other in one round. */
const maxCandidates = 24;
/** Share of list entries whose change makes another round worth while. */
const leastChange = 0.001;
/** Rows on which recall is measured. */
const recallSample = 200;
/** Rows joined between two yields. */
const rowsPerStep = 256;
const none = 0xffffffff;

/**
 * The `k` nearest other rows of every row, nearly: rows of a leaf of random trees meet first, then neighbours of neighbours,
 * until few lists change.
 *
 * @remarks About O(n^1.14 k² d) in practice; memory 17 n k bytes.
 * @see Dong, Moses, Li (2011), Efficient k-nearest neighbor graph construction for generic similarity measures,
 * doi:10.1145/1963405.1963487
 */
export function* nearestByDescentSteps(x: Matrix, k: number, random: RandomSource): Cooperative<DescentNeighbors> {
  const lists = new DescentLists(x, k);
  const trees = 4 + Math.round(Math.sqrt(Math.sqrt(x.rows)) / 2);
  const rounds = Math.max(5, Math.round(Math.log2(Math.max(2, x.rows))));
  const total = trees + rounds;
  for (let tree = 0; tree < trees; tree++) {
    const { rows, starts } = randomProjectionLeaves(x, Math.max(30, 2 * k), random);
    for (let leaf = 0; leaf < starts.length - 1; leaf++) {
      lists.join(rows, starts[leaf]!, starts[leaf + 1]!);
      if (leaf % 16 === 15) yield { stage: 'nn-descent', completed: tree, total };
    }
    yield { stage: 'nn-descent', completed: tree, total };
  }
  lists.fillUp(random);
  for (let round = 0; round < rounds; round++) {
    const changes = yield* introduce(lists, random, { completed: trees + round, total });
    if (changes <= leastChange * x.rows * k) break;
  }
  const result = { ...lists.sorted(), rows: x.rows, k };
  return { ...result, recall: yield* measureRecall(x, result.indices, k, random) };
}

/** One round: every row introduces its new neighbours to all its neighbours, in both directions. */
function* introduce(
  lists: DescentLists,
  random: RandomSource,
  progress: { readonly completed: number; readonly total: number },
): Cooperative<number> {
  const { rows } = lists;
  const { fresh, old } = lists.chooseCandidates(random);
  let changes = 0;
  for (let i = 0; i < rows; i++) {
    const start = i * maxCandidates;
    for (let a = start; a < start + maxCandidates; a++) {
      const p = fresh[a]!;
      if (p === none) break;
      for (let b = a + 1; b < start + maxCandidates && fresh[b] !== none; b++) changes += lists.meet(p, fresh[b]!);
      for (let b = start; b < start + maxCandidates && old[b] !== none; b++) changes += lists.meet(p, old[b]!);
    }
    if (i % rowsPerStep === rowsPerStep - 1) yield { stage: 'nn-descent', ...progress };
  }
  return changes;
}

/** Neighbour lists as max-heaps by squared distance, with a mark for entries not yet introduced. */
class DescentLists {
  readonly rows: number;
  readonly #ids: Uint32Array;
  readonly #squared: Float64Array;
  readonly #fresh: Uint8Array;

  constructor(
    readonly x: Matrix,
    readonly k: number,
  ) {
    this.rows = x.rows;
    this.#ids = new Uint32Array(x.rows * k).fill(none);
    this.#squared = new Float64Array(x.rows * k).fill(Number.POSITIVE_INFINITY);
    this.#fresh = new Uint8Array(x.rows * k);
  }

  /** Lets all rows of a leaf meet. */
  join(rows: Uint32Array, from: number, to: number): void {
    for (let a = from; a < to; a++) for (let b = a + 1; b < to; b++) this.meet(rows[a]!, rows[b]!);
  }

  /** Offers two rows to each other; returns how many lists changed. */
  meet(p: number, q: number): number {
    if (p === q) return 0;
    const { k } = this;
    const worst = this.#squared;
    const limit = Math.max(worst[p * k]!, worst[q * k]!);
    const squared = this.#distance(p, q, limit);
    if (squared >= limit) return 0;
    return this.#offer(p, q, squared) + this.#offer(q, p, squared);
  }

  /** Fills lists that leaves have left short: with random rows, then with any. */
  fillUp(random: RandomSource): void {
    const { k, rows } = this;
    for (let i = 0; i < rows; i++) {
      for (let tries = 0; tries < 4 * k && this.#ids[i * k] === none; tries++) {
        this.meet(i, Math.floor(random() * rows));
      }
      for (let j = 0; j < rows && this.#ids[i * k] === none; j++) this.meet(i, j);
    }
  }

  /** Draws the neighbours to introduce, those of others' lists included; they stop being new. */
  chooseCandidates(random: RandomSource): { readonly fresh: Uint32Array; readonly old: Uint32Array } {
    const { k, rows } = this;
    const fresh = new Reservoir(rows, random);
    const old = new Reservoir(rows, random);
    for (let i = 0; i < rows; i++) {
      for (let at = i * k; at < (i + 1) * k; at++) {
        const j = this.#ids[at]!;
        if (j === none) continue;
        const into = this.#fresh[at] === 1 ? fresh : old;
        into.add(i, j);
        into.add(j, i);
      }
    }
    for (let i = 0; i < rows; i++) {
      for (let at = i * k; at < (i + 1) * k; at++) {
        if (this.#fresh[at] === 1 && fresh.holds(i, this.#ids[at]!)) this.#fresh[at] = 0;
      }
    }
    return { fresh: fresh.ids, old: old.ids };
  }

  sorted(): { readonly indices: Uint32Array; readonly distances: Float32Array } {
    const { k, rows } = this;
    const indices = new Uint32Array(rows * k);
    const distances = new Float32Array(rows * k);
    for (let i = 0; i < rows; i++) {
      const order = Array.from({ length: k }, (_, r) => i * k + r);
      order.sort((a, b) => this.#squared[a]! - this.#squared[b]! || this.#ids[a]! - this.#ids[b]!);
      for (let r = 0; r < k; r++) {
        indices[i * k + r] = this.#ids[order[r]!]!;
        distances[i * k + r] = Math.sqrt(this.#squared[order[r]!]!);
      }
    }
    return { indices, distances };
  }

  /** Squared distance, or anything at least `limit` as soon as it is known to be as large. */
  #distance(p: number, q: number, limit: number): number {
    const { cols, data } = this.x;
    let sum = 0;
    let a = p * cols;
    let b = q * cols;
    const end = a + cols;
    while (a < end) {
      const stop = Math.min(end, a + 64);
      for (; a < stop; a++, b++) {
        const difference = data[a]! - data[b]!;
        sum += difference * difference;
      }
      if (sum >= limit) return sum;
    }
    return sum;
  }

  #offer(row: number, id: number, squared: number): number {
    const { k } = this;
    const ids = this.#ids;
    const distances = this.#squared;
    const first = row * k;
    if (squared >= distances[first]!) return 0;
    for (let at = first; at < first + k; at++) if (ids[at] === id) return 0;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= k) break;
      if (child + 1 < k && distances[first + child + 1]! > distances[first + child]!) child++;
      if (distances[first + child]! <= squared) break;
      distances[first + at] = distances[first + child]!;
      ids[first + at] = ids[first + child]!;
      this.#fresh[first + at] = this.#fresh[first + child]!;
      at = child;
    }
    distances[first + at] = squared;
    ids[first + at] = id;
    this.#fresh[first + at] = 1;
    return 1;
  }
}

/** At most `maxCandidates` different rows for each row, drawn evenly from all that were added. */
class Reservoir {
  readonly ids: Uint32Array;
  readonly #seen: Uint32Array;

  constructor(
    rows: number,
    readonly random: RandomSource,
  ) {
    this.ids = new Uint32Array(rows * maxCandidates).fill(none);
    this.#seen = new Uint32Array(rows);
  }

  add(row: number, id: number): void {
    if (this.holds(row, id)) return;
    const seen = this.#seen[row]!++;
    const slot = seen < maxCandidates ? seen : Math.floor(this.random() * (seen + 1));
    if (slot < maxCandidates) this.ids[row * maxCandidates + slot] = id;
  }

  holds(row: number, id: number): boolean {
    for (let at = row * maxCandidates; at < (row + 1) * maxCandidates; at++) if (this.ids[at] === id) return true;
    return false;
  }
}

function* measureRecall(x: Matrix, indices: Uint32Array, k: number, random: RandomSource): Cooperative<number> {
  const sample = sampleIndices(x.rows, Math.min(recallSample, x.rows), random);
  const queries = new Float32Array(sample.length * x.cols);
  for (const [at, i] of sample.entries()) {
    queries.set(x.data.subarray(i * x.cols, (i + 1) * x.cols), at * x.cols);
  }
  const exact = yield* crossNeighborsSteps({ data: queries, rows: sample.length, cols: x.cols }, x, k + 1);
  let found = 0;
  for (const [at, i] of sample.entries()) {
    const truth = new Set(exact.indices.subarray(at * (k + 1), (at + 1) * (k + 1)));
    for (let r = 0; r < k; r++) if (truth.has(indices[i * k + r]!)) found++;
  }
  return found / (sample.length * k);
}
