import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { loadEnglishTagger, stem } from '@matome/primitives/text';
import type { AnalyzedDocument } from '../src/candidates/candidate.js';
import { analyzeEnglish } from '../src/candidates/english.js';
import { StemCache } from '../src/candidates/english-words.js';
import { sanitizeInput } from '../src/input/sanitize-input.js';
import type { Background } from '../src/rank/background.js';
import { statisticalRows, statisticalWidth } from '../src/rank/features.js';
import type { TrainingRows } from './gradient-boosting.js';

/** An article with the keys that people chose. */
export interface KeyphraseDocument {
  readonly title: string;
  readonly body: string;
  /** Stemmed keys. */
  readonly gold: ReadonlySet<string>;
}

/** A document ready for training. */
export interface PreparedDocument extends KeyphraseDocument {
  readonly analyzed: AnalyzedDocument;
  readonly text: { readonly title: string; readonly body: string };
  /** candidates × statisticalWidth. */
  readonly rows: Float32Array;
  /** 1 where the candidate is a key. */
  readonly labels: Float32Array;
}

interface Row {
  readonly text: string;
  readonly keyphrases: readonly string[];
  readonly split?: string;
}

function readRows(path: string): Row[] {
  const lines = gunzipSync(readFileSync(path)).toString('utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Row);
}

const stems = new Map<string, string>();

/** A key as scorers compare it: lower case, words stemmed, joined by a space. */
export function stemmedKey(text: string): string {
  const words = text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];
  return words
    .map((word) => {
      const known = stems.get(word) ?? stem(word);
      stems.set(word, known);
      return known;
    })
    .join(' ');
}

function goldOf(keys: readonly string[]): Set<string> {
  const gold = new Set(keys.map(stemmedKey));
  gold.delete('');
  return gold;
}

/** Abstracts whose first line is the title; a line that starts with white space continues the one before. */
export function readAbstracts(path: string, split: string): KeyphraseDocument[] {
  return readRows(path)
    .filter((row) => row.split === split)
    .map(({ text, keyphrases }) => {
      const end = /\n(?!\s)/.exec(text)?.index ?? 0;
      return { title: text.slice(0, end).replace(/\s+/g, ' '), body: text.slice(end), gold: goldOf(keyphrases) };
    });
}

/** Full papers, of which title and the first 1,200 characters of the abstract are read. */
export function readPapers(path: string): KeyphraseDocument[] {
  return readRows(path).map(({ text, keyphrases }) => {
    const title = text.split('\n').slice(0, 2).join(' ');
    const heading = text.slice(0, 4000).search(/abstract/i);
    const start = heading >= 0 ? heading + 'abstract'.length : title.length;
    return { title, body: text.slice(start, start + 1200), gold: goldOf(keyphrases) };
  });
}

/** The same documents with the title run into the text, as many sources deliver them. */
export function withoutTitles(documents: readonly KeyphraseDocument[]): KeyphraseDocument[] {
  return documents.map(({ title, body, gold }) => ({ title: '', body: `${title} ${body}`.replace(/\s+/g, ' '), gold }));
}

/** Finds the candidates of every document and labels them. */
export async function prepare(
  documents: readonly KeyphraseDocument[],
  background: Background,
): Promise<PreparedDocument[]> {
  const { tag } = await loadEnglishTagger();
  const cache = new StemCache();
  return documents.flatMap((document) => {
    const text = sanitizeInput(document);
    if (text.status === 'invalid') return [];
    const analyzed = analyzeEnglish(text, tag, cache);
    const rows = statisticalRows(analyzed, background, statisticalWidth);
    const labels = Float32Array.from(analyzed.candidates, ({ name }) => (document.gold.has(stemmedKey(name)) ? 1 : 0));
    return [{ ...document, analyzed, text, rows, labels }];
  });
}

/** Joins documents to one block of rows. */
export function stackRows(documents: readonly PreparedDocument[]): TrainingRows {
  const n = documents.reduce((sum, { labels }) => sum + labels.length, 0);
  const x = new Float32Array(n * statisticalWidth);
  const y = new Float32Array(n);
  let at = 0;
  for (const { rows, labels } of documents) {
    x.set(rows, at * statisticalWidth);
    y.set(labels, at);
    at += labels.length;
  }
  return { x, width: statisticalWidth, y, weight: new Float32Array(n).fill(1) };
}
