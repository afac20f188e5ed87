/** Text read from bytes. */
export interface DecodedText {
  readonly text: string;
  /** WHATWG name of the encoding. */
  readonly encoding: string;
  /** Characters that stand for bytes which mean nothing in the encoding. */
  readonly replaced: number;
}

const declaredInMarkup = [
  /<\?xml[^>]{0,200}?\sencoding\s*=\s*["']?([\w.:-]+)/i,
  /<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]+)/i,
];

/**
 * Turns bytes into text: byte order mark, then the declared encoding, then UTF-8 if valid, then what Japanese bytes
 * look like, then windows-1252.
 *
 * A declaration that the bytes contradict is not believed when another reading is free of errors.
 *
 * @param bytes - of a page, a feed or a plain file.
 * @param declared - encoding of the `Content-Type` header, which outranks the markup.
 * @see WHATWG HTML, 13.2.3.2 Determining the character encoding,
 * https://html.spec.whatwg.org/multipage/parsing.html#determining-the-character-encoding
 */
export function decodeText(bytes: Uint8Array, declared?: string): DecodedText {
  const marked = byteOrderMark(bytes);
  if (marked) return decode(bytes, marked);
  const named = known(declared) ?? declaredInside(bytes);
  for (const encoding of [named, 'utf-8'] as const) {
    const text = encoding && decodeStrictly(bytes, encoding);
    if (text !== undefined && encoding) return { text, encoding, replaced: 0 };
  }
  const japanese = guessJapanese(bytes);
  if (japanese) return japanese;
  // Bytes that are nearly UTF-8 are damaged UTF-8; otherwise an old western page without a declaration is likelier.
  const asUtf8 = decode(bytes, named ?? 'utf-8');
  if (named || asUtf8.replaced <= countHighBytes(bytes) / 4) return asUtf8;
  return decode(bytes, 'windows-1252');
}

/** Reads the encoding out of a `Content-Type` header. */
export function charsetOf(contentType: string): string | undefined {
  return /charset\s*=\s*["']?([\w.:-]+)/i.exec(contentType)?.[1];
}

function known(label: string | undefined): string | undefined {
  if (!label) return undefined;
  try {
    const { encoding } = new TextDecoder(label);
    // Markup that can be read byte by byte is not UTF-16, whatever it says.
    return encoding.startsWith('utf-16') ? undefined : encoding;
  } catch {
    // An unknown label declares nothing.
    return undefined;
  }
}

function declaredInside(bytes: Uint8Array): string | undefined {
  const head = new TextDecoder('windows-1252').decode(bytes.subarray(0, 4096));
  for (const pattern of declaredInMarkup) {
    const encoding = known(pattern.exec(head)?.[1]);
    if (encoding) return encoding;
  }
  return undefined;
}

function byteOrderMark(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return undefined;
}

function decodeStrictly(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return repaired(new TextDecoder(encoding, { fatal: true }).decode(bytes), encoding);
  } catch {
    // Not this encoding.
    return undefined;
  }
}

function decode(bytes: Uint8Array, encoding: string): DecodedText {
  const text = repaired(new TextDecoder(encoding).decode(bytes), encoding);
  let replaced = 0;
  for (let at = text.indexOf('\ufffd'); at >= 0; at = text.indexOf('\ufffd', at + 1)) replaced++;
  return { text, encoding, replaced };
}

/** Characters 128 to 159 of windows-1252. */
const upperHalf = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** Some versions of Node.js read windows-1252 as ISO 8859-1, which loses quotation marks and dashes. */
function repaired(text: string, encoding: string): string {
  if (encoding !== 'windows-1252') return text;
  return text.replace(/[\u0080-\u009f]/g, (c) => upperHalf[c.charCodeAt(0) - 0x80]!);
}

const kana = /[\u3041-\u3096\u30a1-\u30fa]/g;
const halfWidthKana = /[\uff61-\uff9f]/g;

/** Japanese text is full of kana; a wrong reading gives rare kanji or half-width kana instead. */
function guessJapanese(bytes: Uint8Array): DecodedText | undefined {
  let best: DecodedText | undefined;
  let bestScore = 0;
  for (const encoding of ['shift_jis', 'euc-jp', 'iso-2022-jp']) {
    const text = decodeStrictly(bytes, encoding);
    if (text === undefined) continue;
    const foreign = text.replace(/[\u0000-\u007f]/g, '');
    const score = count(foreign, kana) - 2 * count(foreign, halfWidthKana);
    if (score <= bestScore || score < foreign.length / 10) continue;
    best = { text, encoding, replaced: 0 };
    bestScore = score;
  }
  return best;
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

function countHighBytes(bytes: Uint8Array): number {
  let high = 0;
  for (const byte of bytes) if (byte > 127) high++;
  return high;
}
