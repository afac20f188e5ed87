import { segmentSentences, stopWords, type Tagger, type Token } from '@matome/primitives/text';
import { japaneseKey, tagKey } from '../tag-names/tag-key.js';
import type { AnalyzedDocument, Occurrence } from './candidate.js';
import { CandidateTable } from './candidate-table.js';

/** Longest tag in UTF-16 units. */
const longestTag = 30;
/** Longest compound in tokens; longer runs of nouns are lists. */
const longestRun = 8;
const stop = stopWords('ja');

/**
 * Finds the compounds, names and nouns of a Japanese article: runs of nouns with prefixes, suffixes and inner dots, their
 * names and inner nouns.
 *
 * Dates, amounts, pronouns, nouns that only carry grammar, and single characters are left out; hiragana nouns stay.
 *
 * @remarks O(tokens).
 */
export function analyzeJapanese(
  fields: { readonly title: string; readonly body: string },
  analyze: Tagger,
): AnalyzedDocument {
  const table = new CandidateTable();
  const contentWords: string[] = [];
  const rarities = new Map<string, number>();
  let position = 0;
  let sentences = 0;
  for (const field of ['title', 'body'] as const) {
    const text = fields[field];
    const tokens = analyze(text);
    const spans = segmentSentences(text, 'ja');
    let sentence = 0;
    for (let from = 0; from < tokens.length; ) {
      while (sentence + 1 < spans.length && spans[sentence + 1]!.start <= tokens[from]!.start) sentence++;
      const to = runEnd(tokens, from);
      if (to > from) addRun({ table, field, text, tokens, offset: position, sentence: sentences + sentence }, from, to);
      from = Math.max(to, from + 1);
    }
    for (const token of tokens) {
      if (!isNounLike(token)) continue;
      const key = japaneseKey(token.text);
      rarities.set(key, rarityOf(token));
      if (token.text.length > 1) contentWords.push(key);
    }
    position += tokens.length;
    sentences += spans.length;
  }
  return { candidates: table.finish(), words: contentWords, length: position, sentences, rarities };
}

interface Context {
  readonly table: CandidateTable;
  readonly field: 'title' | 'body';
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly offset: number;
  readonly sentence: number;
}

const refusedDetail =
  /^名詞-(?:非自立|代名詞|副詞可能|特殊|動詞非自立的|引用文字列|接続詞的)|形容動詞語幹$|ナイ形容詞語幹$/;
const connector = /^[・･＝=]$/;

function isNounLike(token: Token): boolean {
  return (token.pos === 'NOUN' || token.pos === 'PROPN') && !refusedDetail.test(token.posDetail);
}

function runEnd(tokens: readonly Token[], from: number): number {
  let to = from;
  while (to < tokens.length && to - from < longestRun && continuesRun(tokens, from, to)) to++;
  while (to > from && !canEnd(tokens[to - 1]!)) to--;
  return to;
}

function continuesRun(tokens: readonly Token[], from: number, at: number): boolean {
  const token = tokens[at]!;
  if (at > from && tokens[at - 1]!.end !== token.start && !isLatinPair(tokens[at - 1]!, token)) return false;
  if (token.pos === 'PUNCT') {
    const [left, right] = [tokens[at - 1], tokens[at + 1]];
    return at > from && ((connector.test(token.text) && joins(left, right)) || isModelNumber(left, token, right));
  }
  if (token.posDetail.startsWith('名詞-接尾') && at === from) return false;
  if (token.pos === 'NUM') return true;
  return isNounLike(token) || (token.pos === 'ADJ' && token.posDetail.startsWith('名詞') && nextIsNoun(tokens, at));
}

function nextIsNoun(tokens: readonly Token[], at: number): boolean {
  const next = tokens[at + 1];
  return next !== undefined && next.start === tokens[at]!.end && isNounLike(next);
}

const latin = /^[A-Za-z0-9.]+$/;

/** Latin words of one name stand apart: `Windows Server`. */
function isLatinPair(a: Token, b: Token): boolean {
  return b.start - a.end === 1 && latin.test(a.text) && latin.test(b.text);
}

/** A hyphen inside a name of letters and digits: `SC-02C`. */
function isModelNumber(left: Token | undefined, hyphen: Token, right: Token | undefined): boolean {
  if (!left || !right || !/^[-‐－]$/.test(hyphen.text) || right.start !== hyphen.end) return false;
  return latinOrDigit.test(left.text) && latinOrDigit.test(right.text);
}

const latinOrDigit = /^[A-Za-z0-9Ａ-Ｚａ-ｚ０-９.]+$/;

const katakana = /^[ァ-ヺー]+$/;

/** A dot between katakana words is inside a name; between others it separates a list. */
function joins(left: Token | undefined, right: Token | undefined): boolean {
  return left !== undefined && right !== undefined && katakana.test(left.text) && katakana.test(right.text);
}

const honorific =
  /^(?:さん|氏|様|ちゃん|くん|君|ら|たち|達|等|など|ごろ|頃|中|上|下|前|後|以上|以下|以内|目|ずつ|ぶり|分)$/;

function canEnd(token: Token): boolean {
  if (token.pos === 'PUNCT' || token.posDetail.startsWith('接頭詞')) return false;
  return !(token.posDetail.startsWith('名詞-接尾') && honorific.test(token.text));
}

function addRun(context: Context, from: number, runEnd: number): void {
  const { tokens } = context;
  let start = from;
  // A number before a counter is an amount: the phrase begins after both.
  while (start < runEnd && (isAmount(tokens, start) || (start > from && isCounter(tokens[start]!)))) start++;
  const to = withoutAmount(tokens, start, runEnd);
  if (start >= to) return;
  // A polite form of a noun is no other tag: `お料理` is `料理`.
  if (to - start === 2 && isPolitePrefix(tokens[start]!)) start++;
  if (!cutsGivenName(tokens, to)) addPhrase(context, start, to, true, true);
  if (to - start === 1) return;
  for (let i = start; i < to; i++) {
    const token = tokens[i]!;
    if (token.pos === 'PROPN') {
      let end = i + 1;
      while (end < to && tokens[end]!.pos === 'PROPN') end++;
      if (end < to && cutsGivenName(tokens, end)) end++;
      const whole = i === start && end === to;
      if (!whole && !cutsGivenName(tokens, end)) addPhrase(context, i, end, i === start, end === to);
      i = end - 1;
    } else if (isNounLike(token) && !/接尾|接頭/.test(token.posDetail))
      addPhrase(context, i, i + 1, i === start, i + 1 === to);
  }
}

/** The end of a phrase less the amounts that it ends in: `部員3名` is about `部員`. A number alone may be part of a name. */
function withoutAmount(tokens: readonly Token[], start: number, to: number): number {
  let end = to;
  for (let at = end; ; at = end) {
    while (at > start && (isCounter(tokens[at - 1]!) || isDatePart(tokens, at - 1))) at--;
    if (at === end || at === start || tokens[at - 1]!.pos !== 'NUM') return end;
    while (at > start && (tokens[at - 1]!.pos === 'NUM' || !canEnd(tokens[at - 1]!))) at--;
    end = at;
  }
}

/** `12月`, `2012年`, and the `号` of a magazine behind them; that of a ship stays: `アポロ13号`. */
function isDatePart(tokens: readonly Token[], at: number): boolean {
  const { text } = tokens[at]!;
  return /^[年月日]$/.test(text) || (text === '号' && /^[年月日]$/.test(tokens[at - 1]?.text ?? ''));
}

function isPolitePrefix(token: Token): boolean {
  return token.posDetail.startsWith('接頭詞') && /^[おご御]$/.test(token.text);
}

/**
 * Whether a phrase that ends here would cut a given name that the dictionary lacks: `斎藤佑` of `斎藤佑樹`, which it reads as a
 * given name of one sign and another sign.
 */
function cutsGivenName(tokens: readonly Token[], end: number): boolean {
  const [last, next] = [tokens[end - 1]!, tokens[end]];
  if (!last.posDetail.endsWith('人名-名') || last.text.length > 1) return false;
  if (next === undefined || next.start !== last.end || !/^\p{Script=Han}$/u.test(next.text)) return false;
  return !/接尾-(?:人名|地域|助数詞)/.test(next.posDetail);
}

/** `発表した`: a verbal noun before `する` is a verb. */
function isVerbal(tokens: readonly Token[], from: number, to: number): boolean {
  if (to - from > 1 || !tokens[from]!.posDetail.startsWith('名詞-サ変接続')) return false;
  const next = tokens[to];
  return (
    next !== undefined &&
    next.start === tokens[from]!.end &&
    (next.pos === 'VERB' || next.pos === 'AUX') &&
    verbBase.test(next.base)
  );
}

const verbBase = /^(?:する|できる|出来る|いたす|致す|せる|れる)$/;

/** A number, unless letters follow at once: `4K`, `5G`. */
function isAmount(tokens: readonly Token[], at: number): boolean {
  const next = tokens[at + 1];
  if (tokens[at]!.pos !== 'NUM') return false;
  return !(next && next.start === tokens[at]!.end && /^[A-Za-zＡ-Ｚａ-ｚ]/.test(next.text));
}

function isCounter(token: Token): boolean {
  return token.posDetail.startsWith('名詞-接尾-助数詞');
}

const useless =
  /^(?:\p{N}|[^\p{L}])+$|^[\u3041-\u3096ー]$|^[A-Za-z]$|^(?:https?|www|com|org|net|html|gt|lt|amp|nbsp|vol)$/iu;
/** Pronouns that the dictionary lists as nouns. */
const pronouns = new Set(['自分', '自分自身']);
const dateLike = /^[\d０-９〇一二三四五六七八九十百千]+(?:年|月|日|時|分|秒|円|人|個|回|歳|％|%|万|億|兆)/;

function addPhrase(context: Context, from: number, to: number, leftEdge: boolean, rightEdge: boolean): void {
  const { table, field, text, tokens, offset, sentence } = context;
  const start = tokens[from]!.start;
  const end = tokens[to - 1]!.end;
  const surface = text.slice(start, end);
  if (surface.length < 2 || surface.length > longestTag || useless.test(surface) || dateLike.test(surface)) return;
  if (stop.has(surface) || pronouns.has(surface) || isVerbal(tokens, from, to)) return;
  if (cutsLatin(text, start) || cutsLatin(text, end)) return;
  const key = tagKey(surface);
  if (key.length < 2) return;
  let shape = '';
  for (let i = from; i < to; i++) shape += shapeOf(tokens[i]!);
  const occurrence: Occurrence = {
    field,
    start,
    end,
    position: offset + from,
    sentence,
    headline: field === 'title',
    leftEdge,
    rightEdge,
    before: from === 0 ? 'EDGE' : tokens[from - 1]!.pos,
    after: to === tokens.length ? 'EDGE' : tokens[to]!.pos,
  };
  table.add(key, surface, shape, occurrence, false, () =>
    tokens.slice(from, to).map((token) => japaneseKey(token.text)),
  );
}

const latinSign = /[A-Za-z0-9Ａ-Ｚａ-ｚ０-９]/;

/** Whether a place is inside a word of Latin letters and digits, its hyphens and points included: `ISW|13HT`, `SO|-04D`, `4|.0`. */
function cutsLatin(text: string, place: number): boolean {
  const signAt = (at: number) => latinSign.test(text.charAt(at));
  const joinsAt = (at: number) => signAt(at) || (/[-‐－.．]/.test(text.charAt(at)) && signAt(at - 1) && signAt(at + 1));
  return joinsAt(place - 1) && joinsAt(place);
}

/** Costs of nouns in the dictionary lie between about 0 and 10,000. */
function rarityOf({ cost }: Token): number {
  return cost === undefined ? 1 : Math.min(0.95, Math.max(0, cost / 10_000));
}

function shapeOf(token: Token): string {
  if (token.posDetail.startsWith('名詞-サ変接続') && !latin.test(token.text)) return 'G';
  if (/^(?:名詞-接尾|接頭詞)/.test(token.posDetail)) return 'O';
  if (token.pos === 'NUM') return 'D';
  if (token.pos === 'PROPN') return 'P';
  if (token.pos === 'PUNCT') return 'O';
  if (katakana.test(token.text)) return 'K';
  if (latin.test(token.text)) return 'L';
  return token.pos === 'ADJ' ? 'J' : 'N';
}
