import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

const unzip = promisify(gunzip);

/** What kuromoji reads the files of a dictionary with. */
export interface DictionaryReading {
  loadArrayBuffer(path: string, done: (error: unknown, bytes?: ArrayBuffer) => void): void;
  load(done: (error: unknown, dictionary: unknown) => void): void;
}

/**
 * Lets a loader unpack every file into memory of its size at once: by itself it collects pieces, joins them and copies the
 * whole, three times the size of the dictionary at the height of it.
 */
export function readInOnePiece(loader: DictionaryReading): void {
  loader.loadArrayBuffer = (path, done) => {
    readUnzipped(path).then(
      (bytes) => done(null, bytes),
      (error: unknown) => done(error),
    );
  };
}

/** The bytes of a gzip file. */
export async function readUnzipped(path: string): Promise<ArrayBuffer> {
  const packed = await readFile(path);
  // A gzip file ends with the size of what it holds; unzip refuses chunks below 64 bytes.
  const size = packed.length < 4 ? 0 : packed.readUInt32LE(packed.length - 4);
  const { buffer, byteOffset, byteLength } = await unzip(packed, { chunkSize: Math.max(64, size) });
  const whole = byteOffset === 0 && byteLength === buffer.byteLength;
  return (whole ? buffer : buffer.slice(byteOffset, byteOffset + byteLength)) as ArrayBuffer;
}
