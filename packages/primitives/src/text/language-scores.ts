import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type GramAlphabet, LanguageGrams } from './language-grams.js';

/** A detector of whole texts. */
export interface LanguageScores {
  /** ISO 639-1 codes. */
  readonly codes: readonly string[];
  /**
   * One score in [0, 1) a code: r / (r + 25) of the mean r over the different n-grams of the text, 0 where no n-gram speaks
   * for the language. The next call writes into the same array.
   */
  score(text: string): Float64Array;
}

/** The mean of the n-grams whose score is a half. */
export const scoreScale = 25;

let loading: Promise<LanguageScores> | undefined;

/** Loads the scores of eld with its small set of n-grams, once for the whole process. */
export function loadLanguageScores(): Promise<LanguageScores> {
  loading ??= readGrams()
    .then((grams) => (grams ? scoresOfGrams(grams) : loadLibraryScores()))
    .catch((error) => {
      // A failed read may be temporary: the next call tries again.
      loading = undefined;
      throw error;
    });
  return loading;
}

/** Scores by the n-grams alone. */
export function scoresOfGrams(grams: LanguageGrams): LanguageScores {
  const { codes, sums } = grams;
  const scores = new Float64Array(codes.length);
  return {
    codes,
    score(text) {
      const count = grams.read(text);
      for (let l = 0; l < scores.length; l++) {
        const mean = sums[l]! / count;
        scores[l] = sums[l] === 0 ? 0 : mean / (mean + scoreScale);
      }
      return scores;
    },
  };
}

/** Scores by the library itself, for a place where its files cannot be read, as in a bundle: slower, and 130 MB at its height. */
export async function loadLibraryScores(): Promise<LanguageScores> {
  const { eld } = await import('eld/small');
  const codes = Object.values((eld.info() as { readonly Languages: Readonly<Record<number, string>> }).Languages);
  const scores = new Float64Array(codes.length);
  return {
    codes,
    score(text) {
      const found = eld.detect(text).getScores() as Readonly<Record<string, number>>;
      for (let l = 0; l < codes.length; l++) scores[l] = found[codes[l]!] ?? 0;
      return scores;
    },
  };
}

/** The n-grams of the installed library; undefined when its files are not where they are expected, or of another form. */
export async function readGrams(): Promise<LanguageGrams | undefined> {
  const folders = createRequire(import.meta.url).resolve.paths('eld') ?? [];
  const folder = folders.map((modules) => join(modules, 'eld', 'src')).find((path) => existsSync(path));
  if (folder === undefined) return undefined;
  const file = join(folder, 'ngrams', 'small.js');
  const [dictionary, patterns] = [join(folder, 'dictionary.js'), join(folder, 'regexPatterns.js')];
  if (![file, dictionary, patterns].every((path) => existsSync(path))) return undefined;
  const alphabet: Partial<GramAlphabet> = {
    ...(await import(pathToFileURL(dictionary).href)),
    ...(await import(pathToFileURL(patterns).href)),
  };
  if (alphabet.dictionary === undefined || alphabet.separators === undefined) return undefined;
  return LanguageGrams.parse(await readFile(file, 'utf8'), alphabet as GramAlphabet);
}
