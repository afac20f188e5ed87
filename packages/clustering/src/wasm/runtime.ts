/** A compiled module; can be posted to a worker thread. */
export type WasmModule = object;

/** A memory; `shared` ones hold a SharedArrayBuffer. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

/** The exported functions of an instance. */
export type WasmExports = Readonly<Record<string, (...values: number[]) => void>>;

// The type library for WebAssembly comes with the DOM, which these packages do not have.
interface WasmHost {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => WasmModule;
  readonly Memory: new (limits: { initial: number; maximum?: number; shared?: boolean }) => WasmMemory;
  readonly Instance: new (module: WasmModule, imports: object) => { readonly exports: WasmExports };
}

const host = (): WasmHost => (globalThis as unknown as { readonly WebAssembly: WasmHost }).WebAssembly;

const pageBytes = 65_536;

/** Compiles a module. Takes well under a millisecond for the kernels of this package. */
export function compileModule(bytes: Uint8Array<ArrayBuffer>): WasmModule {
  const { Module } = host();
  return new Module(bytes);
}

/**
 * A zeroed memory of at least `bytes`.
 *
 * @throws RangeError when the system cannot give that much; the address space ends at 4 GiB.
 */
export function createMemory(bytes: number, options: { readonly shared?: boolean } = {}): WasmMemory {
  const { Memory } = host();
  const initial = Math.ceil(bytes / pageBytes);
  return new Memory(options.shared ? { initial, maximum: 65_536, shared: true } : { initial });
}

/** Binds a module to a memory. */
export function instantiate(module: WasmModule, memory: WasmMemory): WasmExports {
  const { Instance } = host();
  return new Instance(module, { host: { memory } }).exports;
}
