import { type Matrix, normalizeRows } from '@matome/primitives/linalg';

/** Rows of each cluster by label, ascending; rows with label -1 are in none. */
export function membersOf(labels: Int32Array): Uint32Array[] {
  const sizes: number[] = [];
  for (const label of labels) if (label >= 0) sizes[label] = (sizes[label] ?? 0) + 1;
  const members = Array.from(sizes, (size) => new Uint32Array(size ?? 0));
  const filled = new Uint32Array(sizes.length);
  for (let i = 0; i < labels.length; i++) if (labels[i]! >= 0) members[labels[i]!]![filled[labels[i]!]!++] = i;
  return members;
}

/** Numbers clusters by their first row, leaving no gaps; returns how many there are. */
export function renumber(labels: Int32Array): number {
  const numbers = new Map<number, number>();
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (label < 0) continue;
    const number = numbers.get(label) ?? numbers.size;
    numbers.set(label, number);
    labels[i] = number;
  }
  return numbers.size;
}

/** Mean of each cluster's rows, summed in float64. */
export function clusterMeans(x: Matrix, labels: Int32Array, count: number): Matrix {
  const { cols, data } = x;
  const sums = new Float64Array(count * cols);
  const sizes = new Float64Array(count);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (label < 0) continue;
    sizes[label]!++;
    for (let t = 0, at = i * cols, to = label * cols; t < cols; t++, at++, to++) sums[to]! += data[at]!;
  }
  return { data: Float32Array.from(sums, (sum, at) => sum / sizes[Math.floor(at / cols)]!), rows: count, cols };
}

/** Cluster centroids in the space of the metric. */
export function clusterCentroids(x: Matrix, labels: Int32Array, count: number, metric: 'euclidean' | 'cosine'): Matrix {
  const means = clusterMeans(x, labels, count);
  return metric === 'cosine' ? normalizeRows(means) : means;
}

/** Share of rows with label -1; 0 without rows. */
export function noiseRatio(labels: Int32Array): number {
  let noise = 0;
  for (const label of labels) if (label < 0) noise++;
  return labels.length === 0 ? 0 : noise / labels.length;
}
