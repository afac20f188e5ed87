import type { PartOfSpeech, Span, Token } from '@matome/primitives/text';
import { wordKey } from '../tag-names/tag-key.js';

/** Word classes of English candidates; `X` breaks a phrase. */
export type WordKind = 'N' | 'P' | 'J' | 'G' | 'D' | 'O' | 'X';

/** A word of the text, parts joined by hyphens taken together. */
export interface EnglishWord extends Span {
  readonly kind: WordKind;
  readonly lower: string;
  /** Stems of the parts joined: equal for inflected and hyphenated variants. */
  readonly key: string;
  readonly sentence: number;
  /** Part of speech, of the last part of a compound. */
  readonly pos: PartOfSpeech;
}

const linkers = new Set(['of', 'for', 'in']);
const hyphen = /^[-‐‑/–]$/;
const hasLetter = /\p{L}/u;
const participle = /(?:ing|ed)$/;
/** `I'm`: the tagger leaves some contractions whole and takes them for names. */
const contraction = /^(?:i|you|he|she|it|we|they|that|there|who|what|let)['’]\p{L}+$/u;
/** Before a full stop the tagger leaves it at the word. */
const possessive = /(?<=\p{L})['’]s$/u;
/** Letters behind a number that make a name: `3D`, `5G`; others measure: `2.1bn`, `800m`. */
const letterOfName = /^(?:\p{Lu}|d)$/u;

/**
 * Brings tagged tokens together to words: hyphenated and slashed compounds and numbers with their unit become one, parts of
 * speech become kinds.
 *
 * @param sentenceAt - the sentence of every token.
 */
export function joinWords(text: string, tokens: readonly Token[], sentenceAt: Int32Array): EnglishWord[] {
  const words: EnglishWord[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const first = tokens[i]!;
    const next = tokens[i + 1];
    if (first.pos === 'NUM' && next?.start === first.end && isWordLike(next) && hasLetter.test(next.text)) {
      words.push(numberWithUnit(text, first, next, sentenceAt[i]!));
      i++;
      continue;
    }
    let last = i;
    while (
      last + 2 < tokens.length &&
      hyphen.test(tokens[last + 1]!.text) &&
      tokens[last + 1]!.start === tokens[last]!.end &&
      tokens[last + 2]!.start === tokens[last + 1]!.end &&
      isWordLike(tokens[last]!) &&
      isWordLike(tokens[last + 2]!)
    ) {
      last += 2;
    }
    const whole = last === i ? first.text : text.slice(first.start, tokens[last]!.end);
    const surface = whole.replace(possessive, '');
    const end = first.start + surface.length;
    const lower = surface.toLowerCase();
    const kind = last === i ? kindOf(first, lower) : compoundKind(tokens[last]!, lower);
    const sentence = sentenceAt[i]!;
    words.push({
      text: surface,
      start: first.start,
      end,
      kind,
      lower,
      key: wordKey(lower),
      sentence,
      pos: tokens[last]!.pos,
    });
    i = last;
  }
  return words;
}

function numberWithUnit(text: string, number: Token, unit: Token, sentence: number): EnglishWord {
  const surface = text.slice(number.start, unit.end);
  const lower = surface.toLowerCase();
  const kind = letterOfName.test(unit.text) ? 'P' : 'D';
  return {
    text: surface,
    start: number.start,
    end: unit.end,
    kind,
    lower,
    key: wordKey(lower),
    sentence,
    pos: unit.pos,
  };
}

function isWordLike(token: Token): boolean {
  return token.pos !== 'PUNCT' && token.pos !== 'SYM';
}

function kindOf(token: Token, lower: string): WordKind {
  if (contraction.test(lower)) return 'X';
  switch (token.pos) {
    case 'NOUN':
      return hasLetter.test(lower) ? 'N' : 'X';
    case 'PROPN':
      return hasLetter.test(lower) ? 'P' : 'X';
    case 'ADJ':
      return hasLetter.test(lower) ? 'J' : 'X';
    case 'VERB':
      return participle.test(lower) ? 'G' : 'X';
    case 'NUM':
      return 'D';
    case 'ADP':
      return linkers.has(lower) ? 'O' : 'X';
    default:
      return 'X';
  }
}

function compoundKind(last: Token, lower: string): WordKind {
  if (!hasLetter.test(lower)) return 'D';
  if (last.pos === 'NOUN') return 'N';
  if (last.pos === 'PROPN') return 'P';
  return last.pos === 'VERB' || last.pos === 'ADJ' || last.pos === 'ADV' ? 'J' : 'N';
}
