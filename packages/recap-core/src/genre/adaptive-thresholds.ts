import type { Matrix } from '@matome/primitives/linalg';

/**
 * The similarity each genre asks for: mean − 1.5 standard deviations of the similarity of its own unseen rows, a
 * deviation counting at least 0.05, inside [0.05, 0.95].
 *
 * @param similarities - n × genres, of rows that the centroids were learnt without.
 * @param members - 1 where row i belongs to genre c, at `i * genres + c`.
 */
export function adaptiveThresholds(similarities: Matrix, members: Uint8Array): Float32Array {
  const { cols, data } = similarities;
  return Float32Array.from({ length: cols }, (_, c) => {
    let count = 0;
    let sum = 0;
    let squares = 0;
    for (let at = c; at < data.length; at += cols) {
      if (members[at] !== 1) continue;
      count++;
      sum += data[at]!;
      squares += data[at]! * data[at]!;
    }
    const mean = sum / count;
    const deviation = Math.sqrt(Math.max(0, squares / count - mean * mean));
    return Math.min(0.95, Math.max(0.05, mean - 1.5 * Math.max(deviation, 0.05)));
  });
}
