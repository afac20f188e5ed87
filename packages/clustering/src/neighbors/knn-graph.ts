/** The `k` nearest other rows of every row, nearest first. */
export interface KnnGraph {
  /** n × k row numbers; a row is never among its own neighbours. */
  readonly indices: Uint32Array;
  /** n × k distances, not squared. */
  readonly distances: Float32Array;
  readonly rows: number;
  readonly k: number;
}
