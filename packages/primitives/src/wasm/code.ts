/**
 * WebAssembly machine code: the bytes of an expression or of a row of statements.
 *
 * Pieces are joined as arrays are: `[...first, ...second]`.
 *
 * @example
 * const seven: Code = i32.add(i32.constant(3), i32.constant(4));
 * seven // => [0x41, 3, 0x41, 4, 0x6a]
 */
export type Code = readonly number[];

/**
 * Types of parameters and local variables; an address is an `i32`, in bytes.
 *
 * @example
 * const params: Record<string, ValueType> = { from: 'i32', scale: 'f32' };
 */
export type ValueType = 'i32' | 'f32' | 'v128';

/**
 * A parameter or local variable of a function under construction; a local variable starts at 0.
 *
 * @example
 * const step = (at: Local): Code => at.set(i32.add(at.get, i32.constant(16)));
 */
export interface Local {
  /** Reads the variable. */
  readonly get: Code;
  /** Sets the variable; leaves nothing on the stack. */
  set(value: Code): Code;
  /** Sets the variable and leaves the value on the stack. */
  tee(value: Code): Code;
}

/** Encodes an unsigned integer as LEB128. */
export function unsigned(value: number): Code {
  const bytes: number[] = [];
  let rest = value >>> 0;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? low : low | 0x80);
  } while (rest !== 0);
  return bytes;
}

/** Encodes a signed 32-bit integer as LEB128. */
export function signed(value: number): Code {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

// The last number of a load or store is the binary logarithm of its natural alignment, a hint only.
const binary =
  (...opcode: Code) =>
  (a: Code, b: Code): Code => [...a, ...b, ...opcode];
const unary =
  (...opcode: Code) =>
  (a: Code): Code => [...a, ...opcode];
const load =
  (opcode: Code, align: number) =>
  (address: Code, offset = 0): Code => [...address, ...opcode, align, ...unsigned(offset)];
const store =
  (opcode: Code, align: number) =>
  (address: Code, value: Code, offset = 0): Code => [...address, ...value, ...opcode, align, ...unsigned(offset)];
const simd = (opcode: number): Code => [0xfd, ...unsigned(opcode)];
const simdBinary = (opcode: number) => binary(...simd(opcode));
const simdUnary = (opcode: number) => unary(...simd(opcode));

/**
 * 32-bit integer instructions.
 *
 * @example
 * i32.constant(-1) // => [0x41, 0x7f]
 */
export const i32 = {
  constant: (value: number): Code => [0x41, ...signed(value)],
  load: load([0x28], 2),
  store: store([0x36], 2),
  /** Stores the lowest byte. */
  store8: store([0x3a], 0),
  add: binary(0x6a),
  sub: binary(0x6b),
  mul: binary(0x6c),
  and: binary(0x71),
  or: binary(0x72),
  xor: binary(0x73),
  shl: binary(0x74),
  shrU: binary(0x76),
  eqz: unary(0x45),
  eq: binary(0x46),
  ne: binary(0x47),
  ltS: binary(0x48),
  ltU: binary(0x49),
  geU: binary(0x4f),
  /** `a` where the condition holds, else `b`; both are evaluated. */
  select: (a: Code, b: Code, condition: Code): Code => [...a, ...b, ...condition, 0x1b],
  /** The bits of a float32. */
  reinterpret: unary(0xbc),
} as const;

const floatConstant = (value: number): Code => [...new Uint8Array(new Float32Array([value]).buffer)];

/**
 * 32-bit float instructions; every one rounds to nearest even on every machine.
 *
 * @example
 * f32.constant(1) // => [0x43, 0, 0, 0x80, 0x3f]
 */
export const f32 = {
  constant: (value: number): Code => [0x43, ...floatConstant(value)],
  load: load([0x2a], 2),
  store: store([0x38], 2),
  add: binary(0x92),
  sub: binary(0x93),
  mul: binary(0x94),
  div: binary(0x95),
  min: binary(0x96),
  max: binary(0x97),
  lt: binary(0x5d),
  gt: binary(0x5e),
  le: binary(0x5f),
  convertU: unary(0xb3),
} as const;

/**
 * 128-bit instructions on four float32 or int32 lanes.
 *
 * @example
 * v128.load(i32.constant(0), 16) // => [0x41, 0, 0xfd, 0, 4, 16]
 */
export const v128 = {
  load: load(simd(0), 4),
  load32Splat: load(simd(9), 2),
  load16Splat: load(simd(8), 1),
  /** One float64 into both halves. */
  load64Splat: load(simd(10), 3),
  /** Eight int8, widened to int16. */
  load8Widened: load(simd(1), 3),
  /** Two float32 into the low half, zeros into the high one. */
  load64Zero: load(simd(93), 3),
  /** Two float32 into the low (0) or high (1) half of a vector. */
  load64Lane: (address: Code, vector: Code, half: 0 | 1, offset = 0): Code => [
    ...[...address, ...vector, ...simd(87), 3],
    ...[...unsigned(offset), half],
  ],
  store: store(simd(11), 4),
  /** Stores the low (0) or high (1) half. */
  store64Lane: (address: Code, vector: Code, half: 0 | 1, offset = 0): Code => [
    ...[...address, ...vector, ...simd(91), 3],
    ...[...unsigned(offset), half],
  ],
  /** Stores one of the four 32-bit lanes. */
  store32Lane: (address: Code, vector: Code, lane: 0 | 1 | 2 | 3, offset = 0): Code => [
    ...[...address, ...vector, ...simd(90), 2],
    ...[...unsigned(offset), lane],
  ],
  zero: [...simd(12), ...new Array<number>(16).fill(0)] as Code,
  and: simdBinary(78),
  /** `a` without the bits of `b`. */
  andNot: simdBinary(79),
  or: simdBinary(80),
  xor: simdBinary(81),
  /** The bits of `a` where those of `mask` are 1, else those of `b`. */
  select: (a: Code, b: Code, mask: Code): Code => [...a, ...b, ...mask, ...simd(82)],
  /** Picks four of the eight lanes of two vectors. */
  shuffle: (a: Code, b: Code, lanes: readonly [number, number, number, number]): Code => [
    ...[...a, ...b, ...simd(13)],
    ...lanes.flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3]),
  ],
} as const;

/**
 * Instructions on four int32 lanes; a comparison gives -1 where it holds, else 0.
 *
 * @example
 * i32x4.splat(i32.constant(7)) // => [0x41, 7, 0xfd, 17]
 */
export const i32x4 = {
  splat: simdUnary(17),
  constant: (lanes: readonly [number, number, number, number]): Code => [
    ...simd(12),
    ...new Uint8Array(new Int32Array(lanes).buffer),
  ],
  lane: (value: Code, index: number): Code => [...value, ...simd(27), index],
  add: simdBinary(174),
  sub: simdBinary(177),
  mul: simdBinary(181),
  shl: (value: Code, bits: number): Code => [...value, ...i32.constant(bits), ...simd(171)],
  shrS: (value: Code, bits: number): Code => [...value, ...i32.constant(bits), ...simd(172)],
  shrU: (value: Code, bits: number): Code => [...value, ...i32.constant(bits), ...simd(173)],
  ltS: simdBinary(57),
  leS: simdBinary(61),
  /** The signs of the lanes as four bits, the first lane in the lowest. */
  mask: simdUnary(164),
  minS: simdBinary(182),
  /** Sums of the products of each two 16-bit halves of a lane, signed. */
  dotPairs: simdBinary(186),
  /** 64-bit products of the two low (high) lanes, unsigned. */
  wideLow: simdBinary(222),
  wideHigh: simdBinary(223),
} as const;

/**
 * Instructions on eight 16-bit lanes.
 *
 * @example
 * i16x8.minU(v128.zero, v128.zero).slice(-3) // => [0xfd, 0x97, 1]
 */
export const i16x8 = {
  /** The lanes of two vectors of int32, saturating. */
  narrowSigned: simdBinary(133),
  narrowUnsigned: simdBinary(134),
  minU: simdBinary(151),
  leU: simdBinary(52),
  /** The low (high) four lanes as int32. */
  widenLow: simdUnary(167),
  widenHigh: simdUnary(168),
  /** The low four lanes of two vectors in turns. */
  interleaveLow: (a: Code, b: Code): Code => [
    ...[...a, ...b, ...simd(13)],
    ...[0, 2, 4, 6].flatMap((at) => [at, at + 1, 16 + at, 16 + at + 1]),
  ],
  /** One bit for each lane of two vectors that hold 0 or -1, the first one in the lowest bits. */
  joinedMask: (a: Code, b: Code): Code => [...a, ...b, ...simd(101), ...simd(100)],
} as const;

/**
 * Instructions on four float32 lanes; a comparison gives -1 where it holds, else 0.
 *
 * @example
 * f32x4.splat(f32.constant(1)).slice(-2) // => [0xfd, 19]
 */
export const f32x4 = {
  splat: simdUnary(19),
  constant: (value: number): Code => {
    const lane = floatConstant(value);
    return [...simd(12), ...lane, ...lane, ...lane, ...lane];
  },
  lane: (value: Code, index: number): Code => [...value, ...simd(31), index],
  floor: simdUnary(104),
  /** To the nearest integer, ties to even. */
  nearest: simdUnary(106),
  /** Toward zero, saturating. */
  toInteger: simdUnary(248),
  fromInteger: simdUnary(250),
  abs: simdUnary(224),
  sqrt: simdUnary(227),
  add: simdBinary(228),
  sub: simdBinary(229),
  mul: simdBinary(230),
  div: simdBinary(231),
  min: simdBinary(232),
  max: simdBinary(233),
  le: simdBinary(69),
} as const;

/**
 * Instructions on two float64 lanes.
 *
 * @example
 * f64x2.promoteLow(v128.zero).slice(-2) // => [0xfd, 95]
 */
export const f64x2 = {
  /** The two low float32 lanes, widened. */
  promoteLow: simdUnary(95),
  /** Both lanes narrowed to float32 in the low half, zeros in the high one. */
  demote: simdUnary(94),
  /** The two low int32 lanes. */
  fromIntegerLow: simdUnary(254),
  add: simdBinary(240),
  sub: simdBinary(241),
  mul: simdBinary(242),
} as const;

/**
 * Loops, branches and conditions; nothing is left on the stack after these.
 *
 * @example
 * const countTo10 = (i: Local): Code =>
 *   flow.loop([...i.set(i32.add(i.get, i32.constant(1))), ...flow.branchIf(0, i32.ltU(i.get, i32.constant(10)))]);
 */
export const flow = {
  /** Runs `body` again and again until it does not reach `again`. */
  loop: (body: Code): Code => [0x03, 0x40, ...body, 0x0b],
  block: (body: Code): Code => [0x02, 0x40, ...body, 0x0b],
  if: (condition: Code, body: Code): Code => [...condition, 0x04, 0x40, ...body, 0x0b],
  /** Jumps to the start of the loop, or the end of the block, `depth` levels out. */
  branchIf: (depth: number, condition: Code): Code => [...condition, 0x0d, ...unsigned(depth)],
  branch: (depth: number): Code => [0x0c, ...unsigned(depth)],
} as const;
