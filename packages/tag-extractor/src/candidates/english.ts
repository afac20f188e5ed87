import { segmentSentences, stopWords, type Tagger } from '@matome/primitives/text';
import { runInTitleEnd } from '../input/run-in-title.js';
import type { AnalyzedDocument, Candidate, Occurrence } from './candidate.js';
import { CandidateTable } from './candidate-table.js';
import { type EnglishWord, joinWords } from './english-words.js';

/** Longest phrase in words. */
const longestPhrase = 5;
/** Longest name in UTF-16 units: what is longer is data, not language. */
const longestName = 100;
/** Candidates that are looked at: a hundred times as many as an article gets tags. Only books have more. */
const mostCandidates = 2000;
const phraseKinds = new Set(['N', 'P', 'J', 'G', 'D']);
const stop = stopWords('en');
const calendar = new Set(
  (
    'january february march april may june july august september october november december jan feb mar apr jun jul aug ' +
    'sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun today ' +
    'yesterday tomorrow tonight'
  ).split(' '),
);

/**
 * Finds the noun phrases of an English article: every run of adjectives, participles, nouns and names that ends in a noun,
 * with its inner phrases, and two of them linked by `of`, `for` or `in`.
 *
 * @remarks O(words); about 100 candidates for an abstract of 120 words.
 */
export function analyzeEnglish(
  fields: { readonly title: string; readonly body: string },
  tag: Tagger,
): AnalyzedDocument {
  const table = new CandidateTable();
  const contentWords: string[] = [];
  let position = 0;
  let sentences = 0;
  for (const part of partsOf(fields)) {
    const { words, sentenceCount } = readWords(part, sentences, tag);
    const context: Context = { table, ...part, words, offset: position };
    for (let from = 0; from < words.length; ) {
      const reach = chunkReach(words, from);
      const to = phraseEnd(words, from, reach);
      if (to > from) addChunk(context, from, to);
      // Where no word can end a phrase none begins either.
      from = to > from ? to : Math.max(reach, from + 1);
    }
    for (const word of words)
      if (word.kind !== 'X' && word.kind !== 'O' && !stop.has(word.lower)) contentWords.push(word.key);
    position += words.length;
    sentences += sentenceCount;
  }
  return { candidates: mostFrequent(table.finish()), words: contentWords, length: position, sentences };
}

/** The most frequent candidates, of equals the first, in the order of the text. */
function mostFrequent(candidates: readonly Candidate[]): readonly Candidate[] {
  if (candidates.length <= mostCandidates) return candidates;
  const frequency = (i: number) => candidates[i]!.occurrences.length;
  const order = [...candidates.keys()].sort((a, b) => frequency(b) - frequency(a) || a - b);
  const kept = order.slice(0, mostCandidates).sort((a, b) => a - b);
  return kept.map((i) => candidates[i]!);
}

/** A stretch of a field that phrases do not cross. */
interface Part {
  readonly field: 'title' | 'body';
  readonly headline: boolean;
  readonly text: string;
  /** Place of the stretch in the field. */
  readonly start: number;
}

/** Title and body; of a body without a title, a title that runs into it and the rest. */
function partsOf({ title, body }: { readonly title: string; readonly body: string }): Part[] {
  const end = title === '' ? runInTitleEnd(body) : 0;
  const head: Part =
    end > 0
      ? { field: 'body', headline: true, text: body.slice(0, end), start: 0 }
      : { field: 'title', headline: true, text: title, start: 0 };
  const rest = body.slice(end).replace(placeholder, blank);
  return [
    { ...head, text: head.text.replace(address, blank) },
    { field: 'body', headline: false, text: rest.replace(address, blank), start: end },
  ];
}

/** Sentences that stand where a text is missing: no phrase of theirs is a tag. */
const placeholder =
  /\b(?:(?:an|the) )?abstract (?:is )?(?:not|un)[ -]?available[^.\n]*\.?|\bno (?:abstract|contact information|description|summary|preview)(?: is)?(?: yet)? (?:available|provided)[^.\n]*\.?/giu;

/** Web and mail addresses: the words inside are no language. */
const address =
  /\b(?:(?:https?|ftp):\/\/|www\.)[^\s<>"]*[^\s<>".,;:!?)\]]|(?<![\w.+%-])[\w.+%-]{1,64}@[a-z\d](?:[.-]?\w)*|\b(?:[a-z\d-]{1,63}\.){2,5}(?:com|org|net|edu|gov)\b/gi;

function blank(text: string): string {
  return ' '.repeat(text.length);
}

interface Context extends Part {
  readonly table: CandidateTable;
  readonly words: readonly EnglishWord[];
  /** Words in the fields before. */
  readonly offset: number;
}

function readWords(
  { text }: Part,
  firstSentence: number,
  tag: Tagger,
): { words: EnglishWord[]; sentenceCount: number } {
  const spans = segmentSentences(text, 'en');
  const tokens = tag(text);
  const sentenceAt = new Int32Array(tokens.length);
  let sentence = 0;
  tokens.forEach((token, i) => {
    while (sentence + 1 < spans.length && spans[sentence + 1]!.start <= token.start) sentence++;
    sentenceAt[i] = firstSentence + sentence;
  });
  return { words: joinWords(text, tokens, sentenceAt), sentenceCount: spans.length };
}

/** The word after the run of words that phrases are made of; `from` itself when there is none. */
function chunkReach(words: readonly EnglishWord[], from: number): number {
  let to = from;
  while (
    to < words.length &&
    phraseKinds.has(words[to]!.kind) &&
    !isEmptyWord(words[to]!) &&
    words[to]!.sentence === words[from]!.sentence
  ) {
    to++;
  }
  return to;
}

/** The word after the last of a run that can end a phrase; `from` itself when there is none. */
function phraseEnd(words: readonly EnglishWord[], from: number, reach: number): number {
  let to = reach;
  while (to > from && !canEnd(words, from, to - 1)) to--;
  return to;
}

/** Function words that the tagger takes for adjectives or nouns; acronyms in capitals are none. */
function isEmptyWord(word: EnglishWord): boolean {
  return stop.has(word.lower) && !(word.text.length > 1 && word.text === word.text.toUpperCase());
}

function canEnd(words: readonly EnglishWord[], from: number, at: number): boolean {
  const word = words[at]!;
  if (word.kind === 'N' || word.kind === 'P') return true;
  if (word.kind === 'G') return word.lower.endsWith('ing');
  return word.kind === 'D' && at > from && words[at - 1]!.kind === 'P';
}

function addChunk(context: Context, from: number, to: number): void {
  const { words } = context;
  for (let i = from; i < to; i++) {
    if (words[i]!.kind === 'D') continue;
    for (let j = i; j < Math.min(to, i + longestPhrase); j++) {
      if (canEnd(words, i, j)) addPhrase(context, i, j + 1, i === from, j + 1 === to);
    }
  }
  if (to + 1 < words.length && words[to]!.kind === 'O' && words[to]!.sentence === words[from]!.sentence) {
    const end = phraseEnd(words, to + 1, chunkReach(words, to + 1));
    for (let i = Math.max(from, to - 3); end > to + 1 && i < to; i++) {
      if (words[i]!.kind !== 'D' && end - i <= longestPhrase + 1) addPhrase(context, i, end, i === from, true);
    }
  }
}

/** `April`, `April 2008`, `Friday 13 May`. */
function isDate(words: readonly EnglishWord[], from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (words[i]!.kind !== 'D' && !calendar.has(words[i]!.lower)) return false;
  return true;
}

function addPhrase(
  { table, field, headline, text, start, words, offset }: Context,
  from: number,
  to: number,
  leftEdge: boolean,
  rightEdge: boolean,
): void {
  const first = words[from]!;
  const last = words[to - 1]!;
  if (to - from === 1 && first.lower.length < 2) return;
  if (last.end - first.start > longestName || isDate(words, from, to)) return;
  let key = '';
  let shape = '';
  for (let i = from; i < to; i++) {
    key += words[i]!.key;
    shape += words[i]!.kind;
  }
  if (key.length < 2) return;
  const startsSentence = from === 0 || words[from - 1]!.sentence !== first.sentence;
  const occurrence: Occurrence = {
    field,
    start: start + first.start,
    end: start + last.end,
    position: offset + from,
    sentence: first.sentence,
    headline,
    leftEdge,
    rightEdge,
    before: startsSentence ? 'EDGE' : words[from - 1]!.pos,
    after: to === words.length || words[to]!.sentence !== first.sentence ? 'EDGE' : words[to]!.pos,
  };
  table.add(key, text.slice(first.start, last.end), shape, occurrence, startsSentence, () => {
    const keys: string[] = [];
    for (let i = from; i < to; i++) keys.push(words[i]!.key);
    return keys;
  });
}
