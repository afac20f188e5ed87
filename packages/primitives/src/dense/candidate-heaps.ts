/** Where the candidates of a row are written. */
export interface CandidateList {
  readonly ids: Int32Array;
  readonly scores: Float32Array;
  count: number;
}

/** For each of many rows the best candidates seen so far, a heap with the worst of them on top. */
export class CandidateHeaps {
  private readonly ids: Int32Array;
  private readonly scores: Float32Array;

  /**
   * @param count - candidates kept a row.
   * @param limits - one a row: the score that a further candidate has to pass; kept up to date.
   */
  constructor(
    private readonly count: number,
    private readonly limits: Float32Array,
  ) {
    this.ids = new Int32Array(limits.length * count).fill(-1);
    this.scores = new Float32Array(limits.length * count).fill(Number.NEGATIVE_INFINITY);
    limits.fill(Number.NEGATIVE_INFINITY);
  }

  /** Takes a candidate in the place of the worst one if it is better. */
  offer(row: number, id: number, score: number): void {
    const { ids, scores, count, limits } = this;
    if (!(score > limits[row]!)) return;
    const top = row * count;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= count) break;
      if (child + 1 < count && scores[top + child + 1]! < scores[top + child]!) child++;
      if (scores[top + child]! >= score) break;
      scores[top + at] = scores[top + child]!;
      ids[top + at] = ids[top + child]!;
      at = child;
    }
    scores[top + at] = score;
    ids[top + at] = id;
    limits[row] = scores[top]!;
  }

  /** The candidates of a row, best first. */
  sorted(row: number, out: CandidateList): void {
    const { ids, scores, count } = this;
    let found = 0;
    for (let c = row * count; c < (row + 1) * count; c++) {
      if (ids[c]! < 0) continue;
      let at = found++;
      for (; at > 0 && out.scores[at - 1]! < scores[c]!; at--) {
        out.scores[at] = out.scores[at - 1]!;
        out.ids[at] = out.ids[at - 1]!;
      }
      out.scores[at] = scores[c]!;
      out.ids[at] = ids[c]!;
    }
    out.count = found;
  }
}
