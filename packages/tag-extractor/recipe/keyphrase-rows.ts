import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Embedder, TokenVectors } from '@matome/primitives/embedding';
import type { Matrix } from '@matome/primitives/linalg';
import { loadEnglishTagger, stem } from '@matome/primitives/text';
import type { AnalyzedDocument } from '../src/candidates/candidate.js';
import { analyzeEnglish } from '../src/candidates/english.js';
import { sanitizeInput } from '../src/input/sanitize-input.js';
import type { Background } from '../src/rank/background.js';
import { statisticalRows, statisticalWidth } from '../src/rank/features.js';
import { articleText, embedArticle, writeNearness } from '../src/rank/meaning.js';
import { rankingColumns } from '../src/rank/stored-rankings.js';
import { findTokens, readingFeatures, type TokenPlaces } from '../src/rank/token-reading.js';
import { wordsIn } from '../src/rank/word-reading.js';
import type { TrainingRows } from './gradient-boosting.js';

/** An article with the keys that people chose. */
export interface KeyphraseDocument {
  readonly title: string;
  readonly body: string;
  /** Stemmed keys. */
  readonly gold: ReadonlySet<string>;
  /** Stemmed terms of a thesaurus that say what the whole article is about, where the set has them. */
  readonly topics?: ReadonlySet<string>;
}

/** A document ready for training. */
export interface PreparedDocument extends KeyphraseDocument {
  readonly analyzed: AnalyzedDocument;
  readonly text: { readonly title: string; readonly body: string };
  /** candidates × width. */
  readonly rows: Float32Array;
  /** Statistical columns, and with a model those of `readingFeatures`, which are written later, and `meaningFeatures`. */
  readonly width: number;
  /** 1 where the candidate is a key. */
  readonly labels: Float32Array;
  /** With a model: vectors of tokens or words, and where candidates stand among them. */
  readonly tokens?: { readonly vectors: Matrix; readonly places: TokenPlaces };
}

/** What a ranking with a model looks at. */
export interface RankingModel {
  readonly embedder: Embedder;
  readonly kind: 'static' | 'tokens';
}

interface Row {
  readonly text: string;
  readonly keyphrases: readonly string[];
  readonly controlled?: readonly string[];
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
    .map(({ text, keyphrases, controlled }) => {
      const end = /\n(?!\s)/.exec(text)?.index ?? 0;
      const fields = { title: text.slice(0, end).replace(/\s+/g, ' '), body: text.slice(end) };
      return { ...fields, gold: goldOf(keyphrases), ...(controlled ? { topics: goldOf(controlled) } : {}) };
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
  return documents.map((document) => {
    return { ...document, title: '', body: `${document.title} ${document.body}`.replace(/\s+/g, ' ') };
  });
}

/** The titles alone, as sources without a text deliver them. */
export function titlesAlone(documents: readonly KeyphraseDocument[]): KeyphraseDocument[] {
  return documents.map((document) => ({ ...document, title: '', body: document.title }));
}

const nothing = { title: '', body: '' };

/** Finds the candidates of every document and labels them; a document that is refused has none. */
export async function prepare(
  documents: readonly KeyphraseDocument[],
  background: Background,
  model?: RankingModel,
): Promise<PreparedDocument[]> {
  const { tag } = await loadEnglishTagger();
  const width = rankingColumns[model?.kind ?? 'statistical'].length;
  const prepared: PreparedDocument[] = [];
  for (const document of documents) {
    const input = sanitizeInput(document);
    const text = input.status === 'valid' ? input : nothing;
    const analyzed = analyzeEnglish(text, tag);
    const rows = statisticalRows(analyzed, background, width);
    const names = analyzed.candidates.map(({ name }) => name);
    if (model?.kind === 'static') {
      const from = statisticalWidth + readingFeatures.length;
      writeNearness(rows, width, from, await embedArticle(model.embedder, text, names, {}));
    }
    const tokens = model ? { tokens: await tokensOf(model, text, analyzed) } : {};
    const labels = labelsOf(analyzed, document.gold);
    prepared.push({ ...document, analyzed, text, rows, width, labels, ...tokens });
  }
  return prepared;
}

async function tokensOf(
  { embedder, kind }: RankingModel,
  text: PreparedDocument['text'],
  { candidates }: AnalyzedDocument,
) {
  const tokens = kind === 'tokens' ? await inContext(embedder, text) : await oneByOne(embedder, text);
  return { vectors: tokens.vectors, places: findTokens(candidates, text.title.length, tokens) };
}

async function inContext(embedder: Embedder, text: PreparedDocument['text']): Promise<TokenVectors> {
  const [tokens] = (await embedder.embedTokens!([articleText(text)])) as [TokenVectors];
  return tokens;
}

async function oneByOne(embedder: Embedder, text: PreparedDocument['text']): Promise<TokenVectors> {
  const { words, starts, ends } = wordsIn(articleText(text));
  return { vectors: await embedder.embed(words), starts, ends };
}

/** The same documents, of which only the terms of the thesaurus are keys. */
export function withTopicsAsKeys(documents: readonly PreparedDocument[]): PreparedDocument[] {
  return documents.map((document) => {
    const gold = document.topics ?? new Set<string>();
    return { ...document, gold, labels: labelsOf(document.analyzed, gold) };
  });
}

function labelsOf({ candidates }: AnalyzedDocument, gold: ReadonlySet<string>): Float32Array {
  return Float32Array.from(candidates, ({ name }) => (gold.has(stemmedKey(name)) ? 1 : 0));
}

/**
 * Joins documents to one block of rows: all keys, and of the many candidates that are none every `keptEvery`-th, which then
 * counts so often.
 */
export function stackRows(documents: readonly PreparedDocument[], keptEvery = 1): TrainingRows {
  const width = documents[0]?.width ?? statisticalWidth;
  const kept = documents.map(({ labels }) => [...labels.keys()].filter((c) => labels[c] === 1 || c % keptEvery === 0));
  const n = kept.reduce((sum, { length }) => sum + length, 0);
  const x = new Float32Array(n * width);
  const y = new Float32Array(n);
  const weight = new Float32Array(n);
  let at = 0;
  documents.forEach(({ rows, labels }, d) => {
    for (const c of kept[d]!) {
      x.set(rows.subarray(c * width, (c + 1) * width), at * width);
      y[at] = labels[c]!;
      weight[at++] = labels[c] === 1 ? 1 : keptEvery;
    }
  });
  return { x, width, y, weight };
}
