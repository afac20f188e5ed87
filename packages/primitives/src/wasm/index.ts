export {
  type Code,
  f32,
  f32x4,
  f64x2,
  flow,
  i16x8,
  i32,
  i32x4,
  type Local,
  type ValueType,
  v128,
} from './code.js';
export { defineFunction, encodeModule, type FunctionDefinition } from './module.js';
export {
  type BorrowedMemory,
  borrowMemory,
  compileModule,
  compileOnce,
  createMemory,
  instantiate,
  type WasmExports,
  type WasmMemory,
  type WasmModule,
} from './runtime.js';
