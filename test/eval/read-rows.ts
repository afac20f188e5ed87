import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { EvalInputError } from './task.js';

/**
 * Reads the rows of a `.jsonl` or `.jsonl.gz` file, checking that each holds the `required` fields.
 *
 * @throws EvalInputError with file and line when a line does not fit the format, and when there is no row.
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
    if (isBlank(text)) continue;
    if (rows.length >= limit) break;
    rows.push(parseRow<Row>(text, required, `${path}:${line}`));
  }
  if (rows.length === 0) throw new EvalInputError(`${path} holds no rows.`);
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

/** Whether a line holds nothing but the rest of a line end. */
export function isBlank(line: string): boolean {
  return line.trim() === '';
}

/** What the fields of all formats hold. */
const kinds: Readonly<Record<string, 'text' | 'text or a number' | 'a number' | 'a list of texts'>> = {
  id: 'text or a number',
  group: 'text or a number',
  event: 'text or a number',
  label: 'a number',
  score: 'a number',
  ...Object.fromEntries(
    [
      'language',
      'title',
      'text',
      'a',
      'b',
      'html',
      'url',
      'kind',
      'split',
      'set',
      'published_at',
      'base64',
      'articleBody',
    ].map((name) => [name, 'text' as const]),
  ),
  ...Object.fromEntries(
    ['labels', 'keyphrases', 'controlled', 'tokens', 'pos', 'luw', 'with', 'without'].map((name) => [
      name,
      'a list of texts' as const,
    ]),
  ),
};

function fits(value: unknown, kind: (typeof kinds)[string]): boolean {
  if (kind === 'a list of texts') return Array.isArray(value) && value.every((item) => typeof item === 'string');
  if (kind === 'a number') return typeof value === 'number';
  return typeof value === 'string' || (kind === 'text or a number' && typeof value === 'number');
}

/**
 * Parses one line of a `.jsonl` file; a field that is `null` counts as missing.
 *
 * @throws EvalInputError with `where` when it is no object, misses a field or a field holds something else than in the format.
 */
export function parseRow<Row>(text: string, required: readonly string[], where: string): Row {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new EvalInputError(`${where} is not JSON: ${(error as Error).message}.`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new EvalInputError(`${where} is not a JSON object.`);
  const fields = Object.fromEntries(Object.entries(value).filter(([, content]) => content !== null));
  const missing = required.find((field) => fields[field] === undefined);
  if (missing !== undefined) throw new EvalInputError(`${where} has no field "${missing}".`);
  for (const [name, content] of Object.entries(fields)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name]! : undefined;
    if (kind === undefined || fits(content, kind)) continue;
    const shown = JSON.stringify(content);
    const got = shown.length > 60 ? `${shown.slice(0, 60)}…` : shown;
    throw new EvalInputError(`${where}: the field "${name}" must be ${kind}. Got ${got}.`);
  }
  return fields as Row;
}
