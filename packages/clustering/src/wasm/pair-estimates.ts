import { type Matrix, meanRow } from '@matome/primitives/linalg';
import { type BorrowedMemory, borrowMemory, compileOnce, instantiate, type WasmExports } from '@matome/primitives/wasm';
import { kthSmallest } from './kth-smallest.js';
import { chunkColumns, droppedBits, encodePairEstimates, groupPoints, panelPoints } from './pair-estimates-code.js';
import { type PlacedRows, scratchBytes } from './row-distances-kernel.js';

const roundUp = (value: number, to: number) => Math.ceil(value / to) * to;

/** No squared length and no product of integers is larger. */
const longest = Math.sqrt(2 ** 29);
/** Integers are too coarse when rows are mostly fewer steps apart than this, in the root mean square of a coordinate. */
const fewestSteps = 70;
/** What float32 arithmetic takes from a row before it is rounded, in steps. */
const conversion = 0.01;
/** The estimate of a pair that is far, or of none. */
const farthest = 2 ** 16 - 1;
/** Beside any point, what stands in no row is far. */
const nowhere = 2 ** 30;
/** Bytes of one panel in a row of estimates. */
const lineBytes = 2 * panelPoints;

/** Addresses of what stands in memory. */
interface Layout {
  readonly estimates: number;
  readonly packed: number;
  readonly floats: number;
  readonly centre: number;
  readonly shifts: number;
  readonly limits: number;
  readonly masks: number;
  readonly least: number;
  readonly scratch: number;
  readonly bytes: number;
}

function layOut(rows: number, width: number): Layout {
  const padded = roundUp(rows, panelPoints);
  let bytes = 0;
  const take = (size: number) => {
    const start = bytes;
    bytes += roundUp(size, 64);
    return start;
  };
  return {
    estimates: take(2 * padded * padded),
    packed: take(2 * padded * width),
    floats: take(4 * rows * width),
    centre: take(4 * width),
    shifts: take(4 * padded),
    limits: take(2 * padded),
    masks: take(4 * padded),
    least: take(2 * panelPoints * padded),
    scratch: take(scratchBytes),
    bytes,
  };
}

/** How rows become integers: `stride` is the bytes of a row of float32. */
interface Steps {
  readonly rows: number;
  readonly stride: number;
  /** Steps in a unit of the data. */
  readonly scale: number;
}

/** Bytes of the estimates of that many rows. */
const estimatesBytes = (rows: number) => 2 * roundUp(rows, panelPoints) ** 2;

/**
 * The distances of all pairs of rows, as 16-bit estimates that tell which pairs may lie within a bound.
 *
 * Rows are moved, scaled and rounded to integers, whose products are exact; how far rounding moved a row is known, and a
 * limit allows for it: what is named is a superset of what lies within the bound, to be checked in float64.
 *
 * @remarks 2 n² bytes. About 40 billion products a second on one core of an AMD EPYC, each pair once.
 */
export class PairEstimates {
  readonly panels: number;
  /** Rows that were named last. */
  readonly named: Int32Array;
  /** The rows as float32. */
  readonly placed: PlacedRows;
  readonly #loan: BorrowedMemory;
  readonly #rows: number;
  readonly #kernel: WasmExports;
  /** Steps in a unit of the data. */
  readonly #scale: number;
  /** How far rounding moved each row, at most, in steps. */
  readonly #moved: Float64Array;
  #mostMoved = 0;
  readonly #at: Layout;
  readonly #estimates: Uint16Array;
  readonly #limits: Uint16Array;
  readonly #masks: Int32Array;
  readonly #leastOf: Uint16Array;
  /** Bytes of a row of estimates, and of a group of packed points. */
  readonly #stride: number;
  readonly #group: number;

  private constructor(loan: BorrowedMemory, kernel: WasmExports, at: Layout, { rows, stride, scale }: Steps) {
    const padded = roundUp(rows, panelPoints);
    const { buffer } = loan.memory;
    this.#loan = loan;
    this.placed = { memory: loan.memory, start: at.floats, stride, scratch: at.scratch };
    this.panels = padded / panelPoints;
    this.named = new Int32Array(rows);
    this.#rows = rows;
    this.#kernel = kernel;
    this.#scale = scale;
    this.#moved = new Float64Array(rows);
    this.#at = at;
    this.#estimates = new Uint16Array(buffer, at.estimates, padded * padded);
    this.#limits = new Uint16Array(buffer, at.limits, padded).fill(0, rows);
    this.#masks = new Int32Array(buffer, at.masks, padded);
    this.#leastOf = new Uint16Array(buffer, at.least, panelPoints * padded);
    this.#stride = 2 * padded;
    this.#group = (stride / 2) * groupPoints;
    this.#pack();
  }

  /**
   * Prepares rows whose estimates take at most `bytes`; undefined when they would take more, or when single rows are so
   * far from the others that integers would be too coarse.
   *
   * @param x - finite.
   */
  static of(x: Matrix, bytes: number): PairEstimates | undefined {
    const { rows, cols } = x;
    if (rows === 0 || cols === 0 || estimatesBytes(rows) > bytes) return undefined;
    const width = roundUp(cols, chunkColumns);
    const at = layOut(rows, width);
    const loan = borrowMemory(at.bytes);
    const { memory } = loan;
    const kernel = instantiate(compileOnce(encodePairEstimates), memory);
    new Float32Array(memory.buffer, at.centre, width).fill(0, cols).set(meanRow(x));
    const floats = new Float32Array(memory.buffer, at.floats, rows * width);
    if (width === cols) floats.set(x.data.subarray(0, rows * cols));
    else {
      for (let i = 0; i < rows; i++) {
        floats.set(x.data.subarray(i * cols, (i + 1) * cols), i * width);
        floats.fill(0, i * width + cols, (i + 1) * width);
      }
    }
    const stride = 4 * width;
    const end = at.floats + rows * stride;
    // The estimates are written later.
    const lengths = new Float64Array(memory.buffer, at.estimates, rows);
    kernel.lengths!(at.floats, end, stride, at.centre, 0, at.estimates);
    const largest = lengths.reduce((most, length) => Math.max(most, length), 0);
    kernel.lengths!(at.floats + (rows > 1 ? stride : 0), end, stride, at.floats, stride, at.estimates);
    const apart = kthSmallest(lengths, 0, Math.max(1, rows - 1), Math.ceil(rows / 2));
    // Rounding adds half a step a coordinate.
    const steps = longest - 0.5 * Math.sqrt(cols) - 1;
    const scale = Math.fround((steps / Math.sqrt(largest)) * (1 - 2 ** -20));
    const suffice = scale > 1e-30 && scale < 1e30 && scale * Math.sqrt(apart / cols) >= fewestSteps;
    if (!suffice) {
      loan.giveBack();
      return undefined;
    }
    return new PairEstimates(loan, kernel, at, { rows, stride, scale });
  }

  #pack(): void {
    const { memory, start, stride } = this.placed;
    const at = this.#at;
    const rows = this.#rows;
    // The estimates are written later.
    const sums = at.estimates;
    const end = start + rows * stride;
    const lastPanel = at.packed + ((this.panels - 1) * panelPoints * stride) / 2;
    new Int16Array(memory.buffer, lastPanel, (panelPoints * stride) / 4).fill(0);
    this.#kernel.pack!(start, end, stride, at.packed, this.#group, at.centre, this.#scale, sums);
    const squares = new Int32Array(memory.buffer, sums, 8 * rows);
    const lost = new Float32Array(memory.buffer, sums, 8 * rows);
    const shifts = new Int32Array(memory.buffer, at.shifts, panelPoints * this.panels).fill(nowhere, rows);
    // The sums are of float32, of which each addition may take a little.
    const widen = 1 + stride * 2 ** -24;
    for (let i = 0, s = 0; i < rows; i++, s += 8) {
      shifts[i] = (squares[s]! + squares[s + 1]! + squares[s + 2]! + squares[s + 3]!) >> 1;
      const moved = Math.sqrt((lost[s + 4]! + lost[s + 5]! + lost[s + 6]! + lost[s + 7]!) * widen) + conversion;
      this.#moved[i] = moved;
      if (moved > this.#mostMoved) this.#mostMoved = moved;
    }
  }

  /** Gives the memory back: nothing of this object, nor its `placed` rows, may be used any more. */
  release(): void {
    this.#loan.giveBack();
  }

  /** Estimates the pairs of the rows of a panel with those of it and of all later panels. */
  estimate(panel: number): void {
    const { estimates, packed, shifts } = this.#at;
    const stride = this.#stride;
    const group = this.#group;
    const panelBytes = (panelPoints / groupPoints) * group;
    const own = packed + panel * panelBytes;
    const ownShifts = shifts + panel * 4 * panelPoints;
    const corner = estimates + panel * panelPoints * stride + panel * lineBytes;
    const end = packed + this.panels * panelBytes;
    this.#kernel.tiles!(own, own, end, panelBytes, group, ownShifts, ownShifts, corner, corner, stride);
    const last = Math.min(this.#rows, (panel + 1) * panelPoints);
    for (let i = panel * panelPoints; i < last; i++) this.#estimates[(i * stride) / 2 + i] = farthest;
  }

  /**
   * Sets the squared distance from each row up to which `near` names a row.
   *
   * @param squared - at least 0.
   */
  setBound(row: number, squared: number): void {
    this.#limits[row] = limitOf(Math.sqrt(squared) * this.#scale + this.#moved[row]! + this.#mostMoved);
  }

  /** Names a row no more, or hardly: only where an estimate is 0. */
  silence(row: number): void {
    this.#limits[row] = 0;
  }

  /**
   * Lists the rows whose distance to `row` may be within their bound.
   *
   * @returns how many of `named` hold.
   */
  near(row: number): number {
    const start = this.#at.estimates + row * this.#stride;
    this.#kernel.within!(start, start + this.#stride, this.#at.limits, this.#at.masks);
    return this.#list(row, 0);
  }

  /**
   * Looks for the `k` nearest other rows of each row of a panel, for `nearest`. Takes the bounds of all rows away.
   *
   * @param k - below the number of rows.
   */
  findNearest(panel: number, k: number): void {
    const { panels } = this;
    const { estimates, least, limits, masks } = this.#at;
    const stride = this.#stride;
    const start = estimates + panel * panelPoints * stride;
    const first = panel * panelPoints;
    const count = Math.min(panelPoints, this.#rows - first);
    const end = start + count * stride;
    // The least estimates of some four times k sets of rows: at least k rows are as near as the k-th of these.
    const chunkPanels = Math.max(1, Math.floor((panels * panelPoints) / (4 * k)));
    const values = Math.ceil(panels / chunkPanels) * panelPoints;
    this.#kernel.least!(start, end, stride, chunkPanels * lineBytes, least);
    for (let i = 0; i < count; i++) {
      const reached = kthSmallest(this.#leastOf, i * values, (i + 1) * values, k);
      const apart = Math.sqrt((reached + 1) * 2 ** (droppedBits + 1) + 2);
      const moved = this.#moved[first + i]! + this.#mostMoved;
      this.#limits[i] = reached === farthest ? farthest : limitOf(apart + 2 * moved);
    }
    this.#kernel.withinEach!(start, end, stride, limits, masks);
  }

  /**
   * Lists rows with all of those among them that were looked for last.
   *
   * @param row - of the panel.
   * @returns how many of `named` hold.
   */
  nearest(row: number): number {
    return this.#list(row, (row % panelPoints) * this.panels);
  }

  #list(row: number, start: number): number {
    const { named, panels } = this;
    const masks = this.#masks;
    const rows = this.#rows;
    let count = 0;
    for (let panel = 0; panel < panels; panel++) {
      for (let mask = masks[start + panel]!; mask !== 0; mask &= mask - 1) {
        const other = panel * panelPoints + 31 - Math.clz32(mask & -mask);
        // What is farther than estimates tell is named with the row itself and with rows that are not there.
        if (other !== row && other < rows) named[count++] = other;
      }
    }
    return count;
  }
}

/** Turns the square of a distance in steps into an estimate, with the rounding of float64 allowed for. */
const estimateUnit = (0.5 / 2 ** droppedBits) * (1 + 1e-9);

/** The largest estimate of a pair that is at most `bound` steps apart as integers; its fraction is to be dropped. */
function limitOf(bound: number): number {
  return Math.min(bound * bound * estimateUnit, farthest);
}
