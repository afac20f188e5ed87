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
    let header: Record<string, HeaderEntry>;
    try {
      header = JSON.parse((await readBytes(file, 8, headerLength)).toString('utf8')) as Record<string, HeaderEntry>;
    } catch (cause) {
      throw fail('its header is not JSON', cause);
    }
    const tensors = new Map<string, StoredTensor>();
    for (const [name, { dtype, shape, data_offsets }] of Object.entries(header)) {
      if (name === '__metadata__') continue;
      const [start, end] = data_offsets;
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

async function readBytes(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  await file.read(bytes, 0, length, offset);
  return bytes;
}
