// Just enough of the WebAssembly binary format for loops over vectors of four values.

/** Codes of the value types. */
export const [i32, f32, v128] = [0x7f, 0x7d, 0x7b] as const;

/** Pushes a local. */
export const get = (local: number): number[] => [0x20, local];

/** Pops into a local. */
export const set = (local: number): number[] => [0x21, local];

/** A vector instruction. */
export const simd = (opcode: number): number[] => [
  0xfd,
  ...(opcode < 128 ? [opcode] : [(opcode & 0x7f) | 0x80, opcode >> 7]),
];

const at = (base: number, index: number) => [...get(base), ...get(index), 0x6a];

/** Pushes the vector at base + index. */
export const load = (base: number, index: number): number[] => [...at(base, index), ...simd(0), 4, 0];

/** Writes a vector to base + index + offset. */
export const store = (base: number, index: number, value: readonly number[], offset = 0): number[] => [
  ...at(base, index),
  ...value,
  ...simd(11),
  4,
  offset,
];

/** Runs a body for index = 0, stride, 2 · stride … below the length; the length must not be 0. */
export const loop = (index: number, length: number, body: readonly number[], stride = 16): number[] => [
  ...[0x03, 0x40, ...body],
  ...[...get(index), 0x41, stride, 0x6a, 0x22, index, ...get(length), 0x49, 0x0d, 0, 0x0b],
];

function unsigned(value: number): number[] {
  const low = value & 0x7f;
  const rest = value >>> 7;
  return rest === 0 ? [low] : [low | 0x80, ...unsigned(rest)];
}

const vector = (items: readonly (readonly number[])[]) => [...unsigned(items.length), ...items.flat()];
const section = (id: number, content: readonly number[]) => [id, ...unsigned(content.length), ...content];
const text = (value: string) => [value.length, ...new TextEncoder().encode(value)];
/** A function; its locals are runs of one type: count, type. */
export const body = (
  locals: readonly (readonly [count: number, type: number])[],
  code: readonly number[],
): number[] => {
  const content = [...vector(locals), ...code, 0x0b];
  return [...unsigned(content.length), ...content];
};

/** A function that a module gives out. */
export interface WasmFunction {
  readonly name: string;
  /** Types of the parameters. */
  readonly parameters: readonly number[];
  /** Types of the results. */
  readonly results: readonly number[];
  /** What `body` made. */
  readonly body: readonly number[];
}

function moduleBytes(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters, results }) => [
    0x60,
    ...vector(parameters.map((t) => [t])),
    ...vector(results.map((t) => [t])),
  ]);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(types)),
    ...section(2, vector([[...text('e'), ...text('memory'), 0x02, 0x00, 1]])),
    ...section(3, vector(functions.map((_, i) => [i]))),
    ...section(7, vector(functions.map(({ name }, i) => [...text(name), 0x00, i]))),
    ...section(10, vector(functions.map((each) => each.body))),
  ]);
}

// The type library for WebAssembly comes with the DOM, which this package does not have.
interface WasmHost {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Memory: new (limits: { initial: number }) => WasmMemory;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

const host = (): WasmHost => (globalThis as unknown as { readonly WebAssembly: WasmHost }).WebAssembly;

/** Zeroed bytes that a kernel works on. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

/** A memory of at least so many bytes; the address space ends at 4 GiB. */
export function createWasmMemory(bytes: number): WasmMemory {
  const { Memory } = host();
  return new Memory({ initial: Math.ceil(bytes / 65_536) });
}

/**
 * Compiles functions over a memory.
 *
 * @see https://webassembly.github.io/spec/core/binary/
 */
export function compileWasm<T>(functions: readonly WasmFunction[], memory: WasmMemory): T {
  const { Module, Instance } = host();
  return new Instance(new Module(moduleBytes(functions)), { e: { memory } }).exports as T;
}
