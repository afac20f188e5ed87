import { type Code, f32x4, i32, i32x4, type Local, v128 } from '@matome/primitives/wasm';

/** Coefficients of r in log2(1 + f) = f (1 + (1 - f) r(f)), least squares on [0, 1]; largest error 1.6e-5. */
const logarithm = [0.44191697, -0.26717883, 0.14842537, -0.04514822];
/** Coefficients of r in 2^f = 1 + f (1 + (1 - f) r(f)), least squares on [0, 1]; largest error 4.5e-6. */
const exponential = [-0.30699512, -0.06545551, -0.01368946];

/** Variables of `powerOf`. */
export interface PowerVariables {
  readonly exponent: Local;
  readonly fraction: Local;
}

/**
 * Four positive float32 raised to one power, to a relative 2e-5 and with the same bits on every machine.
 *
 * @param value - read twice.
 */
export function powerOf(value: Local, power: Code, v: PowerVariables): Code {
  const mantissaBits = v128.or(
    v128.and(value.get, i32x4.constant([0x7fffff, 0x7fffff, 0x7fffff, 0x7fffff])),
    f32x4.constant(1),
  );
  const whole = f32x4.fromInteger(i32x4.sub(i32x4.shrU(value.get, 23), i32x4.constant([127, 127, 127, 127])));
  const product = f32x4.mul(power, f32x4.add(v.exponent.get, correctedFraction(v.fraction, logarithm)));
  const bits = i32x4.shl(i32x4.add(f32x4.toInteger(v.exponent.get), i32x4.constant([127, 127, 127, 127])), 23);
  return [
    ...v.exponent.set(whole),
    ...v.fraction.set(f32x4.sub(mantissaBits, f32x4.constant(1))),
    ...v.fraction.set(product),
    ...v.exponent.set(f32x4.floor(v.fraction.get)),
    ...v.fraction.set(f32x4.sub(v.fraction.get, v.exponent.get)),
    ...f32x4.mul(bits, f32x4.add(f32x4.constant(1), correctedFraction(v.fraction, exponential))),
  ];
}

/** f (1 + (1 - f) r(f)): exact at 0 and 1, so that neighbouring octaves meet. */
function correctedFraction(fraction: Local, coefficients: readonly number[]): Code {
  const series = coefficients
    .map((value) => f32x4.constant(value))
    .reduceRight((sum, coefficient) => f32x4.add(coefficient, f32x4.mul(fraction.get, sum)));
  const rest = f32x4.mul(f32x4.sub(f32x4.constant(1), fraction.get), series);
  return f32x4.mul(fraction.get, f32x4.add(f32x4.constant(1), rest));
}

/** Steps four xorshift generators. */
export function stepRandom(state: Local): Code {
  return [
    ...state.set(v128.xor(state.get, i32x4.shl(state.get, 13))),
    ...state.set(v128.xor(state.get, i32x4.shrU(state.get, 17))),
    ...state.set(v128.xor(state.get, i32x4.shl(state.get, 5))),
  ];
}

/** Seeds four generators from the row and the epoch, so that threads need no common stream. */
export function seedRandom(state: Local, row: Code, epochSeed: Code): Code {
  const spread = (value: Code, factor: number): Code => [
    ...state.set(i32x4.mul(value, i32x4.splat(i32.constant(factor)))),
    ...state.set(v128.xor(state.get, i32x4.shrU(state.get, 15))),
  ];
  const lanes = i32x4.constant([0, 0x3c6ef372, 0x78dde6e4, -0x4ab325aa]);
  const rowSeed = i32x4.splat(i32.mul(row, i32.constant(0x9e3779b1)));
  const mixed = i32x4.add(rowSeed, i32x4.add(i32x4.splat(epochSeed), lanes));
  return [...spread(mixed, 0x21f0aaad), ...spread(state.get, 0x735a2d97)];
}
