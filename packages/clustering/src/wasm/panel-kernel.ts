import { compileModule, createMemory, instantiate, type WasmModule } from '@matome/primitives/wasm';
import { encodePanelCode } from './panel-code.js';
import {
  floatNumbers,
  integerNumbers,
  type PanelNumbers,
  type PanelPrecision,
  type PanelRange,
  panelLanes,
} from './panel-numbers.js';

export { panelLanes } from './panel-numbers.js';

/** Options of `PanelKernel`. */
export interface PanelKernelOptions extends PanelRange {
  /** Number of points. */
  readonly slots: number;
  /** @default 'float32' */
  readonly precision?: PanelPrecision;
  /** False keeps to plain JavaScript. @default true */
  readonly simd?: boolean;
}

/**
 * Tells which of many wide points lie within a squared distance of each other.
 *
 * Points stand in panels of 32 slots, moved and scaled; bounds are given in the units of the data. Distances come from
 * products with all their rounding allowed for: what is named is a superset of what lies within the bound, to be checked in
 * float64. With vectors about 10 billion products a second in float32 and twice as many of integers, on one core of an AMD
 * EPYC.
 */
export class PanelKernel {
  readonly panels: number;
  /** `row`: one mask for each panel. `tile`: one mask for each slot of the first panel. Bit i stands for slot i. */
  readonly masks: Int32Array;
  /** Compares the query with the points of panels `from .. to - 1`: within the bound of the slot. */
  readonly row: (from: number, to: number) => void;
  /** Compares the slots of panel `a` with those of panel `b`: within the larger of both bounds. */
  readonly tile: (a: number, b: number) => void;
  private readonly numbers: PanelNumbers;
  /** The points, then the query. */
  private readonly words: Int32Array;
  private readonly query: number;
  /** One more for the query. */
  private readonly shifts: Float32Array | Int32Array;
  private readonly limits: Float32Array | Int32Array;

  constructor({ slots, precision = 'float32', simd = true, ...range }: PanelKernelOptions) {
    const numbers = precision === 'int16' ? integerNumbers(range) : floatNumbers(range);
    const Thresholds = precision === 'int16' ? Int32Array : Float32Array;
    this.numbers = numbers;
    this.panels = Math.ceil(slots / panelLanes);
    const { panels } = this;
    const { depth, never, unused } = numbers;
    const padded = panels * panelLanes;
    const sizes = [padded * depth + depth, padded, padded + 4, Math.max(panels, panelLanes)];
    const starts = sizes.map((_, part) => 4 * sizes.slice(0, part).reduce((sum, size) => sum + size, 0));
    const bytes = 4 * sizes.reduce((sum, size) => sum + size, 0);
    const memory = simd ? createMemory(bytes) : undefined;
    const buffer = memory?.buffer ?? new ArrayBuffer(bytes);
    this.words = new Int32Array(buffer, starts[0], sizes[0]);
    this.query = padded * depth;
    this.limits = new Thresholds(buffer, starts[1], sizes[1]).fill(never);
    this.shifts = new Thresholds(buffer, starts[2], sizes[2]);
    this.masks = new Int32Array(buffer, starts[3], sizes[3]);
    for (let slot = slots; slot < padded; slot++) {
      this.words[this.indexOf(slot)] = unused.word;
      this.shifts[slot] = unused.shift;
    }
    if (memory === undefined) {
      this.row = this.plainRow;
      this.tile = this.plainTile;
      return;
    }
    const module = compiled.get(precision) ?? compileModule(encodePanelCode(precision));
    compiled.set(precision, module);
    const { row, tile } = instantiate(module, memory);
    const [, limits, shifts, masks] = starts as [number, number, number, number];
    const query = this.query * 4;
    const stride = depth * panelLanes * 4;
    const line = panelLanes * 4;
    this.row = (from, to) =>
      row!(from * stride, to * stride, stride, limits + from * line, query, masks + from * 4, shifts + padded * 4);
    this.tile = (a, b) =>
      tile!(
        a * stride,
        b * stride,
        stride,
        shifts + a * line,
        limits + a * line,
        shifts + b * line,
        limits + b * line,
        masks,
      );
  }

  /** Puts the point from `values[start]` on into a slot; its bound has to be set anew. */
  setPoint(slot: number, values: Float32Array | Float64Array, start: number): void {
    this.shifts[slot] = this.numbers.place(this.words, this.indexOf(slot), panelLanes, values, start);
  }

  /** Sets the query of `row`. */
  setQuery(values: Float32Array | Float64Array, start: number): void {
    this.shifts[this.panels * panelLanes] = this.numbers.place(this.words, this.query, 1, values, start);
  }

  /** Makes the point in a slot the query of `row`. */
  setQueryToSlot(slot: number): void {
    const { words, query } = this;
    for (let j = 0, from = this.indexOf(slot); j < this.numbers.depth; j++, from += panelLanes) {
      words[query + j] = words[from]!;
    }
    this.shifts[this.panels * panelLanes] = this.shifts[slot]!;
  }

  /** Sets the squared distance up to which a slot is near; Infinity names all, a negative one nothing. */
  setBound(slot: number, squared: number): void {
    const { numbers } = this;
    this.limits[slot] = squared < 0 ? numbers.never : numbers.limit(this.shifts[slot]!, squared);
  }

  /** Puts the point and the bound of one slot into another. */
  copySlot(source: number, target: number): void {
    const { words } = this;
    let from = this.indexOf(source);
    let to = this.indexOf(target);
    for (let j = 0; j < this.numbers.depth; j++, from += panelLanes, to += panelLanes) words[to] = words[from]!;
    this.shifts[target] = this.shifts[source]!;
    this.limits[target] = this.limits[source]!;
  }

  private indexOf(slot: number): number {
    return (slot >> 5) * this.numbers.depth * panelLanes + (slot & 31);
  }

  private plainRow(from: number, to: number): void {
    const { limits, words, numbers, query } = this;
    const shift = this.shifts[this.panels * panelLanes]!;
    for (let panel = from; panel < to; panel++) {
      let mask = 0;
      for (let lane = 0; lane < panelLanes; lane++) {
        const slot = panel * panelLanes + lane;
        const product = numbers.product(words, query, 1, this.indexOf(slot), panelLanes);
        if (shift + limits[slot]! <= product) mask |= 1 << lane;
      }
      this.masks[panel] = mask;
    }
  }

  private plainTile(a: number, b: number): void {
    const { limits, shifts, words, numbers } = this;
    for (let lane = 0; lane < panelLanes; lane++) {
      const p = a * panelLanes + lane;
      let mask = 0;
      for (let other = 0; other < panelLanes; other++) {
        const q = b * panelLanes + other;
        const threshold = Math.min(shifts[p]! + limits[q]!, limits[p]! + shifts[q]!);
        const product = numbers.product(words, this.indexOf(p), panelLanes, this.indexOf(q), panelLanes);
        if (threshold <= product) mask |= 1 << other;
      }
      this.masks[lane] = mask;
    }
  }
}

const compiled = new Map<PanelPrecision, WasmModule>();
