import { type EncodedRows, FeatureEncoder, type FeatureRow, type FeatureSpec } from '@matome/two-tower';
import { openLines } from './read-rows.js';
import { EvalInputError } from './task.js';

/** A file of interactions with users and items numbered. */
export interface InteractionFile {
  /** Raw ids in the order of their numbers. */
  readonly users: readonly string[];
  readonly items: readonly string[];
  readonly rows: readonly InteractionRow[];
}

/** One interaction. */
export interface InteractionRow {
  readonly user: number;
  readonly item: number;
  /** NaN where the file has none. */
  readonly rating: number;
  readonly split: string;
}

/** A table of raw texts by column. */
export interface CsvTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Reads a plain or gzipped CSV file. @throws EvalInputError with file and line when a line has another number of fields. */
export async function readCsv(path: string): Promise<CsvTable> {
  const rows: string[][] = [];
  let columns: string[] | undefined;
  let line = 0;
  for await (const text of openLines(path)) {
    line++;
    if (text.trim() === '') continue;
    const fields = splitCsv(text.replace(/\r$/, ''));
    if (!columns) columns = fields;
    else if (fields.length === columns.length) rows.push(fields);
    else throw new EvalInputError(`${path}:${line} has ${fields.length} fields, the header has ${columns.length}.`);
  }
  if (!columns) throw new EvalInputError(`${path} is empty.`);
  return { columns, rows };
}

function splitCsv(text: string): string[] {
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (quoted && char === '"' && text[i + 1] === '"') field += text[++i]!;
    else if (char === '"') quoted = !quoted;
    else if (char === ',' && !quoted) {
      fields.push(field);
      field = '';
    } else field += char;
  }
  fields.push(field);
  return fields;
}

/** Numbers by value where all ids are numbers, else by text, so that ties rank the same on every machine. */
function sortIds(ids: Iterable<string>): string[] {
  const all = [...new Set(ids)];
  const numeric = all.every((id) => /^\d+$/.test(id));
  return all.sort((a, b) => (numeric ? Number(a) - Number(b) : a < b ? -1 : 1));
}

/** Reads `user,item,rating,timestamp,split`; the catalogue is what stands there or in the item file. */
export async function readInteractions(path: string, items?: CsvTable, users?: CsvTable): Promise<InteractionFile> {
  const table = await readCsv(path);
  const column = (name: string) => {
    const at = table.columns.indexOf(name);
    if (at < 0) throw new EvalInputError(`${path}:1 has no column "${name}".`);
    return at;
  };
  const [user, item] = [column('user'), column('item')];
  const rating = table.columns.indexOf('rating');
  const split = table.columns.indexOf('split');
  const userIds = sortIds([...table.rows.map((row) => row[user]!), ...(users?.rows.map((row) => row[0]!) ?? [])]);
  const itemIds = sortIds([...table.rows.map((row) => row[item]!), ...(items?.rows.map((row) => row[0]!) ?? [])]);
  const userPlaces = new Map(userIds.map((id, i) => [id, i]));
  const itemPlaces = new Map(itemIds.map((id, i) => [id, i]));
  const rows = table.rows.map((row) => ({
    user: userPlaces.get(row[user]!)!,
    item: itemPlaces.get(row[item]!)!,
    rating: rating >= 0 && row[rating] !== '' ? Number(row[rating]) : Number.NaN,
    split: split >= 0 ? row[split]! : '',
  }));
  return { users: userIds, items: itemIds, rows };
}

const bins = 10;

/**
 * Features of a table whose first column is the id, by what its columns look like: lists joined by a bar become bags,
 * numbers and dates tenths of their order, few different texts ids, titles bags of words; addresses are left out.
 */
export function encodeTable(table: CsvTable, ids: readonly string[]): EncodedRows {
  const places = new Map(table.rows.map((row, i) => [row[0]!, i]));
  const kinds = table.columns.slice(1).map((_, c) => kindOf(table.rows.map((row) => row[c + 1]!)));
  const specs: FeatureSpec[] = [];
  kinds.forEach((kind, c) => {
    const name = table.columns[c + 1]!;
    if (kind === 'list' || kind === 'words') specs.push({ kind: 'bag-of-words', name, column: name });
    else if (kind !== 'none') specs.push({ kind: 'id', name, column: name });
  });
  const edges = kinds.map((kind, c) =>
    kind === 'number' ? binEdges(table.rows.map((row) => numberOf(row[c + 1]!))) : [],
  );
  const rows = ids.map((id) => {
    const source = table.rows[places.get(id) ?? -1];
    const row: Record<string, FeatureRow[string]> = {};
    kinds.forEach((kind, c) => {
      const text = source?.[c + 1] ?? '';
      if (text === '' || kind === 'none') return;
      const name = table.columns[c + 1]!;
      if (kind === 'list') row[name] = text.split('|').filter(Boolean);
      else if (kind === 'words') row[name] = text.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? [];
      else row[name] = kind === 'number' ? `q${edges[c]!.filter((edge) => numberOf(text) > edge).length}` : text;
    });
    return row as FeatureRow;
  });
  const rare = Object.fromEntries(
    specs.filter(({ kind }) => kind === 'bag-of-words').map(({ name }) => [name, { minFrequency: 3, maxSize: 20_000 }]),
  );
  return FeatureEncoder.fit(rows, specs, { vocabularies: rare }).encode(rows);
}

type Kind = 'list' | 'words' | 'number' | 'id' | 'none';

function kindOf(values: readonly string[]): Kind {
  const known = values.filter((value) => value !== '');
  if (known.length === 0) return 'none';
  const different = new Set(known).size;
  if (known.some((value) => /^https?:/.test(value))) return 'none';
  if (known.some((value) => value.includes('|'))) return 'list';
  if (different > bins && known.every((value) => !Number.isNaN(numberOf(value)))) return 'number';
  if (different <= Math.max(bins, known.length / 20)) return 'id';
  return known.some((value) => /\s/.test(value)) ? 'words' : 'none';
}

/** A number, or the moment of a date. */
function numberOf(text: string): number {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : /\d{4}/.test(text) ? Date.parse(text) : Number.NaN;
}

function binEdges(values: readonly number[]): number[] {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  return Array.from({ length: bins - 1 }, (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / bins)]!);
}
