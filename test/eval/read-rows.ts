import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
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

/** The lines of a plain or gzipped text file; a line ends with `\n` only, as U+2028 may stand inside JSON. */
export async function* openLines(path: string): AsyncGenerator<string> {
  const file = createReadStream(path);
  const input = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  const failed = new Promise<never>((_, reject) => {
    file.on('error', reject);
    input.on('error', (error) => reject(new EvalInputError(`${path} cannot be read: ${error.message}.`)));
  });
  failed.catch(() => undefined);
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
  for (;;) {
    const next = await Promise.race([lines.next(), failed]);
    if (next.done) return;
    yield next.value;
  }
}

function parseRow<Row>(text: string, required: readonly string[], where: string): Row {
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
