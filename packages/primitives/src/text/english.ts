/// <reference path="./third-party.d.ts" />
import type { ItsFunction } from 'wink-nlp';
import type { PartOfSpeech, Tagger, Token } from './token.js';
import { wholeCharacters } from './whole-characters.js';

/** A loaded English part-of-speech tagger. */
export interface EnglishTagger {
  /** Tokens with exact offsets; white space gives none. */
  readonly tag: Tagger;
}

let loading: Promise<EnglishTagger> | undefined;

/**
 * Loads the English part-of-speech tagger (wink-nlp with its web model), once for the whole process.
 *
 * @remarks Loading takes about 0.1 s and 60 MB; then O(length), some 300,000 tokens a second.
 * @see winkNLP, https://github.com/winkjs/wink-nlp
 * @example
 * const { tag } = await loadEnglishTagger();
 * tag('The old bridge fell.').map((token) => token.pos) // => ['DET', 'ADJ', 'NOUN', 'VERB', 'PUNCT']
 */
export function loadEnglishTagger(): Promise<EnglishTagger> {
  loading ??= load().catch((error) => {
    // A failed read may be temporary: the next call tries again.
    loading = undefined;
    throw error;
  });
  return loading;
}

/** Longest text given to the tagger at once, in UTF-16 units: its buffers grow with the text and stay. */
const longestPiece = 20_000;
/** Longest run without white space given at once: the tagger looks for addresses in it, in the square of its length. */
const longestRun = 500;

async function load(): Promise<EnglishTagger> {
  const [{ default: winkNLP }, { default: model }] = await Promise.all([
    import('wink-nlp'),
    import('wink-eng-lite-web-model'),
  ]);
  const nlp = winkNLP(model, ['pos']);
  // The published type of this reader does not fit the reader's own parameter type.
  const lemma = nlp.its.lemma as unknown as ItsFunction<string>;
  return {
    tag(text) {
      const tokens: Token[] = [];
      for (let start = 0; start < text.length; ) {
        const end = pieceEnd(text, start);
        const piece = text.slice(start, end);
        const found = nlp.readDoc(piece).tokens();
        align(piece, start, found.out(), found.out(nlp.its.pos), found.out(lemma), tokens);
        start = end;
      }
      return tokens;
    },
  };
}

/** Where the piece that starts at `start` ends: at white space, before a run that is too long, or inside of it. */
function pieceEnd(text: string, start: number): number {
  const limit = Math.min(text.length, start + longestPiece);
  let word = start;
  while (limit - word > longestRun) {
    let space = word + longestRun;
    while (space >= word && !isSpace(text.charCodeAt(space))) space--;
    if (space < word) return word > start ? word : wholeCharacters(text, word + longestRun);
    word = space + 1;
  }
  return limit === text.length ? limit : word;
}

/** Space, tab, line ends and the wide spaces. */
function isSpace(c: number): boolean {
  return c <= 32 || c === 0xa0 || (c >= 0x2000 && c <= 0x200a) || c === 0x2028 || c === 0x2029 || c === 0x3000;
}

/** The tagger tells no offsets; its tokens stand in the text in order, with only white space between them. */
function align(
  text: string,
  offset: number,
  values: readonly string[],
  parts: readonly string[],
  lemmas: readonly string[],
  tokens: Token[],
): void {
  let at = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value.trim() === '') continue;
    const start = text.indexOf(value, at);
    if (start < 0) continue;
    at = start + value.length;
    const pos = parts[i] as PartOfSpeech;
    tokens.push({
      text: value,
      start: offset + start,
      end: offset + at,
      pos,
      posDetail: pos,
      base: lemmas[i]!,
      reading: '',
    });
  }
}
