import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { IpadicFeatures, Tokenizer as Kuromoji } from 'kuromoji';
import { cutForAnalysis } from './japanese-chunks.js';
import { type DictionaryReading, readInOnePiece } from './japanese-files.js';
import { type LookingUp, quickenLookups } from './japanese-lookups.js';
import type { PartOfSpeech, Tagger, Token } from './token.js';

/** A loaded Japanese morphological analyser. */
export interface JapaneseAnalyzer {
  /** Tokens with exact offsets; white space and control characters give none. */
  readonly analyze: Tagger;
}

let loading: Promise<JapaneseAnalyzer> | undefined;

/**
 * Loads the Japanese morphological analyser (kuromoji with the IPADIC dictionary), once for the whole process.
 *
 * Guarded against the inputs that the bare analyser fails on: control characters are skipped, and runs of one kind of
 * character, on which it is quadratic, are cut into pieces of 64.
 *
 * @remarks Loading takes about 0.6 s and 170 MB; then O(length), about 200,000 tokens a second.
 * @throws Error with the cause if the dictionary cannot be read.
 * @see kuromoji.js, https://github.com/takuyaa/kuromoji.js; IPADIC 2.7.0
 * @example
 * const { analyze } = await loadJapaneseAnalyzer();
 * analyze('雨が降った').map((token) => `${token.text}/${token.pos}`) // => ['雨/NOUN', 'が/ADP', '降っ/VERB', 'た/AUX']
 */
export function loadJapaneseAnalyzer(): Promise<JapaneseAnalyzer> {
  loading ??= load().catch((cause) => {
    // A failed read may be temporary: the next call tries again.
    loading = undefined;
    throw new Error('The Japanese dictionary could not be loaded. Is the kuromoji package installed whole?', { cause });
  });
  return loading;
}

async function load(): Promise<JapaneseAnalyzer> {
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve('kuromoji/package.json'));
  // Below the library's own builder, which fixes how files are read.
  const Loader = require('kuromoji/src/loader/NodeDictionaryLoader.js') as new (folder: string) => DictionaryReading;
  const Tokenizer = require('kuromoji/src/Tokenizer.js') as new (dictionary: unknown) => Kuromoji<IpadicFeatures>;
  const loader = new Loader(join(folder, 'dict'));
  readInOnePiece(loader);
  const dictionary = await new Promise((resolve, reject) => {
    loader.load((error, loaded) => (error ? reject(error) : resolve(loaded)));
  });
  const tokenizer = new Tokenizer(dictionary);
  quickenLookups(tokenizer as unknown as LookingUp);
  return { analyze: createAnalyze(tokenizer) };
}

/** The part of the analyser's dictionary that holds the word costs: left id, right id and cost, two bytes each. */
interface WithCosts {
  readonly token_info_dictionary?: { readonly dictionary?: { getShort(index: number): number } };
}
const costOffset = 4;

function createAnalyze(tokenizer: Kuromoji<IpadicFeatures>): Tagger {
  const costs = (tokenizer as unknown as WithCosts).token_info_dictionary?.dictionary;
  return (text) => {
    const tokens: Token[] = [];
    for (const { text: piece, start } of cutForAnalysis(text)) {
      let at = start;
      const astral = surrogate.test(piece);
      for (const features of tokenizer.tokenize(astral ? replaceAstral(piece) : piece)) {
        const from = at;
        at = astral ? skipCodePoints(text, at, features.surface_form.length) : at + features.surface_form.length;
        const surface = text.slice(from, at);
        if (features.pos_detail_1 === '空白' || surface.trim() === '') continue;
        const known = features.word_type === 'KNOWN' && costs !== undefined;
        const token = toToken(surface, from, features);
        tokens.push(known ? { ...token, cost: costs.getShort(features.word_id + costOffset) } : token);
      }
    }
    return tokens;
  };
}

const surrogate = /[\ud800-\udfff]/;
const astralHan = /[\u{20000}-\u{3ffff}]/gu;
const astralOther = /[\u{10000}-\u{1ffff}\u{40000}-\u{10ffff}]/gu;

/** The analyser loses text behind characters of two units: stand-ins of one unit keep their class. */
function replaceAstral(piece: string): string {
  return piece.replace(astralHan, '\u3402').replace(astralOther, '\u3013');
}

function skipCodePoints(text: string, at: number, count: number): number {
  let end = at;
  for (let i = 0; i < count; i++) end += text.codePointAt(end)! > 0xffff ? 2 : 1;
  return end;
}

const isNumber = /^[\d０-９.,．，]+$/;
const isSign = /^[^\p{L}\p{N}]+$/u;

function toToken(surface: string, start: number, features: IpadicFeatures): Token {
  const { pos, pos_detail_1, pos_detail_2, pos_detail_3, basic_form, reading } = features;
  const detail = [pos, pos_detail_1, pos_detail_2, pos_detail_3].filter((part) => part !== '*' && part !== undefined);
  return {
    text: surface,
    start,
    end: start + surface.length,
    pos: isSign.test(surface) ? 'PUNCT' : isNumber.test(surface) ? 'NUM' : universalPart(pos, pos_detail_1),
    posDetail: detail.join('-'),
    base: basic_form === '*' || basic_form === undefined || surrogate.test(surface) ? surface : basic_form,
    reading: reading === '*' || reading === undefined ? '' : reading,
  };
}

function universalPart(pos: string, detail: string): PartOfSpeech {
  switch (pos) {
    case '名詞':
      return nounParts[detail] ?? 'NOUN';
    case '動詞':
      return detail === '非自立' || detail === '接尾' ? 'AUX' : 'VERB';
    case '形容詞':
      return 'ADJ';
    case '副詞':
      return 'ADV';
    case '助詞':
      return detail === '接続助詞' ? 'SCONJ' : 'ADP';
    case '助動詞':
      return 'AUX';
    case '連体詞':
      return 'DET';
    case '接続詞':
      return 'CCONJ';
    case '感動詞':
    case 'フィラー':
      return 'INTJ';
    case '接頭詞':
      return 'NOUN';
    case '記号':
      return detail === 'アルファベット' ? 'NOUN' : 'PUNCT';
    default:
      return 'X';
  }
}

const nounParts: Readonly<Record<string, PartOfSpeech>> = {
  固有名詞: 'PROPN',
  数: 'NUM',
  代名詞: 'PRON',
  形容動詞語幹: 'ADJ',
  ナイ形容詞語幹: 'ADJ',
};
