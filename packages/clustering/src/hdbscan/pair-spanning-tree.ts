import type { Cooperative } from '@matome/primitives/async';
import type { RowDistances } from '../neighbors/row-distances.js';
import { kthSmallest } from '../wasm/kth-smallest.js';
import type { PairEstimates } from '../wasm/pair-estimates.js';
import { panelPoints } from '../wasm/pair-estimates-code.js';
import { mostMeasured } from '../wasm/row-distances-kernel.js';
import { PrimFrontier } from './prim-frontier.js';
import type { SpanningTree } from './spanning-forest.js';

/** Products between two yields: a few milliseconds. */
const productsPerStep = 5e7;
/** Rows between two yields. */
const rowsPerStep = 512;

/**
 * Estimates the distances of all pairs.
 *
 * @remarks O(n² d / 2) time.
 */
export function* estimatePairs(pairs: PairEstimates, cols: number): Cooperative<void> {
  const { panels } = pairs;
  const total = (panels * (panels + 1)) / 2;
  let completed = 0;
  let products = 0;
  for (let panel = 0; panel < panels; panel++) {
    pairs.estimate(panel);
    completed += panels - panel;
    products += (panels - panel) * panelPoints * panelPoints * cols;
    if (products < productsPerStep && completed < total) continue;
    products = 0;
    yield { stage: 'pair-distances', completed, total };
  }
}

/**
 * Squared distance of each row to its `minSamples`-th nearest other row.
 *
 * The estimates name the rows that may be among the nearest, float64 decides.
 */
export function* pairCoreDistances(
  pairs: PairEstimates,
  rows: number,
  minSamples: number,
  distances: RowDistances,
): Cooperative<Float64Array> {
  const core = new Float64Array(rows);
  const found = new Float64Array(rows);
  for (let panel = 0; panel < pairs.panels; panel++) {
    pairs.findNearest(panel, minSamples);
    const end = Math.min(rows, (panel + 1) * panelPoints);
    for (let row = panel * panelPoints; row < end; row++) {
      const count = pairs.nearest(row);
      measureNamed(pairs, distances, row, count, found);
      core[row] = kthSmallest(found, 0, count, minSamples);
    }
    if (end % rowsPerStep === 0) yield { stage: 'core-distances', completed: end, total: rows };
  }
  return core;
}

/**
 * Minimum spanning tree of the mutual reachability graph by Prim's method, from estimates of all pairs.
 *
 * The estimates name the rows whose edge may become lighter, float64 decides.
 *
 * @param core - squared core distance of each row.
 * @returns edges between rows, with squared weights; the same as of `denseSpanningTree`.
 * @remarks O(n²) time, O(n) memory beside the estimates.
 * @see Prim (1957), doi:10.1002/j.1538-7305.1957.tb01515.x
 */
export function* pairSpanningTree(
  pairs: PairEstimates,
  distances: RowDistances,
  core: Float64Array,
): Cooperative<SpanningTree> {
  const rows = core.length;
  const from = new Int32Array(rows - 1);
  const to = new Int32Array(rows - 1);
  const weights = new Float64Array(rows - 1);
  const lengths = new Float64Array(rows - 1);
  const frontier = new PrimFrontier(rows);
  const found = new Float64Array(rows);
  for (let i = 0; i < rows; i++) pairs.setBound(i, Number.POSITIVE_INFINITY);
  let slot = 0;
  for (let edge = 0; edge < rows - 1; edge++) {
    const joined = frontier.row[slot]!;
    frontier.remove(slot);
    pairs.silence(joined);
    relax(pairs, distances, core, frontier, joined, found);
    slot = frontier.lightest();
    from[edge] = frontier.nearest[slot]!;
    to[edge] = frontier.row[slot]!;
    weights[edge] = frontier.key[slot]!;
    lengths[edge] = frontier.length[slot]!;
    if (edge % rowsPerStep === rowsPerStep - 1) yield { stage: 'spanning-tree', completed: edge, total: rows - 1 };
  }
  return { from, to, weights, lengths };
}

/** Lowers the keys of all points that are nearer to `joined` than to the rest of the tree. */
function relax(
  pairs: PairEstimates,
  distances: RowDistances,
  core: Float64Array,
  frontier: PrimFrontier,
  joined: number,
  found: Float64Array,
): void {
  const { key, length, slotOf } = frontier;
  const { named } = pairs;
  const own = core[joined]!;
  const all = pairs.near(joined);
  let count = 0;
  for (let i = 0; i < all; i++) {
    const other = named[i]!;
    const slot = slotOf[other]!;
    if (slot !== -1 && own <= key[slot]! && core[other]! <= key[slot]!) named[count++] = other;
  }
  measureNamed(pairs, distances, joined, count, found);
  for (let i = 0; i < count; i++) {
    const row = named[i]!;
    const slot = slotOf[row]!;
    const other = core[row]!;
    const distance = found[i]!;
    const weight = Math.max(own, other, distance);
    if (weight > key[slot]! || (weight === key[slot] && distance >= length[slot]!)) continue;
    frontier.improve(slot, weight, distance, joined);
    // No edge of a point is lighter than its core distance: then only shorter ones matter.
    pairs.setBound(row, weight <= other ? distance : weight);
  }
}

/** Writes the distances of a row to the first `count` named ones. */
function measureNamed(
  { named }: PairEstimates,
  distances: RowDistances,
  row: number,
  count: number,
  found: Float64Array,
): void {
  for (let start = 0; start < count; start += mostMeasured) {
    const size = Math.min(mostMeasured, count - start);
    const measured = distances.measure(row, start === 0 ? named : named.subarray(start), size);
    for (let i = 0; i < size; i++) found[start + i] = measured[i]!;
  }
}
