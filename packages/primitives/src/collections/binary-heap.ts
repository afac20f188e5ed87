/**
 * A min-heap of integers with float64 priorities; equal priorities come out by smaller integer. NaN counts as Infinity.
 *
 * @remarks O(log n) a push or pop; grows by doubling.
 * @see Williams (1964), Algorithm 232, doi:10.1145/512274.512284
 * @example
 * const heap = new BinaryHeap();
 * heap.push(7, 0.5);
 * heap.push(3, 0.1);
 * heap.pop() // => 3
 */
export class BinaryHeap {
  private items: Int32Array;
  private priorities: Float64Array;
  private count = 0;

  /** @param capacity - room to start with. @default 16 */
  constructor(capacity = 16) {
    this.items = new Int32Array(capacity);
    this.priorities = new Float64Array(capacity);
  }

  /** Number of items held. */
  get size(): number {
    return this.count;
  }

  /** Priority of the next item; Infinity when empty. */
  get peekPriority(): number {
    return this.count === 0 ? Number.POSITIVE_INFINITY : this.priorities[0]!;
  }

  /** Adds an item. */
  push(item: number, priority: number): void {
    const own = Number.isNaN(priority) ? Number.POSITIVE_INFINITY : priority;
    if (this.count === this.items.length) this.grow();
    let at = this.count++;
    const { items, priorities } = this;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = priorities[parent]!;
      if (above < own || (above === own && items[parent]! <= item)) break;
      items[at] = items[parent]!;
      priorities[at] = above;
      at = parent;
    }
    items[at] = item;
    priorities[at] = own;
  }

  /** Removes and returns the item of smallest priority; -1 when empty. */
  pop(): number {
    if (this.count === 0) return -1;
    const { items, priorities } = this;
    const top = items[0]!;
    const count = --this.count;
    const item = items[count]!;
    const priority = priorities[count]!;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= count) break;
      const right = child + 1;
      if (right < count && before(priorities[right]!, items[right]!, priorities[child]!, items[child]!)) child = right;
      if (!before(priorities[child]!, items[child]!, priority, item)) break;
      items[at] = items[child]!;
      priorities[at] = priorities[child]!;
      at = child;
    }
    items[at] = item;
    priorities[at] = priority;
    return top;
  }

  private grow(): void {
    const items = new Int32Array(this.items.length * 2 || 16);
    items.set(this.items);
    this.items = items;
    const priorities = new Float64Array(items.length);
    priorities.set(this.priorities);
    this.priorities = priorities;
  }
}

function before(p: number, a: number, q: number, b: number): boolean {
  return p < q || (p === q && a < b);
}
