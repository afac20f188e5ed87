import type { Cooperative } from '@matome/primitives/async';
import type { Matrix } from '@matome/primitives/linalg';
import type { RowDistances } from '../neighbors/row-distances.js';
import { type PanelKernel, panelLanes } from '../wasm/panel-kernel.js';
import { PrimFrontier } from './prim-frontier.js';
import type { SpanningTree } from './spanning-forest.js';

/** Coordinate differences between two yields: a few milliseconds. */
const workPerStep = 2e7;

/** Scratch: slots of a panel that may be near, and the rows in them. */
interface Candidates {
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
  const frontier = new PrimFrontier(rows);
  const candidates = { slots: new Int32Array(panelLanes), others: new Int32Array(panelLanes) };
  for (let i = 0; i < rows; i++) kernel.setBound(i, Number.POSITIVE_INFINITY);
  let slot = 0;
  const total = (rows * (rows - 1)) / 2;
  let work = 0;
  let completed = 0;
  for (let edge = 0; edge < rows - 1; edge++) {
    const joined = frontier.row[slot]!;
    kernel.setQueryToSlot(slot);
    const last = frontier.remove(slot);
    kernel.copySlot(last, slot);
    kernel.setBound(last, -1);
    relax(kernel, distances, core, frontier, joined, candidates);
    slot = frontier.lightest();
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
  frontier: PrimFrontier,
  joined: number,
  { slots, others }: Candidates,
): void {
  const { masks } = kernel;
  const { row, key, length, size } = frontier;
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
      frontier.improve(slot, weight, distance, joined);
      // No edge of a point is lighter than its core distance: then only shorter ones matter.
      kernel.setBound(slot, weight <= other ? distance : weight);
    }
  }
}
