/**
 * Maps 64-bit term keys to the numbers 0, 1, 2 … in order of first sight (open addressing, linear probing).
 *
 * @remarks O(1) expected a look-up, 12 bytes a slot, at most half of the slots taken.
 */
export class TermTable {
  #slots: Int32Array;
  #mask: number;
  #low: Uint32Array;
  #high: Uint32Array;
  #size = 0;

  constructor(expected = 1024) {
    let slots = 2048;
    while (slots < expected * 2) slots *= 2;
    this.#mask = slots - 1;
    this.#slots = new Int32Array(slots).fill(-1);
    this.#low = new Uint32Array(slots >> 1);
    this.#high = new Uint32Array(slots >> 1);
  }

  /** How many keys are known. */
  get size(): number {
    return this.#size;
  }

  /** The keys in order of their numbers, as views. */
  get keys(): { low: Uint32Array; high: Uint32Array } {
    return { low: this.#low.subarray(0, this.#size), high: this.#high.subarray(0, this.#size) };
  }

  /** The number of a key, or -1. */
  find(low: number, high: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    for (let at = low & mask; ; at = (at + 1) & mask) {
      const index = slots[at]!;
      if (index < 0 || (this.#low[index] === low && this.#high[index] === high)) return index;
    }
  }

  /** The number of a key, which is given one if it has none. */
  add(low: number, high: number): number {
    const known = this.find(low, high);
    if (known >= 0) return known;
    if (this.#size === this.#low.length) this.#grow();
    const index = this.#size++;
    this.#low[index] = low;
    this.#high[index] = high;
    this.#place(low, index);
    return index;
  }

  #place(low: number, index: number): void {
    let at = low & this.#mask;
    while (this.#slots[at]! >= 0) at = (at + 1) & this.#mask;
    this.#slots[at] = index;
  }

  #grow(): void {
    const slots = this.#slots.length * 2;
    this.#mask = slots - 1;
    this.#slots = new Int32Array(slots).fill(-1);
    const { low, high } = this.keys;
    this.#low = new Uint32Array(slots >> 1);
    this.#high = new Uint32Array(slots >> 1);
    this.#low.set(low);
    this.#high.set(high);
    for (let index = 0; index < this.#size; index++) this.#place(low[index]!, index);
  }
}
