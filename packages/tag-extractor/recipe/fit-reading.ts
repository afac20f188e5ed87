import type { Matrix } from '@matome/primitives/linalg';
import { createRandom } from '@matome/primitives/random';
import {
  readCandidates,
  readPlaces,
  readTokens,
  type TokenPlaces,
  type TokenReading,
} from '../src/rank/token-reading.js';
import type { Corpus } from './english-corpus.js';
import type { PreparedDocument } from './keyphrase-rows.js';

/** Candidates of one document as a reading sees them. */
export interface ReadRows {
  /** reached candidates × places · width. */
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** Strength of the ridge, as a number of rows. */
const ridge = 1000;
const epochs = 8;
const batchRows = 256;
const learningRate = 0.01;

/** The vectors at the places of every candidate that the tokens reach, in the order of the candidates. */
export function readRowsOf(vectors: Matrix, { tokens, starts }: TokenPlaces, labels: Float32Array): ReadRows {
  const reached = [...labels.keys()].filter((c) => starts[c + 1]! > starts[c]!);
  const { data, cols } = vectors;
  const size = readPlaces.length;
  const x = new Float32Array(reached.length * size * cols);
  reached.forEach((c, row) => {
    const count = starts[c + 1]! - starts[c]!;
    for (let at = starts[c]! * size; at < starts[c + 1]! * size; at++) {
      const to = (row * size + (at % size)) * cols;
      const from = tokens[at]! * cols;
      for (let j = 0; j < cols; j++) x[to + j]! += data[from + j]! / count;
    }
  });
  return { x, y: Float32Array.from(reached, (c) => labels[c]!) };
}

/**
 * Logistic regression with a ridge over the standardised columns, by Adam with a falling step.
 *
 * @see Kingma, Ba (2015), Adam, arXiv:1412.6980
 */
export function fitReading(documents: readonly ReadRows[], width: number): TokenReading {
  const p = readPlaces.length * width;
  const rows = documents.flatMap(({ x, y }) => Array.from(y, (label, i) => ({ x, at: i * p, label })));
  const { mean, deviation } = momentsOf(rows, p);
  const random = createRandom(7);
  const weights = new Float64Array(p);
  const [first, second, gradient] = [new Float64Array(p), new Float64Array(p), new Float64Array(p)];
  let bias = Math.log(rows.filter(({ label }) => label === 1).length / rows.length);
  const steps = Math.ceil(rows.length / batchRows) * epochs;
  const own = new Float64Array(p);
  for (let step = 1; step <= steps; step++) {
    // Scores and gradients of the raw columns are brought to the standardised ones outside the loop over rows.
    let raw = bias;
    for (let j = 0; j < p; j++) {
      own[j] = weights[j]! / deviation[j]!;
      raw -= own[j]! * mean[j]!;
    }
    gradient.fill(0);
    let gradientOfBias = 0;
    for (let k = 0; k < batchRows; k++) {
      const { x, at, label } = rows[Math.floor(random() * rows.length)]!;
      let score = raw;
      for (let j = 0; j < p; j++) score += x[at + j]! * own[j]!;
      const error = (1 / (1 + Math.exp(-score)) - label) / batchRows;
      gradientOfBias += error;
      for (let j = 0; j < p; j++) gradient[j]! += error * x[at + j]!;
    }
    for (let j = 0; j < p; j++) {
      gradient[j] = (gradient[j]! - gradientOfBias * mean[j]!) / deviation[j]! + (ridge / rows.length) * weights[j]!;
    }
    const rate = learningRate * (1 - step / (steps + 1));
    bias -= 10 * rate * gradientOfBias;
    for (let j = 0; j < p; j++) {
      first[j] = 0.9 * first[j]! + 0.1 * gradient[j]!;
      second[j] = 0.999 * second[j]! + 0.001 * gradient[j]! ** 2;
      const corrected = first[j]! / (1 - 0.9 ** step);
      weights[j]! -= (rate * corrected) / (Math.sqrt(second[j]! / (1 - 0.999 ** step)) + 1e-8);
    }
  }
  weights.forEach((weight, j) => {
    own[j] = weight / deviation[j]!;
  });
  const offset = own.reduce((sum, weight, j) => sum - weight * mean[j]!, bias);
  const rounded = (value: number) => Number(value.toPrecision(4));
  return {
    offset: rounded(offset),
    weights: readPlaces.map((_, k) => Array.from(own.subarray(k * width, (k + 1) * width), rounded)),
  };
}

function momentsOf(rows: readonly { readonly x: Float32Array; readonly at: number }[], p: number) {
  const [mean, deviation] = [new Float64Array(p), new Float64Array(p)];
  for (const { x, at } of rows) for (let j = 0; j < p; j++) mean[j]! += x[at + j]! / rows.length;
  for (const { x, at } of rows) {
    for (let j = 0; j < p; j++) deviation[j]! += (x[at + j]! - mean[j]!) ** 2 / rows.length;
  }
  return { mean, deviation: deviation.map((value) => Math.sqrt(value) + 1e-6) };
}

/** Parts of which a reading sees all but one, so that it can read documents that it has not learnt from. */
const readFolds = 4;

/**
 * Learns the readings of `readingFeatures`, the first and the last from the same documents, and writes their columns: in the
 * documents that a reading was learnt from by readings that have not seen the one at hand, in others by that of all of them.
 *
 * @param corpora - documents whose keys indexers, authors and a thesaurus chose.
 * @param column - number of the first column.
 * @param learns - documents that may be learnt from.
 */
export function learnReadings(
  corpora: readonly [indexer: Corpus, author: Corpus, topics: Corpus],
  column: number,
  learns: (i: number) => boolean = () => true,
): TokenReading[] {
  const others = [corpora[1], corpora[0], corpora[1]] as const;
  return corpora.map((corpus, k) => learnReading(corpus, others[k]!, column + k, learns));
}

function learnReading(corpus: Corpus, other: Corpus, column: number, learns: (i: number) => boolean): TokenReading {
  const forms = [corpus.titled, ...corpus.variants];
  // A title alone has no context to learn from.
  const inText = forms.slice(0, 2);
  const width = corpus.titled[0]!.tokens!.vectors.cols;
  const fitted = (keep: (i: number) => boolean) => {
    const kept = inText.flatMap((form) => form.filter((_, i) => learns(i) && keep(i)));
    const rows = kept.map(({ tokens, labels }) => readRowsOf(tokens!.vectors, tokens!.places, labels));
    return fitReading(rows, width);
  };
  const all = fitted(() => true);
  const foldOf = (i: number) => i % readFolds;
  const folds = Array.from({ length: readFolds }, (_, k) => fitted((i) => foldOf(i) !== k));
  const write = ({ rows, width: columns, tokens }: PreparedDocument, reading: TokenReading) => {
    readCandidates(reading.offset, readTokens(reading, tokens!.vectors), tokens!.places).forEach((value, c) => {
      rows[c * columns + column] = value;
    });
  };
  for (const form of forms) {
    for (const [i, document] of form.entries()) write(document, learns(i) ? folds[foldOf(i)]! : all);
  }
  for (const form of [other.titled, ...other.variants]) for (const document of form) write(document, all);
  return all;
}
