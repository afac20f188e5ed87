import type { Cooperative } from '@matome/primitives/async';
import type { Matrix } from '@matome/primitives/linalg';
import { type PanelKernel, panelLanes } from '../wasm/panel-kernel.js';
import { createNeighborLists, type NeighborLists, offerNeighbor, sortNeighborLists } from './neighbor-lists.js';
import { createRowDistances, type RowDistances } from './row-distances.js';

/** Coordinate differences between two yields: a few milliseconds. */
const workPerStep = 2e7;

/**
 * Finds the `k` nearest other rows of every row by comparing each pair of panels once.
 *
 * @param kernel - holds row i in slot i.
 * @param k - below the number of rows.
 * @param distances - between the rows.
 * @remarks O(n² d / 2) time, O(n k) memory.
 */
export function* nearestInPanels(
  x: Matrix,
  kernel: PanelKernel,
  k: number,
  distances = createRowDistances(x),
): Cooperative<NeighborLists> {
  const { rows, cols } = x;
  const { panels } = kernel;
  const lists = createNeighborLists(rows, k);
  const rank = Uint32Array.from({ length: rows }, (_, i) => i);
  for (let i = 0; i < rows; i++) kernel.setBound(i, Number.POSITIVE_INFINITY);
  const others = new Int32Array(panelLanes);
  const tilesPerStep = Math.max(1, Math.floor(workPerStep / (panelLanes * panelLanes * Math.max(1, cols))));
  const total = (panels * (panels + 1)) / 2;
  let done = 0;
  // Along the diagonals, so that every row soon has a finite bound.
  for (let step = 0; step < panels; step++) {
    for (let a = 0; a + step < panels; a++) {
      compareTile(x, kernel, distances, lists, rank, others, a, a + step);
      if (++done % tilesPerStep === 0) yield { stage: 'core-distances', completed: done, total };
    }
  }
  sortNeighborLists(lists, 0, rows, rank);
  return lists;
}

function compareTile(
  x: Matrix,
  kernel: PanelKernel,
  distances: RowDistances,
  lists: NeighborLists,
  rank: Uint32Array,
  others: Int32Array,
  a: number,
  b: number,
): void {
  const { rows } = x;
  const { masks } = kernel;
  const { k, squared } = lists;
  kernel.tile(a, b);
  const size = Math.min(panelLanes, rows - a * panelLanes);
  for (let s = 0; s < size; s++) {
    const p = a * panelLanes + s;
    // On the diagonal each pair stands once: only lanes after the query itself.
    let count = 0;
    for (let mask = a === b ? masks[s]! & ~((2 << s) - 1) : masks[s]!; mask !== 0; mask &= mask - 1) {
      others[count++] = b * panelLanes + 31 - Math.clz32(mask & -mask);
    }
    if (count === 0) continue;
    const measured = distances.measure(p, others, count);
    for (let i = 0; i < count; i++) {
      const q = others[i]!;
      const distance = measured[i]!;
      const before = squared[q * k]!;
      offerNeighbor(lists, p, q, distance, rank);
      offerNeighbor(lists, q, p, distance, rank);
      if (squared[q * k]! !== before) kernel.setBound(q, squared[q * k]!);
    }
    kernel.setBound(p, squared[p * k]!);
  }
}
