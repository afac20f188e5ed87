import { checkInteger } from '@matome/primitives/options';

/** The `k` nearest other rows of every row, nearest first. */
export interface KnnGraph {
  /** n × k row numbers; a row is never among its own neighbours. */
  readonly indices: Uint32Array;
  /** n × k distances, not squared. */
  readonly distances: Float32Array;
  readonly rows: number;
  readonly k: number;
}

/**
 * Checks neighbours that were found elsewhere.
 *
 * @param rows - of the data.
 * @throws RangeError with one sentence that names the first row whose neighbours are none.
 */
export function checkKnnGraph(caller: string, { indices, distances, rows: own, k }: KnnGraph, rows: number): void {
  checkInteger(caller, 'knn.rows', own, { min: rows, max: rows });
  checkInteger(caller, 'knn.k', k, { min: 1 });
  checkInteger(caller, 'knn.indices.length', indices.length, { min: rows * k });
  checkInteger(caller, 'knn.distances.length', distances.length, { min: rows * k });
  for (let at = 0; at < rows * k; at++) {
    const [index, distance] = [indices[at]!, distances[at]!];
    if (index < rows && distance >= 0 && distance < Number.POSITIVE_INFINITY) continue;
    throw new RangeError(
      `The knn option of ${caller} must hold rows below ${rows} at finite distances. Row ${Math.floor(at / k)} has row ${index} at ${distance}.`,
    );
  }
}
