import type { Matrix } from '@matome/primitives/linalg';
import { type NeighborLists, squaredDistance } from '../neighbors/neighbor-lists.js';
import { panelRange } from '../neighbors/point-panels.js';
import { PanelKernel, panelLanes } from '../wasm/panel-kernel.js';

/** Candidates kept for each cluster. */
export const listLength = 32;

/**
 * The clusters of a Ward run, one slot each; a merged cluster goes on in the slot of one of its parts.
 *
 * Distances are Ward's, squared: `2 a b / (a + b) · |centroid − centroid|²` for weights a and b.
 */
export class WardClusters {
  readonly weight: Float64Array;
  /** No cluster outside the candidates is nearer than this. */
  readonly floor: Float64Array;
  /** Nearest cluster of each slot, -1 while unknown, and its distance (or a lower bound of it). */
  readonly nearest: Int32Array;
  readonly distance: Float64Array;
  /** Merges made when a slot last changed, and when its nearest was last looked up. */
  readonly changed: Int32Array;
  readonly lookedUp: Int32Array;
  merges = 0;
  private readonly lightest: number;
  /** Holds cluster `active[i]` in slot i. */
  private readonly kernel: PanelKernel;
  private readonly cols: number;
  private readonly centroid: Float64Array;
  private readonly into: Int32Array;
  private readonly candidates: Int32Array;
  private readonly counts: Int32Array;
  private readonly active: Int32Array;
  private readonly place: Int32Array;
  private alive: number;
  private readonly seen: Int32Array;
  private visit = 0;
  private readonly found = new Int32Array(2 * listLength);
  private readonly foundDistance = new Float64Array(2 * listLength);

  constructor(x: Matrix, weights: Float64Array, lists: NeighborLists, simd = true) {
    const { rows, cols } = x;
    this.cols = cols;
    this.weight = weights;
    this.centroid = Float64Array.from(x.data);
    this.kernel = new PanelKernel({ ...panelRange(x), slots: rows, simd });
    for (let i = 0; i < rows; i++) this.kernel.setPoint(i, x.data, i * cols);
    this.floor = new Float64Array(rows);
    this.nearest = new Int32Array(rows);
    this.distance = new Float64Array(rows);
    this.changed = new Int32Array(rows);
    this.lookedUp = new Int32Array(rows);
    this.into = Int32Array.from({ length: rows }, (_, i) => i);
    this.active = Int32Array.from({ length: rows }, (_, i) => i);
    this.place = Int32Array.from({ length: rows }, (_, i) => i);
    this.alive = rows;
    this.seen = new Int32Array(rows).fill(-1);
    this.candidates = new Int32Array(rows * listLength);
    this.counts = new Int32Array(rows).fill(lists.k);
    const lightest = (this.lightest = weights.reduce(
      (least, weight) => Math.min(least, weight),
      Number.POSITIVE_INFINITY,
    ));
    for (let i = 0; i < rows; i++) {
      this.candidates.set(lists.indices.subarray(i * lists.k, (i + 1) * lists.k), i * listLength);
      const own = weights[i]!;
      const last = lists.squared[(i + 1) * lists.k - 1]!;
      this.floor[i] =
        lists.k === rows - 1 ? Number.POSITIVE_INFINITY : ((2 * own * lightest) / (own + lightest)) * last;
      this.lookUp(i);
    }
  }

  isActive(slot: number): boolean {
    return this.into[slot] === slot;
  }

  /** Whether the nearest of a slot is known and has not changed since. */
  isCurrent(slot: number): boolean {
    const other = this.nearest[slot]!;
    return other !== -1 && this.changed[other]! <= this.lookedUp[slot]! && this.into[other] === other;
  }

  /** Finds the nearest of a slot among its candidates; leaves a lower bound when it may be another. */
  lookUp(slot: number): void {
    const count = this.gather(slot, slot, slot);
    this.settle(slot, count);
  }

  /** Measures the distances to all clusters and keeps the nearest as candidates. */
  scan(slot: number): void {
    const { kernel, active, weight } = this;
    kernel.setQuery(this.centroid, slot * this.cols);
    let count = 0;
    let dropped = Number.POSITIVE_INFINITY;
    for (let panel = 0; panel * panelLanes < this.alive; panel++) {
      this.setBounds(
        panel,
        weight[slot]!,
        count < listLength ? Number.POSITIVE_INFINITY : this.foundDistance[count - 1]!,
      );
      kernel.row(panel, panel + 1);
      for (let mask = kernel.masks[panel]!; mask !== 0; mask &= mask - 1) {
        const other = active[panel * panelLanes + 31 - Math.clz32(mask & -mask)]!;
        if (other === slot) continue;
        const distance = this.between(slot, other);
        if (count === listLength) {
          if (distance >= this.foundDistance[count - 1]!) continue;
          count--;
        }
        count = this.insert(count, other, distance);
      }
    }
    // Whatever was passed over or pushed out lies beyond the last candidate.
    if (count === listLength && this.alive - 1 > count) dropped = this.foundDistance[count - 1]!;
    this.floor[slot] = dropped;
    this.settle(slot, count);
  }

  /** Bounds, as plain squared distances, that name every cluster of a panel within Ward distance `limit`. */
  private setBounds(panel: number, own: number, limit: number): void {
    const { kernel, active, weight, alive } = this;
    for (let at = panel * panelLanes; at < (panel + 1) * panelLanes; at++) {
      const other = at < alive ? weight[active[at]!]! : 0;
      kernel.setBound(at, at < alive ? (limit * (own + other)) / (2 * own * other) : -1);
    }
  }

  /** Joins slot `b` into slot `a`; both are active. */
  merge(a: number, b: number, squared: number): void {
    const { weight, floor, centroid, cols } = this;
    const [p, q] = [weight[a]!, weight[b]!];
    // The Lance-Williams update for a cluster in neither list; it is least for the lightest possible one.
    const rest = this.lightest * (floor[a]! + floor[b]! - squared);
    const bound = (p * floor[a]! + q * floor[b]! + rest) / (p + q + this.lightest);
    for (let j = 0, i = a * cols, o = b * cols; j < cols; j++, i++, o++) {
      centroid[i] = (p * centroid[i]! + q * centroid[o]!) / (p + q);
    }
    weight[a] = p + q;
    this.into[b] = a;
    const last = this.active[--this.alive]!;
    this.kernel.copySlot(this.alive, this.place[b]!);
    this.active[this.place[b]!] = last;
    this.place[last] = this.place[b]!;
    this.kernel.setPoint(this.place[a]!, centroid, a * cols);
    this.merges++;
    this.changed[a] = this.merges;
    const count = this.gather(a, a, b);
    const kept = Math.min(count, listLength);
    floor[a] = count > kept ? Math.min(bound, this.foundDistance[kept]!) : bound;
    this.settle(a, kept);
  }

  /** Collects the clusters that the candidates of two slots now belong to, nearest first. */
  private gather(slot: number, a: number, b: number): number {
    const { candidates, counts, seen } = this;
    let count = 0;
    this.visit++;
    seen[slot] = this.visit;
    for (const source of a === b ? [a] : [a, b]) {
      for (let i = 0; i < counts[source]!; i++) {
        const other = this.find(candidates[source * listLength + i]!);
        if (seen[other] === this.visit) continue;
        seen[other] = this.visit;
        count = this.insert(count, other, this.between(slot, other));
      }
    }
    return count;
  }

  private settle(slot: number, count: number): void {
    const { candidates, counts, found, foundDistance } = this;
    candidates.set(found.subarray(0, count), slot * listLength);
    counts[slot] = count;
    this.lookedUp[slot] = this.merges;
    const known = count > 0 && foundDistance[0]! <= this.floor[slot]!;
    this.nearest[slot] = known ? found[0]! : -1;
    this.distance[slot] = known ? foundDistance[0]! : this.floor[slot]!;
  }

  private insert(count: number, other: number, distance: number): number {
    const { found, foundDistance } = this;
    let at = count;
    while (
      at > 0 &&
      (foundDistance[at - 1]! > distance || (foundDistance[at - 1] === distance && found[at - 1]! > other))
    ) {
      foundDistance[at] = foundDistance[at - 1]!;
      found[at] = found[at - 1]!;
      at--;
    }
    foundDistance[at] = distance;
    found[at] = other;
    return count + 1;
  }

  private find(slot: number): number {
    const { into } = this;
    let at = slot;
    while (into[at] !== at) {
      into[at] = into[into[at]!]!;
      at = into[at]!;
    }
    return at;
  }

  private between(a: number, b: number): number {
    const { centroid, weight, cols } = this;
    const squared = squaredDistance(centroid, a, b, cols);
    return ((2 * weight[a]! * weight[b]!) / (weight[a]! + weight[b]!)) * squared;
  }
}
