import { distanceOfScore, type ExactScores, scoreCandidates } from './exact-scores.js';
import { idealScore, type ScoreSpace, scoreError } from './score-space.js';

/** Where the neighbours of all rows are collected. */
export interface NeighborBuffers {
  readonly indices: Uint32Array;
  readonly distances: Float32Array;
  readonly k: number;
}

/** Candidates of one row, best first by their score of limited precision. */
export interface Candidates {
  readonly ids: Int32Array;
  readonly scores: Float32Array;
  readonly count: number;
  /** False when targets were left out, each with a score of at most that of the last candidate. */
  readonly complete: boolean;
}

/** Turns candidates of limited precision into exact neighbours, row by row. */
export class NeighborRefiner {
  private exact = new Float64Array(64);
  private order = new Int32Array(64);

  constructor(
    private readonly scores: ExactScores,
    private readonly space: ScoreSpace,
    private readonly out: NeighborBuffers,
  ) {}

  /**
   * Ranks candidates exactly and writes the best k. Candidates past the k-th are looked at only while rounding could
   * have put them there.
   *
   * @returns the score that a target left out would need to belong among the k; `undefined` when none can.
   */
  refine(row: number, candidates: Candidates): number | undefined {
    const { k } = this.out;
    const { ids, scores, count, complete } = candidates;
    this.reserve(count);
    const first = Math.min(k, count);
    scoreCandidates(this.scores, row, ids, 0, first, this.exact);
    let kept = 0;
    for (let c = 0; c < first; c++) kept = this.insert(ids, c, kept);
    let needed = this.needed(row, kept);
    let next = first;
    while (next < count && scores[next]! >= needed) {
      const end = Math.min(count, next + 4);
      scoreCandidates(this.scores, row, ids, next, end, this.exact);
      for (; next < end; next++) kept = this.insert(ids, next, kept);
      needed = this.needed(row, kept);
    }
    this.write(row, ids, kept);
    return complete || next < count || scores[count - 1]! < needed ? undefined : needed;
  }

  /** Score of limited precision below which a target is certainly worse than the k-th neighbour so far. */
  private needed(row: number, kept: number): number {
    if (kept < this.out.k) return Number.NEGATIVE_INFINITY;
    const worst = this.exact[this.order[kept - 1]!]!;
    return idealScore(this.space, worst) - scoreError(this.space, row, worst);
  }

  /** Puts candidate `c` into the order: by score, ties by smaller id; returns how many are kept. */
  private insert(ids: Int32Array, c: number, kept: number): number {
    const { exact, order } = this;
    const { k } = this.out;
    const score = exact[c]!;
    const id = ids[c]!;
    let at = kept;
    while (at > 0) {
      const other = order[at - 1]!;
      if (exact[other]! > score || (exact[other]! === score && ids[other]! < id)) break;
      at--;
    }
    if (at >= k) return kept;
    const last = kept < k ? kept : k - 1;
    for (let move = last; move > at; move--) order[move] = order[move - 1]!;
    order[at] = c;
    return last + 1;
  }

  private write(row: number, ids: Int32Array, kept: number): void {
    const { indices, distances, k } = this.out;
    for (let r = 0; r < kept; r++) {
      const c = this.order[r]!;
      indices[row * k + r] = ids[c]!;
      distances[row * k + r] = distanceOfScore(this.scores.metric, this.exact[c]!);
    }
  }

  private reserve(count: number): void {
    if (count <= this.exact.length) return;
    this.exact = new Float64Array(2 * count);
    this.order = new Int32Array(2 * count);
  }
}
