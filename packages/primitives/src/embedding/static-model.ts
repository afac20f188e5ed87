import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SharedFiles } from './shared-files.js';
import { createTableBytes } from './term-sums.js';

/** Vectors of the terms of one language: value = int8 · scale of the row. */
export interface StaticTable {
  /** The terms in the order of their rows. */
  readonly terms: readonly string[];
  /** terms × dimensions. */
  readonly values: Int8Array;
  /** One factor a row; the weight of the term is part of it. */
  readonly scales: Float32Array;
}

/** A loaded static model: a text is the sum of the rows of its terms. */
export interface StaticModel {
  readonly modelId: string;
  readonly dimensions: number;
  /** Hash of all weights and terms. */
  readonly fingerprint: string;
  /** Word pieces; `##` marks one that goes on inside a word. */
  readonly english: StaticTable;
  /** Dictionary forms and parts of words; read on first use, as English texts do without. */
  readonly japanese: () => Promise<StaticTable>;
}

/** What `model.json` of a static model holds. */
interface Header {
  readonly kind: 'static-embedding';
  readonly version: 1;
  readonly modelId: string;
  readonly dimensions: number;
  readonly tables: Readonly<Record<TableName, { readonly rows: number; readonly sha256: string }>>;
}

const tableNames = ['english', 'japanese'] as const;
type TableName = (typeof tableNames)[number];

const tables = new SharedFiles<StaticTable>();

/**
 * Loads a static model from a folder with `model.json` and, for `english` and `japanese`, `<table>.txt` (one term a
 * line) and `<table>.bin` (float32 scales, then int8 rows). Every file is checked against its hash.
 *
 * @throws Error with one sentence if a file is missing, truncated or changed.
 * @remarks About 30 ms and the size of the English table; the Japanese one is read on first use.
 * @example
 * const { modelPath } = await import('@matome/model-en-ja');
 * (await loadStaticModel(modelPath)).dimensions // => 256
 */
export async function loadStaticModel(folder: string): Promise<StaticModel> {
  const header = await readHeader(folder);
  const readTable = (name: TableName) => {
    const files = filesOf(folder, name);
    const { sha256, rows } = header.tables[name];
    const form = [sha256, rows, header.dimensions].join(' ');
    return tables.get(form, files, () => readFiles(files, folder, header, name));
  };
  const english = await readTable('english');
  let japanese: Promise<StaticTable> | undefined;
  return {
    modelId: header.modelId,
    dimensions: header.dimensions,
    fingerprint: fingerprintOf(header),
    english,
    japanese: () => {
      japanese ??= readTable('japanese').catch((error) => {
        japanese = undefined;
        throw error;
      });
      return japanese;
    },
  };
}

/**
 * The files of a static model, ready to be written to a folder.
 *
 * @param model - `rows` are float32 vectors, terms × dimensions; they are stored as int8 with one scale a row.
 * @returns file name to bytes.
 * @throws RangeError if rows and terms do not fit together.
 * @example
 * const table = { terms: ['rain'], rows: new Float32Array([1, -2]) };
 * Object.keys(encodeStaticModel({ modelId: 'tiny', dimensions: 2, english: table, japanese: table })).length // => 5
 */
export function encodeStaticModel(model: {
  readonly modelId: string;
  readonly dimensions: number;
  readonly english: { readonly terms: readonly string[]; readonly rows: Float32Array };
  readonly japanese: { readonly terms: readonly string[]; readonly rows: Float32Array };
}): Record<string, Uint8Array> {
  const { modelId, dimensions } = model;
  const files: Record<string, Uint8Array> = {};
  const tables: Partial<Record<TableName, { rows: number; sha256: string }>> = {};
  for (const name of tableNames) {
    const { terms, rows } = model[name];
    if (rows.length !== terms.length * dimensions) {
      throw new RangeError(
        `The ${name} rows of encodeStaticModel must hold ${terms.length} × ${dimensions} values. Got ${rows.length}.`,
      );
    }
    const text = new TextEncoder().encode(terms.join('\n'));
    const bytes = quantize(rows, dimensions);
    files[`${name}.txt`] = text;
    files[`${name}.bin`] = bytes;
    tables[name] = { rows: terms.length, sha256: sha256(text, bytes) };
  }
  const header = { kind: 'static-embedding', version: 1, modelId, dimensions, tables };
  files['model.json'] = new TextEncoder().encode(`${JSON.stringify(header, null, 2)}\n`);
  return files;
}

function quantize(rows: Float32Array, dimensions: number): Uint8Array {
  const count = rows.length / dimensions;
  const bytes = new Uint8Array(count * (4 + dimensions));
  const scales = new Float32Array(bytes.buffer, 0, count);
  const values = new Int8Array(bytes.buffer, 4 * count);
  for (let i = 0; i < count; i++) {
    const start = i * dimensions;
    let largest = 0;
    for (let j = start; j < start + dimensions; j++) largest = Math.max(largest, Math.abs(rows[j]!));
    if (largest === 0) continue;
    scales[i] = largest / 127;
    for (let j = start; j < start + dimensions; j++) values[j] = Math.round((rows[j]! / largest) * 127);
  }
  return bytes;
}

async function readHeader(folder: string): Promise<Header> {
  const path = join(folder, 'model.json');
  let json: Partial<Header> | null;
  try {
    json = JSON.parse(await readFile(path, 'utf8')) as Partial<Header>;
  } catch (cause) {
    throw new Error(`The static model in ${folder} has no readable model.json.`, { cause });
  }
  const { tables, dimensions } = json ?? {};
  const described = tableNames.every((name) => tables?.[name]?.sha256 && Number.isInteger(tables[name].rows));
  if (json?.kind !== 'static-embedding' || json.version !== 1 || !json.modelId || !dimensions || !described) {
    throw new Error(`${path} does not describe a static embedding model of version 1.`);
  }
  return json as Header;
}

/** Terms and vectors of a table. */
function filesOf(folder: string, name: TableName): [string, string] {
  return [join(folder, `${name}.txt`), join(folder, `${name}.bin`)];
}

async function readFiles(
  [textPath, bytesPath]: readonly [string, string],
  folder: string,
  header: Header,
  name: TableName,
): Promise<StaticTable> {
  const { dimensions } = header;
  const { rows, sha256: expected } = header.tables[name];
  let text: Uint8Array;
  let bytes: Uint8Array;
  try {
    [text, bytes] = await Promise.all([readFile(textPath), readInPlace(bytesPath, dimensions)]);
  } catch (cause) {
    throw new Error(`The static model in ${folder} lacks its ${name} table.`, { cause });
  }
  if (sha256(text, bytes) !== expected) {
    throw new Error(`The ${name} table of the static model in ${folder} is truncated or changed: its hash differs.`);
  }
  const terms = new TextDecoder().decode(text).split('\n');
  if (terms.length !== rows || bytes.length !== rows * (4 + dimensions)) {
    throw new Error(
      `The ${name} table of the static model in ${folder} must hold ${rows} × ${dimensions} values, as its model.json says. It has ${terms.length} terms and ${bytes.length} bytes.`,
    );
  }
  return {
    terms,
    scales: new Float32Array(bytes.buffer, bytes.byteOffset, rows),
    values: new Int8Array(bytes.buffer, bytes.byteOffset + 4 * rows, rows * dimensions),
  };
}

/** Reads a file into memory in which its rows can be summed up. */
async function readInPlace(path: string, dimensions: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const bytes = createTableBytes((await file.stat()).size, dimensions);
    for (let at = 0; at < bytes.length; ) {
      const { bytesRead } = await file.read(bytes, at, bytes.length - at, at);
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

function sha256(...parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

function fingerprintOf({ modelId, tables }: Header): string {
  return `${modelId}-${sha256(new TextEncoder().encode(tables.english.sha256 + tables.japanese.sha256)).slice(0, 16)}`;
}
