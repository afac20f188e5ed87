/** How much two texts share. All values lie in [0, 1]. */
export interface Overlap {
  /** Shared shingles over all shingles of both. */
  readonly jaccard: number;
  /** Share of the shingles of the first text that the second has, and the other way round. */
  readonly containment: readonly [number, number];
  /**
   * Share of each text's places around which the other text is found, though some words were changed there.
   * Two copies cover each other throughout; a text spliced from two others covers each in one part only.
   */
  readonly coverage: readonly [number, number];
}

/** Places looked at on either side of a place. */
const reach = 8;
/** Shared shingles within reach that make a place covered. */
const needed = 3;

/**
 * Compares one text with many: the shingles of the first are indexed once, each other text is one pass over it.
 *
 * @remarks O(shingles) a comparison; memory grows with the longest text.
 */
export class ShingleComparer {
  private keys = new Uint32Array(1 << 12);
  /** Index + 1 of the distinct shingle that a slot holds, for the current text only. */
  private slots = new Int32Array(1 << 12);
  private mask = (1 << 12) - 1;
  private used: number[] = [];
  private distinct = 0;
  private ids = new Int32Array(256);
  private hits = new Uint8Array(256);
  private flags = new Uint8Array(256);
  private own: Uint32Array = new Uint32Array(0);

  /** Makes `shingles` the first text of the comparisons that follow. */
  load(shingles: Uint32Array): void {
    const n = shingles.length;
    for (const slot of this.used) this.slots[slot] = 0;
    this.used.length = 0;
    if (4 * n > this.keys.length) {
      const size = 2 ** Math.ceil(Math.log2(4 * n));
      this.keys = new Uint32Array(size);
      this.slots = new Int32Array(size);
      this.mask = size - 1;
    }
    if (n > this.ids.length) {
      this.ids = new Int32Array(2 * n);
      this.hits = new Uint8Array(2 * n);
    }
    this.distinct = 0;
    this.own = shingles;
    for (let i = 0; i < n; i++) {
      const slot = this.find(shingles[i]!);
      if (this.slots[slot] === 0) {
        this.keys[slot] = shingles[i]!;
        this.slots[slot] = ++this.distinct;
        this.used.push(slot);
      }
      this.ids[i] = this.slots[slot]! - 1;
    }
  }

  /**
   * Compares the loaded text with another.
   *
   * @param otherDistinct - how many different shingles the other text has.
   * @param minJaccard - below this similarity coverage is not worked out and stays 0.
   */
  compare(other: Uint32Array, otherDistinct: number, minJaccard = 0): Overlap {
    const n = this.own.length;
    const m = other.length;
    if (Math.max(n, m) > this.flags.length) this.flags = new Uint8Array(2 * Math.max(n, m));
    this.hits.fill(0, 0, this.distinct);
    let shared = 0;
    for (let i = 0; i < m; i++) {
      const id = this.slots[this.find(other[i]!)]! - 1;
      if (id >= 0) {
        if (this.hits[id] === 0) shared++;
        this.hits[id] = 1;
        this.flags[i] = 1;
      } else this.flags[i] = 0;
    }
    const union = this.distinct + otherDistinct - shared;
    const jaccard = union === 0 ? 0 : shared / union;
    let forward = 0;
    let backward = 0;
    if (jaccard >= minJaccard) {
      backward = coveredShare(this.flags, m);
      for (let i = 0; i < n; i++) this.flags[i] = this.hits[this.ids[i]!]!;
      forward = coveredShare(this.flags, n);
    }
    return {
      jaccard,
      containment: [this.distinct === 0 ? 0 : shared / this.distinct, otherDistinct === 0 ? 0 : shared / otherDistinct],
      coverage: [forward, backward],
    };
  }

  /** Number of different shingles of the loaded text. */
  get distinctShingles(): number {
    return this.distinct;
  }

  private find(key: number): number {
    let slot = Math.imul(key, 0x9e3779b1) & this.mask;
    while (this.slots[slot] !== 0 && this.keys[slot] !== key) slot = (slot + 1) & this.mask;
    return slot;
  }
}

/** Share of the first `n` places that have enough set flags within reach; fewer are enough at the ends. */
function coveredShare(flags: Uint8Array, n: number): number {
  if (n === 0) return 0;
  let inside = 0;
  let covered = 0;
  for (let i = 0; i < Math.min(reach, n); i++) inside += flags[i]!;
  for (let i = 0; i < n; i++) {
    if (i + reach < n) inside += flags[i + reach]!;
    if (i - reach - 1 >= 0) inside -= flags[i - reach - 1]!;
    const width = Math.min(n - 1, i + reach) - Math.max(0, i - reach) + 1;
    if (inside * (2 * reach + 1) >= needed * width) covered++;
  }
  return covered / n;
}
