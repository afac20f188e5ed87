import { encodePanelCode, panelLanes, unroll } from './panel-code.js';
import { compileModule, createMemory, instantiate, type WasmModule } from './runtime.js';

export { panelLanes } from './panel-code.js';

/** Options of `PanelKernel`. */
export interface PanelKernelOptions {
  readonly cols: number;
  /** Number of points. */
  readonly slots: number;
  /** Subtracted from every point: products lose what points far from the origin have in common. */
  readonly centre: ArrayLike<number>;
  /** Largest absolute coordinate after subtracting the centre. */
  readonly largest: number;
  /** False keeps to plain JavaScript. @default true */
  readonly simd?: boolean;
}

/** Unit roundoff of float32. */
const unit = 2 ** -24;
/** Keeps thresholds right where float32 products vanish. */
const vanishing = 1e-38;

/**
 * Tells which of many wide points lie within a squared distance of each other.
 *
 * Points stand in panels of 32 slots, moved and scaled for float32; bounds are given in the units of the data. Distances
 * come from float32 products with all their rounding allowed for: what is named is a superset of what lies within the
 * bound, to be checked in float64. With vectors about 10 billion products a second on one core of an AMD EPYC.
 */
export class PanelKernel {
  readonly panels: number;
  /** `row`: one mask for each panel. `tile`: one mask for each slot of the first panel. Bit i stands for slot i. */
  readonly masks: Int32Array;
  /** Compares the query with the points of panels `from .. to - 1`: within the bound of the slot. */
  readonly row: (from: number, to: number) => void;
  /** Compares the slots of panel `a` with those of panel `b`: within the larger of both bounds. */
  readonly tile: (a: number, b: number) => void;
  private readonly cols: number;
  private readonly depth: number;
  private readonly scale: number;
  private readonly centre: ArrayLike<number>;
  private readonly points: Float32Array;
  private readonly query: Float32Array;
  /** Half the squared length of each point, less the rounding; one more for the query. */
  private readonly shifts: Float32Array;
  /** Shift less half the bound: a pair is near when its product reaches a shift and a limit together. */
  private readonly limits: Float32Array;

  constructor({ cols, slots, centre, largest, simd = true }: PanelKernelOptions) {
    this.cols = cols;
    this.centre = centre;
    this.scale = largest > 0 ? 2 ** -Math.ceil(Math.log2(largest)) : 1;
    this.panels = Math.ceil(slots / panelLanes);
    this.depth = Math.max(unroll, Math.ceil(cols / unroll) * unroll);
    const { panels, depth } = this;
    const padded = panels * panelLanes;
    const sizes = [padded * depth, padded, padded + 4, depth, Math.max(panels, panelLanes)];
    const starts = sizes.map((_, part) => 4 * sizes.slice(0, part).reduce((sum, size) => sum + size, 0));
    const bytes = 4 * sizes.reduce((sum, size) => sum + size, 0);
    const memory = simd ? createMemory(bytes) : undefined;
    const buffer = memory?.buffer ?? new ArrayBuffer(bytes);
    this.points = new Float32Array(buffer, starts[0], sizes[0]);
    this.limits = new Float32Array(buffer, starts[1], sizes[1]).fill(Number.POSITIVE_INFINITY);
    this.shifts = new Float32Array(buffer, starts[2], sizes[2]);
    this.query = new Float32Array(buffer, starts[3], sizes[3]);
    this.masks = new Int32Array(buffer, starts[4], sizes[4]);
    // Unused slots hold NaN, which no comparison names.
    for (let slot = slots; slot < padded; slot++) this.points[this.indexOf(slot)] = Number.NaN;
    if (memory === undefined) {
      this.row = this.plainRow;
      this.tile = this.plainTile;
      return;
    }
    const module = compiled.get('panel') ?? compileModule(encodePanelCode());
    compiled.set('panel', module);
    const { row, tile } = instantiate(module, memory);
    const [, limits, shifts, query, masks] = starts as [number, number, number, number, number];
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
    this.shifts[slot] = this.place(this.points, this.indexOf(slot), panelLanes, values, start);
  }

  /** Sets the query of `row`. */
  setQuery(values: Float32Array | Float64Array, start: number): void {
    this.shifts[this.panels * panelLanes] = this.place(this.query, 0, 1, values, start);
  }

  /** Sets the squared distance up to which a slot is near; Infinity names all, a negative one nothing. */
  setBound(slot: number, squared: number): void {
    this.limits[slot] =
      squared < 0
        ? Number.POSITIVE_INFINITY
        : this.shifts[slot]! - 0.5 * squared * this.scale * this.scale * (1 + 16 * unit) - vanishing;
  }

  /** Puts the point and the bound of one slot into another. */
  copySlot(source: number, target: number): void {
    let from = this.indexOf(source);
    let to = this.indexOf(target);
    for (let j = 0; j < this.depth; j++, from += panelLanes, to += panelLanes) this.points[to] = this.points[from]!;
    this.shifts[target] = this.shifts[source]!;
    this.limits[target] = this.limits[source]!;
  }

  private indexOf(slot: number): number {
    return (slot >> 5) * this.depth * panelLanes + (slot & 31);
  }

  /** Writes a moved and scaled point; returns its shift. */
  private place(
    target: Float32Array,
    first: number,
    step: number,
    values: Float32Array | Float64Array,
    start: number,
  ): number {
    const { cols, centre, scale } = this;
    let squares = 0;
    for (let j = 0, at = first; j < cols; j++, at += step) {
      target[at] = (values[start + j]! - centre[j]!) * scale;
      squares += target[at]! * target[at]!;
    }
    return 0.5 * squares * (1 - (cols + 16) * unit) - vanishing;
  }

  private plainRow(from: number, to: number): void {
    const shift = this.shifts[this.panels * panelLanes]!;
    for (let panel = from; panel < to; panel++) {
      let mask = 0;
      for (let lane = 0; lane < panelLanes; lane++) {
        const slot = panel * panelLanes + lane;
        if (shift + this.limits[slot]! <= this.product(this.query, 0, 1, slot)) mask |= 1 << lane;
      }
      this.masks[panel] = mask;
    }
  }

  private plainTile(a: number, b: number): void {
    const { limits, shifts } = this;
    for (let lane = 0; lane < panelLanes; lane++) {
      const p = a * panelLanes + lane;
      let mask = 0;
      for (let other = 0; other < panelLanes; other++) {
        const q = b * panelLanes + other;
        const threshold = Math.min(shifts[p]! + limits[q]!, limits[p]! + shifts[q]!);
        if (threshold <= this.product(this.points, this.indexOf(p), panelLanes, q)) mask |= 1 << other;
      }
      this.masks[lane] = mask;
    }
  }

  private product(from: Float32Array, first: number, step: number, slot: number): number {
    let sum = 0;
    let at = this.indexOf(slot);
    for (let j = 0, own = first; j < this.depth; j++, own += step, at += panelLanes)
      sum += from[own]! * this.points[at]!;
    return sum;
  }
}

const compiled = new Map<string, WasmModule>();
