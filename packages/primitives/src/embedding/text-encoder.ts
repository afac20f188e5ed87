import { readFile } from 'node:fs/promises';
import { checkInteger } from '../options/index.js';

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
}

/** Characters looked at for each token that is kept: longer texts are cut before they are read. */
const charactersPerToken = 64;

/**
 * Wraps a tokenizer: cuts long texts, keeps the special ids at the end when ids are cut off, and mends broken text.
 *
 * The `truncation` and `padding` entries of tokenizer.json are not obeyed: `maxLength` decides.
 *
 * @throws RangeError if `maxLength` leaves no room beside the special ids.
 */
export function createTextEncoder(tokenizer: TokenizerLike, maxLength: number): TextEncoder {
  const empty = tokenizer.encode('').ids;
  const one = tokenizer.encode('a').ids;
  let suffix = 0;
  while (suffix < empty.length && empty.at(-1 - suffix) === one.at(-1 - suffix)) suffix++;
  checkInteger('createTextEncoder', 'maxLength', maxLength, { min: empty.length + 1 });
  return {
    specialCount: empty.length,
    encode(text) {
      const { ids } = tokenizer.encode(readable(text, maxLength * charactersPerToken));
      if (ids.length <= maxLength) return Int32Array.from(ids);
      const kept = Int32Array.from(ids.slice(0, maxLength));
      for (let i = 1; i <= suffix; i++) kept[maxLength - i] = ids.at(-i)!;
      return kept;
    },
  };
}

const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

function readable(text: string, limit: number): string {
  const start = text.trimStart();
  const cut = start.length > limit ? start.slice(0, limit) : start;
  return cut.replace(loneSurrogate, '\uFFFD').replaceAll('\0', ' ');
}

/**
 * Loads a tokenizer.json.
 *
 * @throws Error with one sentence when the file is missing or not a tokenizer.
 */
export async function loadTextEncoder(path: string, maxLength: number): Promise<TextEncoder> {
  let json: object;
  try {
    json = JSON.parse(await readFile(path, 'utf8')) as object;
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
  return createTextEncoder(tokenizer, maxLength);
}
