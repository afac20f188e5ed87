import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type GoldenItem, parseGoldenSet } from './golden-set.js';
import { parseTaxonomy, type Taxonomy } from './taxonomy.js';

/** The `data` folder of the package: beside `dist` when built, beside `src` otherwise. */
function dataFolder(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let folder = start; folder !== dirname(folder); folder = dirname(folder)) {
    const data = join(folder, 'data');
    if (existsSync(join(data, 'golden')) && existsSync(join(data, 'taxonomy'))) return data;
  }
  throw new Error(`The golden set was not found in a data folder above ${start}.`);
}

/**
 * Reads the golden set that comes with the package: 30 genres, English and Japanese, written for it.
 *
 * @param folder - reads the `.jsonl` and `.json` files of this folder instead.
 * @throws RangeError that names file and item when one is broken.
 * @example
 * (await loadGoldenSet()).length >= 1200 // => true
 */
export async function loadGoldenSet(folder: string = join(dataFolder(), 'golden')): Promise<GoldenItem[]> {
  const files = (await readdir(folder)).filter((name) => /\.jsonl?$/.test(name)).sort();
  const parts = await Promise.all(
    files.map(async (name) => parseGoldenSet(await readFile(join(folder, name), 'utf8'), name)),
  );
  return parts.flat();
}

/**
 * Reads the taxonomy that comes with the package.
 *
 * @throws RangeError if the file is broken.
 * @example
 * (await loadTaxonomy()).genres.length // => 30
 */
export async function loadTaxonomy(path: string = join(dataFolder(), 'taxonomy', 'genres.json')): Promise<Taxonomy> {
  return parseTaxonomy(await readFile(path, 'utf8'));
}
