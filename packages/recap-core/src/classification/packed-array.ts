/** Number arrays that can be packed, by the name that stands before the bytes. */
const types = { f32: Float32Array, f64: Float64Array, u32: Uint32Array, i32: Int32Array } as const;

type TypeName = keyof typeof types;
type TypedArray = Float32Array | Float64Array | Uint32Array | Int32Array;

/**
 * A number array inside a JSON value: `JSON.stringify` writes it as base64 of its little-endian bytes, a writer of
 * binary files finds the numbers themselves.
 */
export class PackedArray {
  readonly values: TypedArray;

  constructor(values: TypedArray) {
    this.values = values;
  }

  /** `f32:` or another type, then the bytes in base64. */
  toJSON(): string {
    const { values } = this;
    const type = (Object.keys(types) as TypeName[]).find((name) => values instanceof types[name])!;
    return `${type}:${Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64')}`;
  }
}

/**
 * The numbers of a packed array, from memory or from JSON.
 *
 * @throws RangeError that names the field when the value is none of the wanted type.
 */
export function unpackArray<N extends TypeName>(
  value: unknown,
  type: N,
  field: string,
): InstanceType<(typeof types)[N]> {
  const Type = types[type];
  const plain = value instanceof PackedArray ? value.values : value;
  if (plain instanceof Type) return plain as InstanceType<(typeof types)[N]>;
  const text = typeof plain === 'string' ? plain : '';
  const bytes = text.startsWith(`${type}:`) ? Uint8Array.from(Buffer.from(text.slice(4), 'base64')) : undefined;
  if (bytes === undefined || bytes.byteLength % Type.BYTES_PER_ELEMENT !== 0) {
    throw new RangeError(`The field ${field} must hold packed numbers of type ${type}.`);
  }
  return new Type(bytes.buffer) as InstanceType<(typeof types)[N]>;
}
