import { type FileHandle, open } from 'node:fs/promises';

/** Where one tensor of a safetensors file lies, and what it is. */
export interface StoredTensor {
  readonly type: string;
  readonly shape: readonly number[];
  /** First byte in the file. */
  readonly offset: number;
  readonly sizeBytes: number;
}

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const bytesPerValue: Readonly<Record<string, number>> = { F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, U8: 1 };

/**
 * Lists the tensors of a safetensors file; their values stay in the file.
 *
 * @throws Error with one sentence when the file is missing, truncated or not in the format.
 * @see https://huggingface.co/docs/safetensors for the format
 */
export async function listSafetensors(path: string): Promise<ReadonlyMap<string, StoredTensor>> {
  const fail = (what: string, cause?: unknown) =>
    new Error(`The safetensors file ${path} cannot be used: ${what}.`, { cause });
  const file = await open(path).catch((cause: unknown) => {
    throw fail('it cannot be opened', cause);
  });
  try {
    const { size } = await file.stat();
    if (size < 8) throw fail('it is shorter than its header length');
    const headerLength = Number((await readBytes(file, 0, 8)).readBigUInt64LE(0));
    if (headerLength > size - 8) throw fail('it ends inside its header');
    let header: Record<string, Partial<HeaderEntry> | null>;
    try {
      header = JSON.parse((await readBytes(file, 8, headerLength)).toString('utf8')) as typeof header;
    } catch (cause) {
      throw fail('its header is not JSON', cause);
    }
    const tensors = new Map<string, StoredTensor>();
    for (const [name, entry] of Object.entries(header ?? {})) {
      if (name === '__metadata__') continue;
      const { dtype, shape, data_offsets: offsets } = entry ?? {};
      if (dtype === undefined || !isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) {
        throw fail(`its header does not describe the tensor ${name}`);
      }
      const [start, end] = offsets as [number, number];
      const expected = shape.reduce((a, b) => a * b, 1) * (bytesPerValue[dtype] ?? Number.NaN);
      if (8 + headerLength + end > size) throw fail(`it ends before the end of the tensor ${name}`);
      if (end - start !== expected && !Number.isNaN(expected)) throw fail(`the tensor ${name} has the wrong size`);
      tensors.set(name, { type: dtype, shape, offset: 8 + headerLength + start, sizeBytes: end - start });
    }
    return tensors;
  } finally {
    await file.close();
  }
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isInteger(size) && size >= 0);
}

async function readBytes(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  await file.read(bytes, 0, length, offset);
  return bytes;
}
