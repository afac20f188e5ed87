import type { KnnGraph } from '../neighbors/knn-graph.js';
import type { FuzzyGraph } from './fuzzy-graph.js';

/** Keeps the logarithm of the radius finite where all neighbours coincide. */
export const leastRadius = 1e-8;

/**
 * The local radius of every row: ln(1e-8 + mean of the squared distances to its neighbours, weighted by memberships).
 *
 * @param graph - memberships of the rows of `knn`, joined; a row without edges gets ln 1e-8.
 * @param knn - the neighbours that the graph was made of: every edge is in the list of one of its ends.
 * @returns n logarithms.
 * @see Narayan, Berger, Cho (2021), densMAP, doi:10.1038/s41587-020-00801-7
 */
export function logRadii({ starts, targets, weights, rows }: FuzzyGraph, knn: KnnGraph): Float64Array {
  const radii = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let squares = 0;
    let total = 0;
    for (let at = starts[i]!; at < starts[i + 1]!; at++) {
      const distance = Math.max(listedDistance(knn, i, targets[at]!), listedDistance(knn, targets[at]!, i));
      squares += weights[at]! * distance * distance;
      total += weights[at]!;
    }
    radii[i] = Math.log(leastRadius + (total > 0 ? squares / total : 0));
  }
  return radii;
}

/** Distance of a neighbour from its list, 0 when it is not in it. */
function listedDistance({ indices, distances, k }: KnnGraph, row: number, neighbor: number): number {
  for (let at = row * k; at < (row + 1) * k; at++) if (indices[at] === neighbor) return distances[at]!;
  return 0;
}

/** Shifts and scales values to mean 0 and deviation 1; values that are all equal become 0. */
export function standardize(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  // Rounding alone is no difference.
  const scale = variance > 1e-20 * mean * mean ? 1 / Math.sqrt(variance) : 0;
  return values.map((value) => (value - mean) * scale);
}
