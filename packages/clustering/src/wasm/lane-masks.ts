import { type Code, f32x4, i32, i32x4 } from '@matome/primitives/wasm';

/** One bit for each lane where `a <= b`; lanes that hold NaN give 0. */
export function lessOrEqualMask(a: Code, b: Code): Code {
  return i32x4.mask(f32x4.le(a, b));
}

/** One bit for each lane of signed integers where `a <= b`. */
export function lessOrEqualIntegerMask(a: Code, b: Code): Code {
  return i32x4.mask(i32x4.leS(a, b));
}

/** Joins the 4-bit masks of consecutive vectors, the first one in the lowest bits. */
export function joinMasks(masks: readonly Code[]): Code {
  return masks
    .map((mask, index) => (index === 0 ? mask : i32.shl(mask, i32.constant(4 * index))))
    .reduce((joined, mask) => i32.or(joined, mask));
}
