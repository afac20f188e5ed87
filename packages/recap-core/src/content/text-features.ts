import type { TextBlock } from './text-blocks.js';

/** Names of what `writeTextFeatures` writes, in order. */
export const textFeatureNames = [
  'logLength',
  'linkDensity',
  'logWords',
  'wordLength',
  'sentenceEnds',
  'endsSentence',
  'commas',
  'upperShare',
  'digitShare',
  'logLinks',
  'emphasisedShare',
  'breaks',
  'rights',
  'dateLike',
  'separators',
  'endsColon',
  'endsEllipsis',
  'startsLower',
  'addressLike',
  'titleWords',
  'question',
] as const;

const sentenceEnd = /[.!?。！？؟।…]["'”’»)\]」』]*(?=\s|$)|[。！？]/g;
const rights = /©|copyright|all rights reserved|alle rechte|tous droits|derechos reservados|無断転載/i;
const dateLike =
  /\b\d{1,2}[./-]\s?\d{1,2}[./-]\s?(?:19|20)?\d{2}\b|\b(?:19|20)\d{2}[-/年.]\d{1,2}|\b\d{1,2}:\d{2}\b|\b\d{1,2}\.? (?:jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])|(?:19|20)\d{2}/i;
// An address is looked for behind the first @ of a run only: every other match has that one before it.
const addressLike = /https?:\/\/|www\.|(?<!\S)\S[^\s@]*@\S+\.|(?:^|\s)@\w/;

/** Writes what the text of a block says about itself; returns the index behind the last value. */
export function writeTextFeatures(block: TextBlock, out: Float32Array, at: number): number {
  const { text } = block;
  const length = text.length;
  let upper = 0;
  let lower = 0;
  let digits = 0;
  let commas = 0;
  let separators = 0;
  let spaces = 0;
  let wide = 0;
  let capitalised = 0;
  let wordStart = true;
  for (let i = 0; i < length; i++) {
    const c = text.charCodeAt(i);
    if (c === 32 || c === 10) {
      spaces++;
      wordStart = true;
      continue;
    }
    if (c >= 48 && c <= 57) digits++;
    else if ((c >= 97 && c <= 122) || (c >= 0xdf && c <= 0xff) || (c >= 0x430 && c <= 0x45f)) lower++;
    else if ((c >= 65 && c <= 90) || (c >= 0xc0 && c <= 0xde) || (c >= 0x400 && c <= 0x42f)) {
      upper++;
      if (wordStart) capitalised++;
    } else if (c === 44 || c === 0x3001 || c === 0xff0c || c === 0x60c) commas++;
    else if (c === 124 || c === 0xbb || c === 0x203a || c === 0x2022 || c === 0xb7 || c === 0x2192 || c === 0xab) {
      separators++;
    } else if (c >= 0x3040 && c <= 0x9fff) wide++;
    wordStart = false;
  }
  // A wide character carries about half a word, so that Japanese and Chinese paragraphs are not one long word.
  const words = spaces + 1 + wide / 2;
  const ends = text.match(sentenceEnd)?.length ?? 0;
  const last = text.charCodeAt(length - 1);
  const first = text.charCodeAt(0);
  const values = [
    Math.log1p(length),
    Math.min(1, block.linked / length),
    Math.log1p(words),
    length / words,
    ends / words,
    /[.!?。！？؟।]["'”’»)\]」』]*$/.test(text) ? 1 : 0,
    commas / words,
    upper / (upper + lower + 1),
    digits / length,
    Math.log1p(block.links),
    block.emphasised / length,
    Math.min(block.breaks, 10),
    length < 300 && rights.test(text) ? 1 : 0,
    length < 120 && dateLike.test(text) ? 1 : 0,
    separators / words,
    last === 58 || last === 0xff1a ? 1 : 0,
    /(?:…|\.\.\.|\[…\])$/.test(text) ? 1 : 0,
    first >= 97 && first <= 122 ? 1 : 0,
    addressLike.test(text) ? 1 : 0,
    capitalised / words,
    last === 63 || last === 0xff1f ? 1 : 0,
  ];
  out.set(values, at);
  return at + values.length;
}
