const blockBits = 5;
const blockSlots = 1 << blockBits;

/**
 * The points outside a growing spanning tree, one slot each, with their lightest edge into it; a point that joins makes
 * room for the last one.
 *
 * The lightest slot of each block of 32 is kept, so that the lightest of all takes n / 32 comparisons.
 */
export class PrimFrontier {
  size: number;
  /** Row in each slot. */
  readonly row: Int32Array;
  /** Slot of each row; -1 once it has joined. */
  readonly slotOf: Int32Array;
  /** Squared weight of the lightest edge into the tree. */
  readonly key: Float64Array;
  /** Squared length of that edge: of two edges of one weight the shorter is taken. */
  readonly length: Float64Array;
  /** Row at the other end of that edge. */
  readonly nearest: Int32Array;
  readonly #best: Int32Array;

  constructor(rows: number) {
    this.size = rows;
    this.row = Int32Array.from({ length: rows }, (_, i) => i);
    this.slotOf = this.row.slice();
    this.key = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
    this.length = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
    this.nearest = new Int32Array(rows);
    this.#best = Int32Array.from({ length: Math.ceil(rows / blockSlots) }, (_, block) => block << blockBits);
  }

  /** Gives a slot another edge, at least as light as the one it had. */
  improve(slot: number, weight: number, length: number, from: number): void {
    this.key[slot] = weight;
    this.length[slot] = length;
    this.nearest[slot] = from;
    const block = slot >> blockBits;
    if (this.#before(slot, this.#best[block]!)) this.#best[block] = slot;
  }

  /** The slot with the lightest edge, then the shortest, then the first. */
  lightest(): number {
    const blocks = (this.size + blockSlots - 1) >> blockBits;
    const best = this.#best;
    let slot = best[0]!;
    for (let block = 1; block < blocks; block++) if (this.#before(best[block]!, slot)) slot = best[block]!;
    return slot;
  }

  /** Takes a point out; returns the slot whose point stands in `slot` instead, which may be `slot` itself. */
  remove(slot: number): number {
    const { row, slotOf, key, length, nearest } = this;
    const last = --this.size;
    slotOf[row[slot]!] = -1;
    if (last !== slot) {
      row[slot] = row[last]!;
      slotOf[row[slot]!] = slot;
      key[slot] = key[last]!;
      length[slot] = length[last]!;
      nearest[slot] = nearest[last]!;
    }
    this.#scan(slot >> blockBits);
    if (last >> blockBits !== slot >> blockBits) this.#scan(last >> blockBits);
    return last;
  }

  #scan(block: number): void {
    const first = block << blockBits;
    const end = Math.min(this.size, first + blockSlots);
    let best = first;
    for (let slot = first + 1; slot < end; slot++) if (this.#before(slot, best)) best = slot;
    this.#best[block] = best;
  }

  #before(a: number, b: number): boolean {
    const { key, length } = this;
    if (key[a] !== key[b]) return key[a]! < key[b]!;
    return length[a]! < length[b]! || (length[a] === length[b] && a < b);
  }
}
