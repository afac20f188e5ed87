export { type EnglishTagger, loadEnglishTagger } from './english.js';
export { type HtmlToTextOptions, htmlToText } from './html-to-text.js';
export { type JapaneseAnalyzer, loadJapaneseAnalyzer } from './japanese.js';
export {
  createLanguageDetector,
  type LanguageDetector,
  type LanguageDetectorOptions,
  type LanguageGuess,
} from './language.js';
export { characterNGrams, nGrams } from './n-grams.js';
export { displayWidth, foldWidth, type NormalizeTextOptions, normalizeText } from './normalize.js';
export { isHanCode, isKanaCode, type ScriptShares, scriptShares } from './script.js';
export { segmentSentences, splitSentences } from './sentences.js';
export type { LanguageCode, Span } from './span.js';
export { stem } from './stem.js';
export { stopWords } from './stop-words.js';
export type { PartOfSpeech, Tagger, Token } from './token.js';
export { createTokenizer, type TokenizerOptions } from './tokenizer.js';
export { segmentWords, type Tokenizer, tokenizeWords } from './words.js';
