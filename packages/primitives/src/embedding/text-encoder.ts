import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { checkInteger } from '../options/index.js';
import { SharedFiles } from './shared-files.js';

/** The part of a tokenizer that we use. */
export interface TokenizerLike {
  encode(text: string): { readonly ids: readonly number[] };
}

/** Turns texts into the token ids of a model. */
export interface TextEncoder {
  /** Ids the model adds to every text; a text that yields no more than these holds no token. */
  readonly specialCount: number;
  /** At most `maxLength` ids, special ones included. */
  encode(text: string): Int32Array;
  /** The same ids with the places of their words in the text; only where the tokenizer reads word by word. */
  locate?(text: string): LocatedTokens;
}

/** Token ids of a text and where they come from. */
export interface LocatedTokens {
  readonly ids: Int32Array;
  /** First UTF-16 unit of the word or sign that each token is a part of; 0 for special tokens. */
  readonly starts: Int32Array;
  /** One past its last unit; 0 for special tokens. */
  readonly ends: Int32Array;
}

/** The parts of a tokenizer.json that decide whether words can be encoded one by one. */
interface TokenizerJson {
  readonly normalizer?: { readonly type?: string } | null;
  readonly pre_tokenizer?: { readonly type?: string } | null;
  readonly model?: { readonly type?: string };
}

/** Words whose ids are remembered: words follow Zipf's law, so a small table holds nearly all. */
const wordsKept = 50_000;
/** Longest chunk that is remembered. */
const longestWord = 40;

/** Characters looked at for each token that is kept: longer texts are cut before they are read. */
const charactersPerToken = 64;

/**
 * Wraps a tokenizer: cuts long texts, keeps the special ids at the end when ids are cut off, and mends broken text.
 *
 * The `truncation` and `padding` entries of tokenizer.json are not obeyed: `maxLength` decides.
 *
 * @param wordByWord - the tokenizer never looks across white space, so ids of words can be remembered.
 * @throws RangeError if `maxLength` leaves no room beside the special ids.
 */
export function createTextEncoder(tokenizer: TokenizerLike, maxLength: number, wordByWord = false): TextEncoder {
  const empty = tokenizer.encode('').ids;
  const one = tokenizer.encode('a').ids;
  let suffix = 0;
  while (suffix < empty.length && empty.at(-1 - suffix) === one.at(-1 - suffix)) suffix++;
  checkInteger('createTextEncoder', 'maxLength', maxLength, { min: empty.length + 1 });
  const prefix = empty.length - suffix;
  const words = wordByWord ? new WordIds(tokenizer, prefix, suffix) : undefined;
  const limit = maxLength * charactersPerToken;
  return {
    specialCount: empty.length,
    ...(words && { locate: (text: string) => words.locate(text, readable(text, limit), empty, maxLength) }),
    encode(text) {
      const clean = readable(text, limit);
      const ids = words ? words.encode(clean, empty, maxLength) : tokenizer.encode(clean).ids;
      if (ids.length <= maxLength) return Int32Array.from(ids);
      const kept = Int32Array.from(ids.slice(0, maxLength));
      for (let i = 1; i <= suffix; i++) kept[maxLength - i] = empty.at(-i)!;
      return kept;
    },
  };
}

/** Encodes chunks between white space one by one and remembers them: five times the pace of whole texts. */
class WordIds {
  private readonly known = new Map<string, readonly number[]>();

  constructor(
    private readonly tokenizer: TokenizerLike,
    private readonly prefix: number,
    private readonly suffix: number,
  ) {}

  /** Ids of a text between those of `empty`; stops once there are more than `enough`. */
  encode(text: string, empty: readonly number[], enough: number): number[] {
    const ids = empty.slice(0, this.prefix);
    // Other white space is taken out by the normaliser, not split at.
    for (const word of text.split(/[ \t\n\r]+/)) {
      if (word === '') continue;
      for (const id of this.idsOf(word)) ids.push(id);
      if (ids.length > enough) break;
    }
    for (let i = this.prefix; i < empty.length; i++) ids.push(empty[i]!);
    return ids;
  }

  /** Ids of at most `maxLength` tokens, those of `empty` included, with the places of their words in `text`. */
  locate(text: string, clean: string, empty: readonly number[], maxLength: number): LocatedTokens {
    const [ids, starts, ends] = [new Int32Array(maxLength), new Int32Array(maxLength), new Int32Array(maxLength)];
    const shift = text.length - text.trimStart().length;
    const most = maxLength - this.suffix;
    let count = this.prefix;
    ids.set(empty.slice(0, this.prefix));
    for (const { 0: word, index } of clean.matchAll(wordsAndSigns)) {
      for (const id of this.idsOf(word)) {
        if (count === most) break;
        ids[count] = id;
        starts[count] = index + shift;
        ends[count++] = index + shift + word.length;
      }
      if (count === most) break;
    }
    for (let i = this.prefix; i < empty.length; i++) ids[count++] = empty[i]!;
    return { ids: ids.slice(0, count), starts: starts.slice(0, count), ends: ends.slice(0, count) };
  }

  private idsOf(word: string): readonly number[] {
    const known = this.known.get(word);
    if (known) return known;
    const { ids } = this.tokenizer.encode(word);
    const own = ids.slice(this.prefix, ids.length - this.suffix);
    if (word.length <= longestWord) {
      if (this.known.size >= wordsKept) this.known.clear();
      this.known.set(word, own);
    }
    return own;
  }
}

/** What BERT's tokenizer splits at beside white space: ASCII signs and punctuation stand alone. */
const wordsAndSigns = /[!-/:-@[-`{-~\p{P}]|[^ \t\n\r!-/:-@[-`{-~\p{P}]+/gu;

const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

function readable(text: string, limit: number): string {
  const start = text.trimStart();
  const cut = start.length > limit ? start.slice(0, limit) : start;
  return cut.replace(loneSurrogate, '\uFFFD').replaceAll('\0', ' ');
}

/** An encoder made from a tokenizer.json. */
export interface LoadedTextEncoder extends TextEncoder {
  /** SHA-256 of tokenizer.json in hex. */
  readonly digest: string;
}

/**
 * Loads a tokenizer.json; loaded again while it is in use, it is the same object with the words it remembers.
 *
 * @throws Error with one sentence when the file is missing or not a tokenizer.
 * @example
 * await loadTextEncoder('/nowhere/tokenizer.json', 256).catch((error: Error) => error.message) // => 'There is no tokenizer at /nowhere/tokenizer.json.'
 */
export async function loadTextEncoder(path: string, maxLength: number): Promise<LoadedTextEncoder> {
  return encoders.get(`encoder ${maxLength}`, [path], async () => {
    const { tokenizer, wordByWord, digest } = await tokenizers.get('tokenizer', [path], () => readTokenizer(path));
    return { ...createTextEncoder(tokenizer, maxLength, wordByWord), digest };
  });
}

interface LoadedTokenizer {
  readonly tokenizer: TokenizerLike;
  /** See {@link createTextEncoder}. */
  readonly wordByWord: boolean;
  readonly digest: string;
}

const encoders = new SharedFiles<LoadedTextEncoder>();
const tokenizers = new SharedFiles<LoadedTokenizer>();

async function readTokenizer(path: string): Promise<LoadedTokenizer> {
  let json: TokenizerJson;
  let digest: string;
  try {
    const bytes = await readFile(path);
    digest = createHash('sha256').update(bytes).digest('hex');
    json = JSON.parse(bytes.toString('utf8')) as TokenizerJson;
  } catch (cause) {
    const missing = (cause as { code?: string }).code === 'ENOENT';
    throw new Error(missing ? `There is no tokenizer at ${path}.` : `The tokenizer ${path} is not JSON.`, { cause });
  }
  const { Tokenizer } = await import('@huggingface/tokenizers');
  let tokenizer: TokenizerLike;
  try {
    tokenizer = new Tokenizer(json, {});
    tokenizer.encode('a');
  } catch (cause) {
    throw new Error(`The tokenizer ${path} is not in the tokenizer.json format: ${(cause as Error).message}.`, {
      cause,
    });
  }
  const { normalizer, pre_tokenizer: splitter, model } = json;
  const types = [normalizer?.type, splitter?.type, model?.type].join();
  return { tokenizer, digest, wordByWord: types === 'BertNormalizer,BertPreTokenizer,WordPiece' };
}
