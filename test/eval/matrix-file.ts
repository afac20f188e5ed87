import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Matrix, normalizeRows } from '@matome/primitives/linalg';
import { EvalInputError } from './task.js';

/**
 * Reads a matrix: `.csv` (numbers, one header line), `.int16le` (row-major, described by `meta.json` beside it; rows are
 * scaled back to length 1) or an idx file of any dimensions (the first counts rows), each plain or gzipped.
 *
 * @throws EvalInputError with file and line when the content does not fit.
 */
export function readMatrix(path: string, limit = Number.POSITIVE_INFINITY): Matrix {
  const name = basename(path).replace(/\.gz$/, '');
  if (name.endsWith('.csv')) return fromCsv(path, limit);
  if (name.endsWith('.int16le')) return fromInt16(path, name.replace(/\.int16le$/, ''), limit);
  const bytes = readBytes(path);
  if (/idx\d/.test(name) || (bytes[0] === 0 && bytes[1] === 0)) return fromIdx(path, bytes, limit);
  throw new EvalInputError(`${path} is no matrix file: .csv, .int16le with meta.json, or idx.`);
}

/** The labels beside a matrix file: `x.data.csv.gz` has `x.labels.csv.gz`; idx images have idx labels. */
export function defaultTruthPath(path: string): string {
  return path
    .replace(/\.data\.csv(\.gz)?$/, '.labels.csv$1')
    .replace(/\.int16le(\.gz)?$/, '.labels.csv$1')
    .replace(/images(.?)idx3/, 'labels$1idx1');
}

/** The label file that is named or stands beside the data. @throws EvalInputError when a named one does not exist. */
export function truthPath(data: string, named: string | undefined): string | undefined {
  if (named !== undefined && !existsSync(named)) throw new EvalInputError(`There is no file ${named}.`);
  const path = named ?? defaultTruthPath(data);
  return path !== data && existsSync(path) ? path : undefined;
}

/** One labelling of all rows; labels are numbered by value where they are numbers, by first appearance otherwise. */
export interface Labelling {
  readonly name: string;
  readonly values: readonly string[];
}

/** Reads the columns of a label file (all but an `id` column), or the values of an idx file. */
export function readLabellings(path: string, limit = Number.POSITIVE_INFINITY): Labelling[] {
  if (/idx\d/.test(basename(path))) {
    return [{ name: 'labels', values: Array.from(fromIdx(path, readBytes(path), limit).data, String) }];
  }
  const [header, ...rows] = csvLines(path);
  const names = header!.split(',');
  return names
    .map((name, column) => ({ name, values: rows.slice(0, limit).map((row) => row.split(',')[column] ?? '') }))
    .filter(({ name }) => name !== 'id');
}

function readBytes(path: string): Buffer {
  if (!existsSync(path)) throw new EvalInputError(`There is no file ${path}.`);
  try {
    const bytes = readFileSync(path);
    return path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
  } catch (error) {
    throw new EvalInputError(`${path} cannot be read: ${(error as Error).message}.`);
  }
}

function csvLines(path: string): string[] {
  const lines = readBytes(path)
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trim()
    .split(/\r?\n/);
  if (lines.length < 2) throw new EvalInputError(`${path} holds no rows.`);
  return lines;
}

function fromCsv(path: string, limit: number): Matrix {
  const lines = csvLines(path);
  const cols = lines[0]!.split(',').length;
  const rows = Math.min(limit, lines.length - 1);
  const data = new Float32Array(rows * cols);
  for (let i = 0; i < rows; i++) {
    const fields = lines[i + 1]!.split(',');
    if (fields.length !== cols) throw new EvalInputError(`${path}:${i + 2} has ${fields.length} fields, not ${cols}.`);
    for (let j = 0; j < cols; j++) {
      const value = Number(fields[j]);
      if (fields[j] === '' || !Number.isFinite(value)) {
        throw new EvalInputError(`${path}:${i + 2} holds ${JSON.stringify(fields[j])}, not a number.`);
      }
      data[i * cols + j] = value;
    }
  }
  return { data, rows, cols };
}

function fromInt16(path: string, name: string, limit: number): Matrix {
  const metaPath = join(dirname(path), 'meta.json');
  if (!existsSync(metaPath)) throw new EvalInputError(`${path} needs meta.json beside it.`);
  const all = JSON.parse(readFileSync(metaPath, 'utf8')) as Record<
    string,
    { rows: number; cols: number; scale: number }
  >;
  const meta = all[name];
  if (meta === undefined) throw new EvalInputError(`${metaPath} does not describe ${JSON.stringify(name)}.`);
  const bytes = readBytes(path);
  if (bytes.length !== meta.rows * meta.cols * 2) {
    throw new EvalInputError(`${path} holds ${bytes.length} bytes, not ${meta.rows} × ${meta.cols} int16.`);
  }
  const rows = Math.min(limit, meta.rows);
  const data = Float32Array.from({ length: rows * meta.cols }, (_, at) => bytes.readInt16LE(at * 2) * meta.scale);
  return normalizeRows({ data, rows, cols: meta.cols });
}

const idxReaders: Readonly<Record<number, readonly [number, (bytes: Buffer, at: number) => number]>> = {
  8: [1, (bytes, at) => bytes.readUInt8(at)],
  9: [1, (bytes, at) => bytes.readInt8(at)],
  11: [2, (bytes, at) => bytes.readInt16BE(at)],
  12: [4, (bytes, at) => bytes.readInt32BE(at)],
  13: [4, (bytes, at) => bytes.readFloatBE(at)],
  14: [8, (bytes, at) => bytes.readDoubleBE(at)],
};

function fromIdx(path: string, bytes: Buffer, limit: number): Matrix {
  const reader = idxReaders[bytes[2] ?? 0];
  const dimensions = bytes[3] ?? 0;
  if (bytes[0] !== 0 || bytes[1] !== 0 || reader === undefined || dimensions === 0) {
    throw new EvalInputError(`${path} is no idx file.`);
  }
  const sizes = Array.from({ length: dimensions }, (_, i) => bytes.readUInt32BE(4 + 4 * i));
  const [size, read] = reader;
  const first = 4 + 4 * dimensions;
  const cols = sizes.slice(1).reduce((product, length) => product * length, 1);
  if (bytes.length !== first + sizes[0]! * cols * size) {
    throw new EvalInputError(`${path} holds ${bytes.length} bytes, not ${sizes.join(' × ')} values.`);
  }
  const rows = Math.min(limit, sizes[0]!);
  const data = Float32Array.from({ length: rows * cols }, (_, at) => read(bytes, first + at * size));
  return { data, rows, cols };
}
