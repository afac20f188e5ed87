import type { AnalyzedDocument, Candidate } from '../candidates/candidate.js';
import type { Background } from './background.js';
import { phraseCentrality } from './centrality.js';

/** What a ranking model sees of a candidate, in the order of the columns. */
export const statisticalFeatures = [
  'words',
  'characters',
  'logFrequency',
  'relativeFrequency',
  'leftEdgeShare',
  'rightEdgeShare',
  'bothEdgesShare',
  'firstPosition',
  'logFirstPosition',
  'firstSentence',
  'spread',
  'sentenceShare',
  'inTitle',
  'logMeanWordFrequency',
  'logMinWordFrequency',
  'logMaxWordFrequency',
  'meanRarity',
  'minRarity',
  'maxRarity',
  'headRarity',
  'firstWordRarity',
  'weightedFrequency',
  'weightedFrequencyRank',
  'centralitySum',
  'centralityMean',
  'centralityRank',
  'longerFrequency',
  'shorterFrequency',
  'nouns',
  'names',
  'adjectives',
  'participles',
  'numbers',
  'linkers',
  'startsWithAdjective',
  'startsWithParticiple',
  'endsWithName',
  'endsWithParticiple',
  'capitals',
  'acronym',
  'digits',
  'hyphen',
  'afterDeterminer',
  'afterPreposition',
  'afterVerb',
  'beforePreposition',
  'beforeVerb',
  'beforePunctuation',
  'logLength',
  'logCandidates',
  'titled',
] as const;

/** Number of statistical columns. */
export const statisticalWidth = statisticalFeatures.length;

const column = Object.fromEntries(statisticalFeatures.map((name, i) => [name, i])) as Readonly<
  Record<(typeof statisticalFeatures)[number], number>
>;

/**
 * Describes every candidate by its place, counts, words, form and neighbours.
 *
 * @param width - columns of a row; those after the statistical ones are left 0.
 * @returns candidates × width, row after row.
 * @remarks O(candidates · words in a phrase + words of the document).
 */
export function statisticalRows(document: AnalyzedDocument, background: Background, width: number): Float32Array {
  const { candidates } = document;
  const n = candidates.length;
  const rows = new Float32Array(n * width);
  const counts = new Map<string, number>();
  for (const word of document.words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const central = phraseCentrality(document);
  const nested = nestedFrequencies(candidates);
  let most = 1;
  let titled = 0;
  for (const { occurrences } of candidates) {
    most = Math.max(most, occurrences.length);
    if (occurrences[0]!.headline) titled = 1;
  }
  for (let i = 0; i < n; i++) {
    const candidate = candidates[i]!;
    const row = rows.subarray(i * width, (i + 1) * width);
    const frequency = candidate.occurrences.length;
    writePlaces(row, candidate, document);
    writeWords(row, candidate, counts, background);
    writeShape(row, candidate.shape);
    writeForm(row, candidate.name);
    row[column.relativeFrequency] = frequency / most;
    row[column.centralitySum] = central[i]!;
    row[column.centralityMean] = central[i]! / candidate.words.length;
    row[column.longerFrequency] = nested.longer[i]! / frequency;
    row[column.shorterFrequency] = nested.shorter[i]! / frequency;
    row[column.logLength] = Math.log(Math.max(1, document.length));
    row[column.logCandidates] = Math.log(n);
    row[column.titled] = titled;
  }
  writeRanks(rows, width, column.weightedFrequency, column.weightedFrequencyRank);
  writeRanks(rows, width, column.centralitySum, column.centralityRank);
  return rows;
}

/** Counts of the neighbours and edges of a candidate over its places. */
function writePlaces(row: Float32Array, { occurrences }: Candidate, document: AnalyzedDocument): void {
  const frequency = occurrences.length;
  const length = Math.max(1, document.length);
  let sentence = -1;
  let sentences = 0;
  for (const place of occurrences) {
    if (place.sentence !== sentence) sentences++;
    sentence = place.sentence;
    if (place.leftEdge) row[column.leftEdgeShare]!++;
    if (place.rightEdge) row[column.rightEdgeShare]!++;
    if (place.leftEdge && place.rightEdge) row[column.bothEdgesShare]!++;
    const { before, after } = place;
    if (before === 'DET' || before === 'PRON') row[column.afterDeterminer]!++;
    else if (before === 'ADP') row[column.afterPreposition]!++;
    else if (before === 'VERB') row[column.afterVerb]!++;
    if (after === 'ADP') row[column.beforePreposition]!++;
    else if (after === 'VERB' || after === 'AUX') row[column.beforeVerb]!++;
    else if (after === 'PUNCT' || after === 'EDGE') row[column.beforePunctuation]!++;
  }
  for (const share of shares) row[share]! /= frequency;
  const first = occurrences[0]!;
  row[column.logFrequency] = Math.log(frequency);
  row[column.firstPosition] = first.position / length;
  row[column.logFirstPosition] = Math.log(1 + first.position);
  row[column.firstSentence] = first.sentence;
  row[column.spread] = (occurrences[frequency - 1]!.position - first.position) / length;
  row[column.sentenceShare] = sentences / Math.max(1, document.sentences);
  row[column.inTitle] = first.headline ? 1 : 0;
}

const shares = [
  column.leftEdgeShare,
  column.rightEdgeShare,
  column.bothEdgesShare,
  column.afterDeterminer,
  column.afterPreposition,
  column.afterVerb,
  column.beforePreposition,
  column.beforeVerb,
  column.beforePunctuation,
];

/** Counts in the document and rarity in general text of a candidate's words. */
function writeWords(
  row: Float32Array,
  { words, occurrences }: Candidate,
  counts: ReadonlyMap<string, number>,
  background: Background,
): void {
  const size = words.length;
  let minCount = Number.POSITIVE_INFINITY;
  let maxCount = 0;
  let sumCount = 0;
  let minRarity = Number.POSITIVE_INFINITY;
  let maxRarity = 0;
  let sumRarity = 0;
  let rarity = 0;
  for (let w = 0; w < size; w++) {
    const count = counts.get(words[w]!) ?? 0;
    rarity = background.rarity(words[w]!);
    if (w === 0) row[column.firstWordRarity] = rarity;
    minCount = Math.min(minCount, count);
    maxCount = Math.max(maxCount, count);
    sumCount += count;
    minRarity = Math.min(minRarity, rarity);
    maxRarity = Math.max(maxRarity, rarity);
    sumRarity += rarity;
  }
  row[column.words] = size;
  row[column.logMeanWordFrequency] = Math.log(1 + sumCount / size);
  row[column.logMinWordFrequency] = Math.log(1 + minCount);
  row[column.logMaxWordFrequency] = Math.log(1 + maxCount);
  row[column.meanRarity] = sumRarity / size;
  row[column.minRarity] = minRarity;
  row[column.maxRarity] = maxRarity;
  row[column.headRarity] = rarity;
  row[column.weightedFrequency] = Math.log(1 + occurrences.length) * (sumRarity / size) * Math.sqrt(size);
}

function writeShape(row: Float32Array, shape: string): void {
  for (let i = 0; i < shape.length; i++) {
    const kind = shape[i]!;
    if (kind === 'P') row[column.names]!++;
    else if (kind === 'J') row[column.adjectives]!++;
    else if (kind === 'G') row[column.participles]!++;
    else if (kind === 'D') row[column.numbers]!++;
    else if (kind === 'O') row[column.linkers]!++;
    else row[column.nouns]!++;
  }
  row[column.startsWithAdjective] = shape[0] === 'J' ? 1 : 0;
  row[column.startsWithParticiple] = shape[0] === 'G' ? 1 : 0;
  row[column.endsWithName] = shape[shape.length - 1] === 'P' ? 1 : 0;
  row[column.endsWithParticiple] = shape[shape.length - 1] === 'G' ? 1 : 0;
}

/** Capitals, digits and hyphens of the surface form. */
function writeForm(row: Float32Array, name: string): void {
  let words = 0;
  let capitalWords = 0;
  let capitalsInRow = 0;
  let wordStart = true;
  for (let i = 0; i < name.length; i++) {
    const c = name.charCodeAt(i);
    const upper = (c >= 65 && c <= 90) || (c >= 0xc0 && c <= 0xde);
    if (wordStart) {
      words++;
      if (upper) capitalWords++;
    }
    capitalsInRow = upper ? capitalsInRow + 1 : 0;
    if (capitalsInRow >= 2) row[column.acronym] = 1;
    if (c >= 48 && c <= 57) row[column.digits] = 1;
    if (c === 45 || c === 47 || (c >= 0x2010 && c <= 0x2013)) row[column.hyphen] = 1;
    wordStart = c === 32;
  }
  row[column.characters] = name.length;
  row[column.capitals] = words === 0 ? 0 : capitalWords / words;
}

/** Numbers of rows in a key of `writeRanks`: what is left of the 53 bits behind a float32. */
const mostRanked = 2 ** 21;

/** Writes the place of every value among all: 0 for the largest, 1 for the smallest, equals in input order. */
export function writeRanks(rows: Float32Array, width: number, from: number, to: number): void {
  const n = rows.length / width;
  const values = new Float32Array(n);
  // A sum with 0 has no negative zeros.
  for (let i = 0; i < n; i++) values[i] = rows[i * width + from]! + 0;
  const bits = new Uint32Array(values.buffer);
  // Whole numbers that rise as the values fall, then with the row: sorting numbers takes a fifth of the time of comparing rows.
  const keys = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const falling = bits[i]! >>> 31 === 1 ? bits[i]! : 0x7fffffff - bits[i]!;
    keys[i] = falling * mostRanked + i;
  }
  keys.sort();
  for (let rank = 0; rank < n; rank++) rows[(keys[rank]! % mostRanked) * width + to] = rank / Math.max(1, n - 1);
}

/** Places of the most frequent longer candidate around each, and of the most frequent shorter one inside it. */
function nestedFrequencies(candidates: readonly Candidate[]): { longer: Float64Array; shorter: Float64Array } {
  const longer = new Float64Array(candidates.length);
  const shorter = new Float64Array(candidates.length);
  const byKey = new Map(candidates.map((candidate, i) => [candidate.key, i]));
  candidates.forEach((candidate, i) => {
    const { words } = candidate;
    for (let from = 0; from < words.length; from++) {
      let key = '';
      for (let to = from; to < words.length; to++) {
        key += words[to]!;
        if (to - from + 1 === words.length) continue;
        const inner = byKey.get(key);
        if (inner === undefined || inner === i) continue;
        longer[inner] = Math.max(longer[inner]!, candidate.occurrences.length);
        shorter[i] = Math.max(shorter[i]!, candidates[inner]!.occurrences.length);
      }
    }
  });
  return { longer, shorter };
}
