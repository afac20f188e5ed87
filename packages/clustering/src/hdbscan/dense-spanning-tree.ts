import type { Cooperative } from '@matome/primitives/async';
import type { Matrix } from '@matome/primitives/linalg';
import type { RowDistances } from '../neighbors/row-distances.js';
import { type PanelKernel, panelLanes } from '../wasm/panel-kernel.js';
import type { SpanningTree } from './spanning-forest.js';

/** Coordinate differences between two yields: a few milliseconds. */
const workPerStep = 2e7;

/** Points outside the tree so far, one slot each; a point that joins makes room for the last one. */
interface Frontier {
  size: number;
  readonly row: Int32Array;
  /** Squared weight of the lightest edge into the tree. */
  readonly key: Float64Array;
  /** Squared length of that edge: of two edges of one weight the shorter is taken. */
  readonly length: Float64Array;
  readonly nearest: Int32Array;
  /** Scratch: slots of a panel that may be near, and the rows in them. */
  readonly slots: Int32Array;
  readonly others: Int32Array;
}

/**
 * Minimum spanning tree of the mutual reachability graph by Prim's method, one row of distances at a time.
 *
 * The kernel names the points whose edge may become lighter, float64 decides.
 *
 * @param kernel - holds row i in slot i; its slots are used up.
 * @param core - squared core distance of each row.
 * @returns edges between rows, with squared weights.
 * @remarks O(n² d / 2) time, O(n) memory beside the kernel.
 * @see Prim (1957), doi:10.1002/j.1538-7305.1957.tb01515.x
 */
export function* denseSpanningTree(
  x: Matrix,
  kernel: PanelKernel,
  distances: RowDistances,
  core: Float64Array,
): Cooperative<SpanningTree> {
  const { rows, cols } = x;
  const from = new Int32Array(rows - 1);
  const to = new Int32Array(rows - 1);
  const weights = new Float64Array(rows - 1);
  const lengths = new Float64Array(rows - 1);
  const frontier: Frontier = {
    size: rows,
    row: Int32Array.from({ length: rows }, (_, i) => i),
    key: new Float64Array(rows).fill(Number.POSITIVE_INFINITY),
    length: new Float64Array(rows).fill(Number.POSITIVE_INFINITY),
    nearest: new Int32Array(rows),
    slots: new Int32Array(panelLanes),
    others: new Int32Array(panelLanes),
  };
  for (let i = 0; i < rows; i++) kernel.setBound(i, Number.POSITIVE_INFINITY);
  let slot = 0;
  const total = (rows * (rows - 1)) / 2;
  let work = 0;
  let completed = 0;
  for (let edge = 0; edge < rows - 1; edge++) {
    const joined = frontier.row[slot]!;
    kernel.setQueryToSlot(slot);
    removeSlot(frontier, kernel, slot);
    relax(kernel, distances, core, frontier, joined);
    slot = lightest(frontier);
    from[edge] = frontier.nearest[slot]!;
    to[edge] = frontier.row[slot]!;
    weights[edge] = frontier.key[slot]!;
    lengths[edge] = frontier.length[slot]!;
    work += frontier.size * cols;
    completed += frontier.size;
    if (work > workPerStep) {
      work = 0;
      // Pairs, not edges: the first edges take longer than the last.
      yield { stage: 'spanning-tree', completed, total };
    }
  }
  return { from, to, weights, lengths };
}

/** Lowers the keys of all points that are nearer to `joined` than to the rest of the tree. */
function relax(
  kernel: PanelKernel,
  distances: RowDistances,
  core: Float64Array,
  frontier: Frontier,
  joined: number,
): void {
  const { masks } = kernel;
  const { row, key, length, nearest, size, slots, others } = frontier;
  const own = core[joined]!;
  const panels = Math.ceil(size / panelLanes);
  kernel.row(0, panels);
  for (let panel = 0; panel < panels; panel++) {
    let count = 0;
    for (let mask = masks[panel]!; mask !== 0; mask &= mask - 1) {
      const slot = panel * panelLanes + 31 - Math.clz32(mask & -mask);
      if (own > key[slot]! || core[row[slot]!]! > key[slot]!) continue;
      slots[count] = slot;
      others[count++] = row[slot]!;
    }
    if (count === 0) continue;
    const measured = distances.measure(joined, others, count);
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!;
      const other = core[others[i]!]!;
      const distance = measured[i]!;
      const weight = Math.max(own, other, distance);
      if (weight > key[slot]! || (weight === key[slot] && distance >= length[slot]!)) continue;
      key[slot] = weight;
      length[slot] = distance;
      nearest[slot] = joined;
      // No edge of a point is lighter than its core distance: then only shorter ones matter.
      kernel.setBound(slot, weight <= other ? distance : weight);
    }
  }
}

function lightest({ key, length, size }: Frontier): number {
  let best = Number.POSITIVE_INFINITY;
  let slot = 0;
  for (let s = 0; s < size; s++) {
    if (key[s]! < best || (key[s] === best && length[s]! < length[slot]!)) {
      best = key[s]!;
      slot = s;
    }
  }
  return slot;
}

function removeSlot(frontier: Frontier, kernel: PanelKernel, slot: number): void {
  const { row, key, length, nearest } = frontier;
  const last = --frontier.size;
  kernel.copySlot(last, slot);
  row[slot] = row[last]!;
  key[slot] = key[last]!;
  length[slot] = length[last]!;
  nearest[slot] = nearest[last]!;
  kernel.setBound(last, -1);
}
