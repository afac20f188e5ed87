import { compileOnce, createMemory, instantiate, type WasmMemory } from '../wasm/index.js';
import type { StaticTable } from './static-model.js';
import { TermMatcher } from './term-matcher.js';
import { encodeTermSumsKernel, entryBytes, lanes } from './term-sums-kernel.js';

/** Terms that are added at once. */
const listSize = 512;
const listBytes = listSize * entryBytes;
/** By the buffer of the memory, so that a table tells where it stands. */
const memories = new WeakMap<ArrayBufferLike, WasmMemory>();

interface SumKernel {
  add(list: number, listEnd: number, out: number, outEnd: number): void;
}

/** Bytes of a row of sums. */
function sumBytes(dimensions: number): number {
  return 4 * Math.ceil(dimensions / lanes) * lanes;
}

/** Memory for a table of so many bytes, in which the sums over its rows find it. */
export function createTableBytes(bytes: number, dimensions: number): Uint8Array<ArrayBuffer> {
  // A table stands behind the list and a row of sums. Of its last row eight values are read at once, even if it ends before.
  const tableAt = listBytes + sumBytes(dimensions);
  const memory = createMemory(tableAt + bytes + lanes);
  memories.set(memory.buffer, memory);
  return new Uint8Array(memory.buffer, tableAt, bytes);
}

/** Sums of the vectors of words. */
export class TermSums {
  private readonly matcher: TermMatcher;
  private readonly kernel: SumKernel;
  private readonly scales: Float32Array;
  /** Address of the first row. */
  private readonly rows: number;
  private readonly addresses: Int32Array;
  private readonly factors: Float64Array;
  private readonly sums: Float32Array;
  private readonly outEnd: number;
  /** Terms of the text that is read, in the order in which they come, and how often. */
  private terms: Int32Array = new Int32Array(64);
  private counts: Int32Array = new Int32Array(64);
  /** Place of every term of the table in `terms`, plus 1. */
  private readonly places: Int32Array;

  /**
   * @param continued - prefix of the terms that go on inside a word; empty when terms are not marked.
   * @remarks A table that does not stand in memory of `createTableBytes` is copied.
   */
  constructor({ terms, values, scales }: StaticTable, dimensions: number, continued: string) {
    this.matcher = new TermMatcher(terms, continued);
    this.scales = scales;
    this.places = new Int32Array(terms.length);
    let placed = values;
    if (!memories.has(values.buffer)) {
      const { buffer, byteOffset } = createTableBytes(values.length, dimensions);
      placed = new Int8Array(buffer, byteOffset, values.length);
      placed.set(values);
    }
    const memory = memories.get(placed.buffer)!;
    this.rows = placed.byteOffset;
    this.addresses = new Int32Array(memory.buffer, 0, listBytes / 4);
    this.factors = new Float64Array(memory.buffer, 0, listBytes / 8);
    this.sums = new Float32Array(memory.buffer, listBytes, dimensions);
    this.outEnd = listBytes + sumBytes(dimensions);
    this.kernel = instantiate<SumKernel>(compileOnce(encodeTermSumsKernel), memory);
  }

  /**
   * Adds to `sum` the rows of the terms of some words, each times the root of its count: what is said three times is not
   * meant three times.
   *
   * @remarks O(different terms · dimensions); the same bits as plain loops.
   */
  add(sum: Float32Array, words: readonly string[]): void {
    const size = this.countTerms(words);
    if (size === 0) return;
    const { addresses, factors, scales, terms, counts, rows, sums } = this;
    const dimensions = sums.length;
    sums.set(sum);
    for (let from = 0; from < size; from += listSize) {
      const n = Math.min(listSize, size - from);
      for (let i = 0; i < n; i++) {
        const term = terms[from + i]!;
        addresses[i * (entryBytes / 4)] = rows + term * dimensions;
        factors[i * (entryBytes / 8) + 1] = scales[term]! * Math.sqrt(counts[from + i]!);
      }
      this.kernel.add(0, n * entryBytes, listBytes, this.outEnd);
    }
    sum.set(sums);
  }

  /** Fills `terms` and `counts`. */
  private countTerms(words: readonly string[]): number {
    const { matcher, places } = this;
    let size = 0;
    for (let w = 0; w < words.length; w++) {
      const found = matcher.match(words[w]!);
      for (let k = 0; k < found.length; k++) {
        const term = found[k]!;
        const place = places[term]!;
        if (place > 0) {
          this.counts[place - 1]!++;
          continue;
        }
        if (size === this.terms.length) this.growLists();
        this.terms[size] = term;
        this.counts[size] = 1;
        places[term] = ++size;
      }
    }
    for (let i = 0; i < size; i++) places[this.terms[i]!] = 0;
    return size;
  }

  private growLists(): void {
    const [terms, counts] = [new Int32Array(2 * this.terms.length), new Int32Array(2 * this.terms.length)];
    terms.set(this.terms);
    counts.set(this.counts);
    this.terms = terms;
    this.counts = counts;
  }
}
