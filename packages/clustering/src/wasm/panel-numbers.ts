/** Points of a panel, one bit of a mask each. */
export const panelLanes = 32;
/** Words that an iteration of the inner loops takes. */
export const unroll = 4;

/** How coordinates are held: as float32, or scaled to 16-bit integers, two in a word, which multiply twice as fast. */
export type PanelPrecision = 'float32' | 'int16';

/** What the points of a panel kernel have in common. */
export interface PanelRange {
  readonly cols: number;
  /** Subtracted from every point: products lose what points far from the origin have in common. */
  readonly centre: ArrayLike<number>;
  /** Largest absolute coordinate after subtracting the centre. */
  readonly largest: number;
}

/**
 * The numbers of a panel kernel: how points are written, and which products make a pair near.
 *
 * A pair is near when its product reaches the shift of one point and the limit of the other together. A shift is half a
 * squared length, a limit that less half the squared bound, with all rounding allowed for.
 */
export interface PanelNumbers {
  /** 32-bit words of a point. */
  readonly depth: number;
  /** Limit of a slot that is never named. */
  readonly never: number;
  /** What unused slots hold: with it they are never named either. */
  readonly unused: { readonly word: number; readonly shift: number };
  /** Writes a point whose words lie `step` apart from word `first` on; returns its shift. */
  place(words: Int32Array, first: number, step: number, values: ArrayLike<number>, start: number): number;
  /** The limit of a point with that shift for a squared distance of at least 0. */
  limit(shift: number, squared: number): number;
  /** Inner product of two points given by their first words and steps, as the kernel computes it or exactly. */
  product(words: Int32Array, a: number, stepA: number, b: number, stepB: number): number;
}

const paddedDepth = (words: number) => Math.max(unroll, Math.ceil(words / unroll) * unroll);

/** Unit roundoff of float32. */
const unit = 2 ** -24;
/** Keeps thresholds right where float32 products vanish. */
const vanishing = 1e-38;
const quietNaN = 0x7fc00000;

/** Numbers moved and scaled for float32. */
export function floatNumbers({ cols, centre, largest }: PanelRange): PanelNumbers {
  const depth = paddedDepth(cols);
  const scale = largest > 0 ? 2 ** -Math.ceil(Math.log2(largest)) : 1;
  const floats = new WeakMap<ArrayBufferLike, Float32Array>();
  const view = (words: Int32Array) => {
    const known = floats.get(words.buffer);
    if (known) return known;
    const made = new Float32Array(words.buffer, words.byteOffset, words.length);
    floats.set(words.buffer, made);
    return made;
  };
  return {
    depth,
    never: Number.POSITIVE_INFINITY,
    // No comparison with NaN holds.
    unused: { word: quietNaN, shift: 0 },
    place(words, first, step, values, start) {
      const target = view(words);
      let squares = 0;
      for (let j = 0, at = first; j < cols; j++, at += step) {
        target[at] = (values[start + j]! - centre[j]!) * scale;
        squares += target[at]! * target[at]!;
      }
      return 0.5 * squares * (1 - (cols + 16) * unit) - vanishing;
    },
    limit: (shift, squared) => shift - 0.5 * squared * scale * scale * (1 + 16 * unit) - vanishing,
    product(words, a, stepA, b, stepB) {
      const target = view(words);
      let sum = 0;
      for (let j = 0, p = a, q = b; j < depth; j++, p += stepA, q += stepB) sum += target[p]! * target[q]!;
      return sum;
    },
  };
}

/** No squared length and no product of integers is larger. */
const largestProduct = 2 ** 29;
/** Coordinates scaled to fewer steps than this, in the root mean square, are too coarse. */
const fewestSteps = 200;

/** The largest integer that a coordinate may become. */
const largestInteger = (cols: number) => Math.min(2 ** 15 - 2, Math.floor(Math.sqrt(largestProduct / cols)) - 2);

/**
 * Numbers moved and scaled to integers: products are exact, and a point lies within half a step a coordinate of itself.
 *
 * Every coordinate ever placed must be within `largest`.
 */
export function integerNumbers({ cols, centre, largest }: PanelRange): PanelNumbers {
  const depth = paddedDepth(Math.ceil(cols / 2));
  const scale = largest > 0 ? largestInteger(cols) / largest : 1;
  // Two points are off by half the diagonal of a step each.
  const slack = Math.sqrt(cols) * (1 + 1e-6);
  const least = -1.5 * largestProduct - 2;
  const middle = Float64Array.from(centre);
  const whole = 2 ** 16;
  const offset = whole + 0.5;
  return {
    depth,
    never: largestProduct + 1,
    // Beside any limit more than the product, which is 0.
    unused: { word: 0, shift: -least + 1 },
    place(words, first, step, values, start) {
      let squares = 0;
      let at = first;
      // To the nearest integer: a positive number is truncated faster than any is rounded.
      for (let j = 1; j < cols; j += 2, at += step) {
        const low = (((values[start + j - 1]! - middle[j - 1]!) * scale + offset) | 0) - whole;
        const high = (((values[start + j]! - middle[j]!) * scale + offset) | 0) - whole;
        words[at] = (high << 16) | (low & 0xffff);
        squares = (squares + Math.imul(low, low) + Math.imul(high, high)) | 0;
      }
      if (cols % 2 === 1) {
        const last = (((values[start + cols - 1]! - middle[cols - 1]!) * scale + offset) | 0) - whole;
        words[at] = last & 0xffff;
        squares += last * last;
      }
      return squares >> 1;
    },
    limit(shift, squared) {
      const bound = Math.sqrt(squared) * scale + slack;
      return Math.max(least, Math.floor(shift - 0.5 * bound * bound) - 1);
    },
    product(words, a, stepA, b, stepB) {
      let sum = 0;
      for (let j = 0, p = a, q = b; j < depth; j++, p += stepA, q += stepB) {
        const x = words[p]!;
        const y = words[q]!;
        sum += ((x << 16) >> 16) * ((y << 16) >> 16) + (x >> 16) * (y >> 16);
      }
      return sum;
    },
  };
}

/**
 * Whether integers tell points apart that float32 does: single coordinates far larger than the others would leave these
 * few steps.
 *
 * @param meanSquare - of all coordinates after subtracting the centre.
 */
export function integersSuffice({ cols, largest }: PanelRange, meanSquare: number): boolean {
  return largest > 0 && (largestInteger(cols) * Math.sqrt(meanSquare)) / largest >= fewestSteps;
}
