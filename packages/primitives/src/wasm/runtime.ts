import { checkNumber } from '../options/index.js';

/**
 * A compiled module; can be posted to a worker thread.
 *
 * @example
 * const module: WasmModule = compileModule(encodeModule([]));
 */
export type WasmModule = object;

/**
 * A memory; `shared` ones hold a SharedArrayBuffer.
 *
 * @example
 * const memory: WasmMemory = createMemory(64);
 * new Float32Array(memory.buffer, 0, 2) // => [0, 0]
 */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

/**
 * The exported functions of an instance, by name.
 *
 * @example
 * const exported: WasmExports = instantiate(compileModule(encodeModule([])), createMemory(0));
 * Object.keys(exported) // => []
 */
export type WasmExports = Readonly<Record<string, (...values: number[]) => void>>;

// The type library for WebAssembly comes with the DOM, which these packages do not have.
interface WasmHost {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => WasmModule;
  readonly Memory: new (limits: { initial: number; maximum?: number; shared?: boolean }) => WasmMemory;
  readonly Instance: new (module: WasmModule, imports: object) => { readonly exports: unknown };
}

const host = (): WasmHost => (globalThis as unknown as { readonly WebAssembly: WasmHost }).WebAssembly;

const pageBytes = 65_536;
const mostPages = 65_536;

/**
 * Compiles a module.
 *
 * @throws CompileError of WebAssembly when the bytes are no valid module: a value of the wrong type, or one too many.
 * @remarks Takes well under a millisecond for a kernel of a few hundred instructions.
 * @example
 * const empty = compileModule(encodeModule([]));
 */
export function compileModule(bytes: Uint8Array<ArrayBuffer>): WasmModule {
  const { Module } = host();
  return new Module(bytes);
}

/** By the functions that write them. */
const compiled = new WeakMap<() => Uint8Array<ArrayBuffer>, WasmModule>();

/**
 * Compiles what `encode` writes at the first call with that function, and remembers the module.
 *
 * @param encode - a function of a file, not one made for the call; writes the same bytes whenever it is called.
 * @throws CompileError of WebAssembly when the bytes are no valid module.
 * @example
 * const nothing = () => encodeModule([]);
 * compileOnce(nothing) === compileOnce(nothing) // => true
 */
export function compileOnce(encode: () => Uint8Array<ArrayBuffer>): WasmModule {
  const module = compiled.get(encode) ?? compileModule(encode());
  compiled.set(encode, module);
  return module;
}

/**
 * A zeroed memory of at least `bytes`, in whole pages of 64 KiB.
 *
 * @param bytes - up to 4 GiB, where the address space ends.
 * @param options - `shared` gives a memory that several threads see.
 * @throws RangeError when `bytes` is above 4 GiB, or the system cannot give that much.
 * @example
 * createMemory(100).buffer.byteLength // => 65536
 */
export function createMemory(bytes: number, options: { readonly shared?: boolean } = {}): WasmMemory {
  checkNumber('createMemory', 'bytes', bytes, { min: 0, max: mostPages * pageBytes });
  const { Memory } = host();
  const initial = Math.ceil(bytes / pageBytes);
  return new Memory(options.shared ? { initial, maximum: mostPages, shared: true } : { initial });
}

/**
 * A memory on loan.
 *
 * @example
 * const loan: BorrowedMemory = borrowMemory(64);
 * loan.giveBack();
 */
export interface BorrowedMemory {
  readonly memory: WasmMemory;
  /** Lets the next borrower have it; nobody may touch the memory afterwards. */
  giveBack(): void;
}

/** What was given back last; the garbage collector may take it. */
let spare: WeakRef<WasmMemory> | undefined;

/**
 * A memory of at least `bytes` that holds anything: the one that was given back last when it is large enough, a new one
 * otherwise.
 *
 * @param bytes - up to 4 GiB, where the address space ends.
 * @throws RangeError when `bytes` is above 4 GiB, or the system cannot give that much.
 * @remarks A new page costs the system about a microsecond when it is first written to: 3 ms for 10 MB, which a repeated
 * call saves. What is never given back is collected like any memory.
 * @example
 * const first = borrowMemory(100);
 * first.giveBack();
 * borrowMemory(50).memory === first.memory // => true
 */
export function borrowMemory(bytes: number): BorrowedMemory {
  const held = spare?.deref();
  const fits = held !== undefined && held.buffer.byteLength >= bytes;
  const memory = fits ? held : createMemory(bytes);
  if (fits) spare = undefined;
  let lent = true;
  return {
    memory,
    giveBack() {
      if (lent) spare = new WeakRef(memory);
      lent = false;
    },
  };
}

/**
 * Binds a module to a memory.
 *
 * @typeParam T - what the module exports; nothing checks it.
 * @throws LinkError of WebAssembly when only one of module and memory is shared.
 * @example
 * const fill = defineFunction('fill', { at: 'i32', value: 'f32' }, {}, (v) => f32.store(v.at.get, v.value.get));
 * const memory = createMemory(4);
 * instantiate<{ fill(at: number, value: number): void }>(compileModule(encodeModule([fill])), memory).fill(0, 2.5);
 * [...new Float32Array(memory.buffer, 0, 1)] // => [2.5]
 */
export function instantiate<T = WasmExports>(module: WasmModule, memory: WasmMemory): T {
  const { Instance } = host();
  return new Instance(module, { host: { memory } }).exports as T;
}
