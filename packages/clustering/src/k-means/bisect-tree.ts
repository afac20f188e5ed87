import type { Matrix } from '@matome/primitives/linalg';

/** A node of the tree of splits: either two centroids and the first of two adjacent children, or a cluster. */
export interface BisectNode {
  readonly first?: number;
  readonly centroids?: Matrix;
  readonly cluster?: number;
}

/** What a stored model holds beside its tree. */
export interface BisectParts {
  readonly centroids: Matrix;
  readonly labels: Int32Array;
  readonly inertia: number;
}

const kind = 'bisecting-k-means';

/** The JSON form of a model. */
export function bisectTreeToJson({ centroids, labels, inertia }: BisectParts, tree: readonly BisectNode[]): object {
  return {
    kind,
    version: 1,
    rows: centroids.rows,
    cols: centroids.cols,
    centroids: Array.from(centroids.data),
    labels: Array.from(labels),
    inertia,
    tree: tree.map(({ first, centroids: pair, cluster }) =>
      pair ? { first, centroids: Array.from(pair.data) } : { cluster },
    ),
  };
}

/** @throws TypeError if the value is not a model of this kind and version. */
export function bisectTreeFromJson(json: unknown): BisectParts & { tree: BisectNode[] } {
  const value = json as Partial<Record<string, unknown>> | null;
  if (typeof value !== 'object' || value === null || value.kind !== kind || value.version !== 1) {
    throw new TypeError(`The value must be a ${kind} model of version 1.`);
  }
  const { centroids, labels, tree, inertia } = value;
  const rows = Number(value.rows);
  const cols = Number(value.cols);
  const whole = Array.isArray(centroids) && centroids.length === rows * cols && Array.isArray(labels);
  if (!whole || !Array.isArray(tree) || typeof inertia !== 'number') {
    throw new TypeError(`The ${kind} model is incomplete.`);
  }
  return {
    centroids: { data: Float32Array.from(centroids as number[]), rows, cols },
    labels: Int32Array.from(labels as number[]),
    inertia,
    tree: (tree as { first?: number; centroids?: number[]; cluster?: number }[]).map((node) =>
      node.centroids
        ? { first: node.first!, centroids: { data: Float32Array.from(node.centroids), rows: 2, cols } }
        : { cluster: node.cluster! },
    ),
  };
}
