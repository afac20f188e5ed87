import { type Code, type Local, unsigned, type ValueType } from './code.js';

type Variables = Readonly<Record<string, ValueType>>;
type Locals<P extends Variables, L extends Variables> = { readonly [K in keyof P | keyof L]: Local };

/**
 * An exported function.
 *
 * @example
 * const kernel: FunctionDefinition = defineFunction('nothing', { from: 'i32' }, {}, () => []);
 * kernel.params // => ['i32']
 */
export interface FunctionDefinition {
  /** In ASCII. */
  readonly name: string;
  readonly params: readonly ValueType[];
  readonly locals: readonly ValueType[];
  /** Type of what `body` leaves on the stack; absent if that is nothing. */
  readonly result?: ValueType;
  readonly body: Code;
}

const typeCode: Readonly<Record<ValueType, number>> = { i32: 0x7f, f32: 0x7d, v128: 0x7b };

/**
 * Builds a function from named, typed parameters and locals; `body` receives them as variables.
 *
 * @param name - under which the module exports it, in ASCII.
 * @param body - leaves a value of the type `result` on the stack, nothing without one.
 * @throws TypeError when a parameter and a local share a name.
 * @example
 * const sum = defineFunction('sum', { a: 'f32', b: 'f32' }, {}, (v) => f32.add(v.a.get, v.b.get), 'f32');
 * const { sum: add } = instantiate<{ sum(a: number, b: number): number }>(
 *   compileModule(encodeModule([sum])),
 *   createMemory(0),
 * );
 * add(1.5, 2) // => 3.5
 */
export function defineFunction<P extends Variables, L extends Variables>(
  name: string,
  params: P,
  locals: L,
  body: (variables: Locals<P, L>) => Code,
  result?: ValueType,
): FunctionDefinition {
  const names = [...Object.keys(params), ...Object.keys(locals)];
  if (new Set(names).size !== names.length) throw new TypeError(`The function ${name} names a variable twice.`);
  const variables = Object.fromEntries(names.map((key, index) => [key, localVariable(index)]));
  return {
    name,
    params: Object.values(params),
    locals: Object.values(locals),
    result,
    body: body(variables as Locals<P, L>),
  };
}

function localVariable(index: number): Local {
  const at = unsigned(index);
  return {
    get: [0x20, ...at],
    set: (value) => [...value, 0x21, ...at],
    tee: (value) => [...value, 0x22, ...at],
  };
}

const ascii = (text: string): Code => [...unsigned(text.length), ...Array.from(text, (char) => char.charCodeAt(0))];
const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content];

/**
 * Encodes a module that imports its memory as `host.memory` and exports the functions.
 *
 * @param options - `shared` asks for a memory that several threads see.
 * @remarks Functions cannot call each other; share a piece of `Code` instead.
 * @example
 * const double = defineFunction('double', { at: 'i32' }, {}, (v) =>
 *   v128.store(v.at.get, f32x4.mul(v128.load(v.at.get), f32x4.constant(2))),
 * );
 * const memory = createMemory(16);
 * const values = new Float32Array(memory.buffer, 0, 4);
 * values.set([1, 2, 3, 4]);
 * instantiate(compileModule(encodeModule([double])), memory).double!(0);
 * [...values] // => [2, 4, 6, 8]
 * @see WebAssembly Core Specification 2.0, https://www.w3.org/TR/wasm-core-2/
 */
export function encodeModule(
  functions: readonly FunctionDefinition[],
  options: { readonly shared?: boolean } = {},
): Uint8Array<ArrayBuffer> {
  const typeList = (types: readonly ValueType[]) => vector(types.map((type) => [typeCode[type]]));
  const types = functions.map(({ params, result }) => [0x60, ...typeList(params), ...typeList(result ? [result] : [])]);
  // A shared memory must state a maximum; 65,536 pages of 64 KiB is the whole address space.
  const limits = options.shared ? [3, 0, ...unsigned(65_536)] : [0, 0];
  const memory = [...ascii('host'), ...ascii('memory'), 2, ...limits];
  const exports = functions.map(({ name }, index) => [...ascii(name), 0, ...unsigned(index)]);
  const bodies = functions.map(({ locals, body }) => {
    const code = [...vector(locals.map((type) => [1, typeCode[type]])), ...body, 0x0b];
    return [...unsigned(code.length), ...code];
  });
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(types)),
    ...section(2, vector([memory])),
    ...section(3, vector(functions.map((_, index) => unsigned(index)))),
    ...section(7, vector(exports)),
    ...section(10, vector(bodies)),
  ]);
}
