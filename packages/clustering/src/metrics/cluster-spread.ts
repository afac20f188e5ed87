import { euclideanDistance, type Matrix, meanRow, row, squaredEuclideanDistance } from '@matome/primitives/linalg';
import { checkMatrix } from '@matome/primitives/options';

interface Groups {
  readonly centroids: Float32Array[];
  readonly members: number[][];
}

function groupRows(caller: string, x: Matrix, labels: ArrayLike<number>): Groups {
  checkMatrix(caller, x);
  if (labels.length !== x.rows) {
    throw new RangeError(`The labels of ${caller} must be as many as rows. Got ${labels.length} for ${x.rows} rows.`);
  }
  const groups = new Map<number, number[]>();
  for (let i = 0; i < x.rows; i++) {
    const label = labels[i]!;
    if (label === -1) continue;
    const group = groups.get(label);
    if (group) group.push(i);
    else groups.set(label, [i]);
  }
  const members = [...groups.values()];
  return { members, centroids: members.map((group) => meanRow(x, group)) };
}

/**
 * Davies-Bouldin index: how wide clusters are against the distance to the most similar other one. Lower is better.
 *
 * Rows with label -1 are left out.
 *
 * @returns a value of at least 0; NaN for fewer than two clusters.
 * @throws RangeError if the lengths differ or a value is not finite.
 * @remarks O(n d + k² d).
 * @see Davies, Bouldin (1979), doi:10.1109/TPAMI.1979.4766909
 * @example
 * const x = { data: new Float32Array([0, 2, 10, 12]), rows: 4, cols: 1 };
 * daviesBouldinIndex(x, [0, 0, 1, 1]) // => 0.2
 */
export function daviesBouldinIndex(x: Matrix, labels: ArrayLike<number>): number {
  const { centroids, members } = groupRows('daviesBouldinIndex', x, labels);
  if (members.length < 2) return Number.NaN;
  const spread = members.map(
    (group, c) => group.reduce((sum, i) => sum + euclideanDistance(row(x, i), centroids[c]!), 0) / group.length,
  );
  let sum = 0;
  for (let a = 0; a < members.length; a++) {
    let worst = 0;
    for (let b = 0; b < members.length; b++) {
      if (a === b) continue;
      const apart = euclideanDistance(centroids[a]!, centroids[b]!);
      if (apart > 0) worst = Math.max(worst, (spread[a]! + spread[b]!) / apart);
    }
    sum += worst;
  }
  return sum / members.length;
}

/**
 * Calinski-Harabasz index: variance between clusters against variance inside them. Higher is better.
 *
 * Rows with label -1 are left out.
 *
 * @returns a value of at least 0; NaN for fewer than two clusters; 1 when clusters have no width.
 * @throws RangeError if the lengths differ or a value is not finite.
 * @remarks O(n d).
 * @see Caliński, Harabasz (1974), doi:10.1080/03610927408827101
 * @example
 * const x = { data: new Float32Array([0, 2, 10, 12]), rows: 4, cols: 1 };
 * calinskiHarabaszIndex(x, [0, 0, 1, 1]) // => 50
 */
export function calinskiHarabaszIndex(x: Matrix, labels: ArrayLike<number>): number {
  const { centroids, members } = groupRows('calinskiHarabaszIndex', x, labels);
  if (members.length < 2) return Number.NaN;
  const all = members.flat();
  const centre = meanRow(x, all);
  let between = 0;
  let within = 0;
  members.forEach((group, c) => {
    between += group.length * squaredEuclideanDistance(centroids[c]!, centre);
    for (const i of group) within += squaredEuclideanDistance(row(x, i), centroids[c]!);
  });
  return within === 0 ? 1 : (between * (all.length - members.length)) / (within * (members.length - 1));
}
