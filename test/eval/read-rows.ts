import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { EvalInputError } from './task.js';

/**
 * Reads the rows of a `.jsonl` or `.jsonl.gz` file, checking that each holds the `required` fields.
 *
 * @throws EvalInputError with file and line when a line is not a JSON object or misses a field.
 */
export async function readRows<Row>(
  path: string,
  required: readonly string[],
  limit = Number.POSITIVE_INFINITY,
): Promise<Row[]> {
  const rows: Row[] = [];
  let line = 0;
  for await (const text of openLines(path)) {
    line++;
    if (text === '') continue;
    if (rows.length >= limit) break;
    rows.push(parseRow<Row>(text, required, `${path}:${line}`));
  }
  return rows;
}

/**
 * The lines of a plain or gzipped text file. A line ends with `\n` only: U+2028 may stand inside JSON, so `node:readline`,
 * which also splits there, cannot be used.
 */
export async function* openLines(path: string): AsyncGenerator<string> {
  const file = createReadStream(path);
  const input = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  file.on('error', (error) => input.destroy(error));
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const chunk of input) {
      const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n');
      rest = lines.pop()!;
      yield* lines;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new EvalInputError(`There is no file ${path}.`);
    throw new EvalInputError(`${path} cannot be read: ${(error as Error).message}.`);
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}

/** Parses one line of a `.jsonl` file. @throws EvalInputError with `where` when it is no object or misses a field. */
export function parseRow<Row>(text: string, required: readonly string[], where: string): Row {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new EvalInputError(`${where} is not JSON: ${(error as Error).message}.`);
  }
  if (typeof value !== 'object' || value === null) throw new EvalInputError(`${where} is not a JSON object.`);
  const missing = required.find((field) => (value as Record<string, unknown>)[field] === undefined);
  if (missing !== undefined) throw new EvalInputError(`${where} has no field "${missing}".`);
  return value as Row;
}
