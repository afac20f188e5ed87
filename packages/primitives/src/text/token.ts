import type { Span } from './span.js';

/**
 * Coarse parts of speech that English and Japanese share.
 *
 * @see Universal Dependencies, https://universaldependencies.org/u/pos/
 */
export type PartOfSpeech =
  | 'ADJ'
  | 'ADP'
  | 'ADV'
  | 'AUX'
  | 'CCONJ'
  | 'DET'
  | 'INTJ'
  | 'NOUN'
  | 'NUM'
  | 'PART'
  | 'PRON'
  | 'PROPN'
  | 'PUNCT'
  | 'SCONJ'
  | 'SYM'
  | 'VERB'
  | 'X';

/** A word with its part of speech: the same record for both languages. */
export interface Token extends Span {
  readonly pos: PartOfSpeech;
  /** The analyser's own finer class: `名詞-固有名詞-人名-姓`, or the coarse one again. */
  readonly posDetail: string;
  /** Dictionary form in lower case (English) or as written in the dictionary (Japanese); the text itself when unknown. */
  readonly base: string;
  /** Reading in katakana; empty when unknown or not Japanese. */
  readonly reading: string;
  /** Word cost of the analyser's dictionary, lower for more frequent words; absent for unknown words and other analysers. */
  readonly cost?: number;
}

/** Cuts a text into tokens with parts of speech, synchronously. White space gives no token. */
export type Tagger = (text: string) => Token[];
