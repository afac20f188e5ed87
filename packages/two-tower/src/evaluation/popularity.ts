import type { CsrMatrix } from '@matome/primitives/linalg';
import { itemCounts } from '../data/interactions.js';
import type { Scorer } from './retrieval.js';

/**
 * Scores every item by its number of users, the same for everybody: what any model has to beat.
 *
 * @param train - users × items.
 * @example
 * const train = interactionMatrix({ userRows: [0, 1], itemRows: [1, 1] }, 2, 2);
 * [...(await popularityScorer(train)(new Uint32Array([0]))).data] // => [0, 2]
 */
export function popularityScorer(train: CsrMatrix): Scorer {
  const counts = Float32Array.from(itemCounts(train));
  return (rows) => {
    const data = new Float32Array(rows.length * counts.length);
    for (let r = 0; r < rows.length; r++) data.set(counts, r * counts.length);
    return { data, rows: rows.length, cols: counts.length };
  };
}
