import { ArtifactError } from './artifact-error.js';

/** Tensors and texts of one file. */
export interface TensorFile {
  readonly tensors: Readonly<Record<string, { readonly dims: readonly number[]; readonly data: Float32Array }>>;
  readonly metadata: Readonly<Record<string, string>>;
}

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/**
 * Writes float32 tensors as a safetensors file: the same content gives the same bytes, and Python reads it too.
 *
 * @see https://github.com/huggingface/safetensors#format
 */
export function writeTensorFile(file: TensorFile): Uint8Array {
  const names = Object.keys(file.tensors).sort();
  const sortedMetadata = Object.fromEntries(Object.entries(file.metadata).sort(([a], [b]) => (a < b ? -1 : 1)));
  const header: Record<string, unknown> = { __metadata__: sortedMetadata };
  let offset = 0;
  for (const name of names) {
    const { dims, data } = file.tensors[name]!;
    header[name] = { dtype: 'F32', shape: dims, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  // The data begin at a multiple of 8, so that they can be viewed in place.
  const headerLength = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + offset).fill(0x20, 8, 8 + headerLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.set(text, 8);
  let at = 8 + headerLength;
  for (const name of names) {
    const { data } = file.tensors[name]!;
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/** @throws ArtifactError (`MALFORMED`) if the bytes are not such a file. */
export function readTensorFile(bytes: Uint8Array): TensorFile {
  const malformed = (cause?: unknown) =>
    new ArtifactError('MALFORMED', 'The bytes are not a whole safetensors file of float32 tensors.', { cause });
  if (bytes.length < 8) throw malformed();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  const start = 8 + headerLength;
  if (start > bytes.length) throw malformed();
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, start)));
  } catch (cause) {
    throw malformed(cause);
  }
  if (!isRecord(header)) throw malformed();
  const { __metadata__: metadata = {}, ...entries } = header;
  if (!isRecord(metadata)) throw malformed();
  const tensors: Record<string, { dims: readonly number[]; data: Float32Array }> = {};
  for (const [name, entry] of Object.entries(entries)) {
    if (!isEntry(entry)) throw malformed();
    const { shape, data_offsets: range } = entry;
    const size = shape.reduce((product, dim) => product * dim, 4);
    if (range[1] - range[0] !== size || start + range[1] > bytes.length) throw malformed();
    tensors[name] = { dims: shape, data: floatsOf(bytes, start + range[0], start + range[1]) };
  }
  return { tensors, metadata: metadata as Record<string, string> };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEntry(value: unknown): value is HeaderEntry {
  if (!isRecord(value)) return false;
  const { dtype, shape, data_offsets: range } = value;
  const sizes = (list: unknown): list is number[] =>
    Array.isArray(list) && list.every((size) => Number.isInteger(size) && size >= 0);
  return dtype === 'F32' && sizes(shape) && sizes(range) && range.length === 2;
}

/** A copy at an address that floats may stand at; the slice of a Buffer would be a view. */
function floatsOf(bytes: Uint8Array, start: number, end: number): Float32Array {
  const copy = new Uint8Array(end - start);
  copy.set(bytes.subarray(start, end));
  return new Float32Array(copy.buffer);
}
