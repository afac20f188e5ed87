import type { CsrMatrix } from '@matome/primitives/linalg';
import type { SimilarityHeap } from './similarity-heap.js';

/**
 * Groups of items with the sums of similarity between them, for `averageLinkage`.
 *
 * A group lives in the slot of one of its items, and so do its links; its number says how young it is. Links name items:
 * `slotOf` leads from an item to the group that holds it by now, so a merge renames nothing in the lists of others.
 */
export class LinkedGroups {
  private readonly slotOf: Int32Array;
  /** Number of the group in a slot; -1 where the slot is empty or its group never merges again. */
  private readonly numbers: Int32Array;
  /** Slot of the group with a number. */
  private readonly slots: Int32Array;
  private readonly sizes: Int32Array;
  /** The items of a slot as a chain: the item after each, and the last of the slot. */
  private readonly following: Int32Array;
  private readonly last: Int32Array;
  /** Links of merged groups; an item alone has its row of the matrix. */
  private readonly ids: (Int32Array | undefined)[];
  private readonly sums: (Float64Array | undefined)[];
  private readonly counts: Int32Array;
  /** Sums by slot while two lists are added, `touchedCount` slots that have one, and the group for which a slot has one. */
  private readonly totals: Float64Array;
  private readonly touched: Int32Array;
  private readonly touchedFor: Int32Array;
  private touchedCount = 0;
  private created: number;

  /** @param heap - takes the pairs of groups whose mean is at least `threshold`. */
  constructor(
    private readonly similarities: CsrMatrix,
    private readonly threshold: number,
    private readonly heap: SimilarityHeap,
  ) {
    const n = similarities.rows;
    this.slotOf = ascending(n);
    this.numbers = ascending(n);
    this.slots = ascending(2 * n);
    this.sizes = new Int32Array(n).fill(1);
    this.following = new Int32Array(n).fill(-1);
    this.last = ascending(n);
    this.ids = new Array<undefined>(n).fill(undefined);
    this.sums = new Array<undefined>(n).fill(undefined);
    this.counts = new Int32Array(n);
    this.totals = new Float64Array(n);
    this.touched = new Int32Array(n);
    this.touchedFor = new Int32Array(n);
    this.created = n;
    for (let i = 0; i < n; i++) this.pushPairs(i);
  }

  /** Joins two groups by number; nothing happens when one of them has gone into another. */
  merge(a: number, b: number): void {
    const x = this.slots[a]!;
    const y = this.slots[b]!;
    if (this.numbers[x] !== a || this.numbers[y] !== b) return;
    // Moving the smaller group moves an item log n times at most.
    const [slot, emptied] = this.sizes[x]! >= this.sizes[y]! ? [x, y] : [y, x];
    this.move(emptied, slot);
    const group = this.created++;
    this.numbers[slot] = group;
    this.slots[group] = slot;
    this.touchedCount = 0;
    this.add(slot, group);
    this.add(emptied, group);
    this.clear(emptied);
    this.store(slot, group);
  }

  /** Labels of the items, numbered by first member. */
  labels(): Int32Array {
    const numbers = new Map<number, number>();
    return this.slotOf.map((slot) => {
      const number = numbers.get(slot) ?? numbers.size;
      numbers.set(slot, number);
      return number;
    });
  }

  private pushPairs(i: number): void {
    const { indptr, indices, data } = this.similarities;
    let open = false;
    for (let k = indptr[i]!; k < indptr[i + 1]!; k++) {
      const j = indices[k]!;
      if (!(data[k]! >= this.threshold) || j === i) continue;
      open = true;
      if (j > i) this.heap.push(data[k]!, i, j);
    }
    if (!open) this.clear(i);
  }

  private move(from: number, to: number): void {
    for (let i = from; i !== -1; i = this.following[i]!) this.slotOf[i] = to;
    this.following[this.last[to]!] = from;
    this.last[to] = this.last[from]!;
    this.sizes[to]! += this.sizes[from]!;
  }

  /** Adds the links in a slot to `totals`. */
  private add(slot: number, group: number): void {
    const { slotOf, totals, touched, touchedFor } = this;
    const { indptr, indices, data } = this.similarities;
    const own = this.ids[slot];
    const ids = own ?? indices;
    const sums = own === undefined ? data : this.sums[slot]!;
    const start = own === undefined ? indptr[slot]! : 0;
    const end = own === undefined ? indptr[slot + 1]! : this.counts[slot]!;
    let touchedCount = this.touchedCount;
    for (let k = start; k < end; k++) {
      const other = slotOf[ids[k]!]!;
      if (touchedFor[other] === group) {
        totals[other]! += sums[k]!;
      } else {
        touchedFor[other] = group;
        totals[other] = sums[k]!;
        touched[touchedCount++] = other;
      }
    }
    this.touchedCount = touchedCount;
  }

  /** Keeps the totals as the links of a group, apart from those to itself and to groups that never merge again. */
  private store(slot: number, group: number): void {
    const { numbers, sizes, totals, touched, touchedCount, threshold } = this;
    let ids = this.ids[slot];
    if (ids === undefined || ids.length < touchedCount) {
      ids = this.ids[slot] = new Int32Array(touchedCount);
      this.sums[slot] = new Float64Array(touchedCount);
    }
    const sums = this.sums[slot]!;
    const size = sizes[slot]!;
    let count = 0;
    let open = false;
    for (let t = 0; t < touchedCount; t++) {
      const other = touched[t]!;
      const number = numbers[other]!;
      if (number === -1 || other === slot) continue;
      const sum = totals[other]!;
      ids[count] = other;
      sums[count++] = sum;
      const mean = sum / (size * sizes[other]!);
      if (!(mean >= threshold)) continue;
      open = true;
      this.heap.push(mean, number, group);
    }
    this.counts[slot] = count;
    // The mean of a merged pair lies between the means of its parts: below the threshold with all, it stays there.
    if (!open) this.clear(slot);
  }

  /** Nobody asks for the links of this slot again. */
  private clear(slot: number): void {
    this.numbers[slot] = -1;
    this.ids[slot] = undefined;
    this.sums[slot] = undefined;
  }
}

function ascending(n: number): Int32Array {
  const numbers = new Int32Array(n);
  for (let i = 0; i < n; i++) numbers[i] = i;
  return numbers;
}
