/** Most bytes of projections that are kept: for MiniLM those of 7,281 tokens. */
const mostBytes = 2 ** 25;

/** A table of rows by token id that only grows. */
class Shelf {
  /** Runs that read the table. */
  readers = 0;
  readonly slots = new Map<number, number>();
  /** Memory of untouched pages is not taken before it is written. */
  readonly table: Float32Array;

  constructor(
    private readonly width: number,
    private readonly maxTokens: number,
  ) {
    this.table = new Float32Array(width * maxTokens);
  }

  get room(): number {
    return this.maxTokens - this.slots.size;
  }

  /** The ids without a row, each once. */
  missing(ids: Int32Array): Int32Array {
    const missing = new Set<number>();
    for (let i = 0; i < ids.length; i++) if (!this.slots.has(ids[i]!)) missing.add(ids[i]!);
    return Int32Array.from(missing);
  }

  add(ids: Int32Array, rows: Float32Array): void {
    const { slots, table, width } = this;
    for (let i = 0; i < ids.length; i++) {
      // Another batch may have met it meanwhile.
      if (slots.has(ids[i]!)) continue;
      table.set(rows.subarray(i * width, (i + 1) * width), slots.size * width);
      slots.set(ids[i]!, slots.size);
    }
  }

  rowsOf(ids: Int32Array): Int32Array {
    const rows = new Int32Array(ids.length);
    for (let i = 0; i < ids.length; i++) rows[i] = this.slots.get(ids[i]!)!;
    return rows;
  }
}

/**
 * What the first layer of a model makes of tokens whatever their place, kept from run to run: words follow Zipf's law, so a
 * small table serves nearly all. When it is full it starts anew.
 *
 * @remarks Memory: `maxTokens` rows once that many tokens were met.
 */
export class TokenProjections {
  private shelf: Shelf;

  /**
   * @param width - numbers of a projection.
   * @param project - works out projections: ids × width.
   * @param maxTokens - tokens that are kept; more when a single batch has more.
   */
  constructor(
    private readonly width: number,
    private readonly project: (ids: Int32Array) => Promise<Float32Array>,
    private readonly maxTokens = Math.max(1, Math.floor(mostBytes / (4 * width))),
  ) {
    this.shelf = new Shelf(width, maxTokens);
  }

  /** Tokens whose projections are kept. */
  get size(): number {
    return this.shelf.slots.size;
  }

  /**
   * Sees to it that all tokens of a batch are projected, then runs it.
   *
   * @param run - reads projections out of `table`, one after the other, at `rows`, one number per id; neither changes until it is done.
   */
  async use<T>(ids: Int32Array, run: (table: Float32Array, rows: Int32Array) => Promise<T>): Promise<T> {
    for (let missing = this.shelf.missing(ids); missing.length > 0; missing = this.shelf.missing(ids)) {
      const fits = missing.length <= this.shelf.room;
      const wanted = fits ? missing : Int32Array.from(new Set(ids));
      const rows = await this.project(wanted);
      if (!fits) this.startAnew(wanted.length);
      // Batches that run at the same time may have taken the room; then the next round finds none.
      if (wanted.length <= this.shelf.room) this.shelf.add(wanted, rows);
    }
    const { shelf } = this;
    shelf.readers++;
    try {
      return await run(shelf.table, shelf.rowsOf(ids));
    } finally {
      shelf.readers--;
    }
  }

  /** Forgets all projections and lets their memory go once no run reads it; later runs begin with none. */
  clear(): void {
    this.shelf = new Shelf(this.width, 0);
  }

  private startAnew(atLeast: number): void {
    const { shelf, maxTokens, width } = this;
    if (shelf.readers === 0 && atLeast <= shelf.room + shelf.slots.size) shelf.slots.clear();
    else this.shelf = new Shelf(width, Math.max(maxTokens, atLeast));
  }
}
