import { type Matrix, meanRow } from '@matome/primitives/linalg';
import { createProductTiles, type ProductTiles, tileLanes } from '../wasm/product-tiles.js';

/** The labelled rows of a matrix in panels of 8 that each belong to one cluster, ready for pairwise distances. */
export interface LabelledPanels {
  readonly tiles: ProductTiles;
  readonly panels: number;
  readonly clusterSizes: Float64Array;
  /** Cluster of each panel, numbered by first row. */
  readonly cluster: Int32Array;
  /** Slots of each panel in use. */
  readonly used: Uint8Array;
  /** Row in each slot. */
  readonly row: Int32Array;
  /** Squared length of the point in each slot. */
  readonly norm: Float64Array;
}

/** How far two rows are apart. */
export type PanelMetric = 'euclidean' | 'cosine';

/**
 * Sorts rows into panels; rows with label -1 are left out.
 *
 * Euclidean points are moved to their mean, which no distance notices and products gain precision from; for the cosine
 * they are scaled to length 1 (rows of zeros stay).
 */
export function labelledPanels(
  x: Matrix,
  labels: ArrayLike<number>,
  rows: ArrayLike<number>,
  metric: PanelMetric,
  simd = true,
): LabelledPanels {
  const members = new Map<number, number[]>();
  for (let i = 0; i < rows.length; i++) {
    const label = labels[rows[i]!]!;
    if (label === -1) continue;
    const group = members.get(label);
    if (group) group.push(rows[i]!);
    else members.set(label, [rows[i]!]);
  }
  const groups = [...members.values()];
  const panels = groups.reduce((sum, group) => sum + Math.ceil(group.length / tileLanes), 0);
  const result: LabelledPanels = {
    tiles: createProductTiles(x.cols, panels, simd),
    panels,
    clusterSizes: Float64Array.from(groups, (group) => group.length),
    cluster: new Int32Array(panels),
    used: new Uint8Array(panels),
    row: new Int32Array(panels * tileLanes),
    norm: new Float64Array(panels * tileLanes),
  };
  const centre = metric === 'euclidean' ? meanRow(x) : undefined;
  let panel = 0;
  groups.forEach((group, cluster) => {
    for (let at = 0; at < group.length; at += tileLanes, panel++) {
      result.cluster[panel] = cluster;
      result.used[panel] = Math.min(tileLanes, group.length - at);
      for (let lane = 0; lane < result.used[panel]!; lane++) {
        placeRow(result, x, group[at + lane]!, panel * tileLanes + lane, centre);
      }
    }
  });
  return result;
}

function placeRow(
  panels: LabelledPanels,
  x: Matrix,
  row: number,
  slot: number,
  centre: Float32Array | undefined,
): void {
  const { points, depth } = panels.tiles;
  const start = Math.floor(slot / tileLanes) * depth * tileLanes + (slot % tileLanes);
  let norm = 0;
  for (let j = 0; j < x.cols; j++) {
    const value = x.data[row * x.cols + j]! - (centre?.[j] ?? 0);
    points[start + j * tileLanes] = value;
    norm += value * value;
  }
  if (centre === undefined && norm > 0) {
    const scale = 1 / Math.sqrt(norm);
    for (let j = 0; j < x.cols; j++) points[start + j * tileLanes]! *= scale;
    norm = 1;
  }
  panels.row[slot] = row;
  panels.norm[slot] = norm;
}

/** Writes the 8 × 8 distances between the slots of two panels to `distances`; unused slots hold anything. */
export function panelDistances(
  panels: LabelledPanels,
  metric: PanelMetric,
  a: number,
  b: number,
  distances: Float64Array,
): void {
  const { tiles, norm } = panels;
  const lanes = tileLanes;
  tiles.multiply(a, b);
  const { products } = tiles;
  for (let p = 0, at = 0; p < lanes; p++) {
    const own = norm[a * lanes + p]!;
    for (let q = 0; q < lanes; q++, at++) {
      const product = products[at]!;
      distances[at] =
        metric === 'cosine'
          ? Math.max(0, 1 - product)
          : Math.sqrt(Math.max(0, own + norm[b * lanes + q]! - 2 * product));
    }
  }
}
