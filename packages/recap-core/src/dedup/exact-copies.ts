import type { Hasher } from '@matome/primitives/hashing';
import { normalizeText } from '@matome/primitives/text';

/** Texts that differ, each with the documents that hold it. */
export interface DistinctTexts {
  /** Index of the first document with each text, in an order that depends on the texts alone. */
  readonly first: readonly number[];
  /** Position in `first` of each document's text. */
  readonly of: Int32Array;
}

/**
 * Finds documents whose normalised texts (NFKC, white space collapsed) are the same.
 *
 * Equal hashes are confirmed by comparing the texts, so a collision never joins two documents. Texts without any
 * letter or digit are never copies of each other: there is nothing in them to copy.
 *
 * @remarks O(total length).
 */
export function distinctTexts(texts: readonly string[], hash: Hasher | undefined): DistinctTexts {
  const keyOf = hash ?? hashText;
  const keys: (number | bigint)[] = [];
  const byKey = new Map<number | bigint, number[]>();
  const twin = new Int32Array(texts.length);
  for (let i = 0; i < texts.length; i++) {
    const text = exactText(texts[i]!);
    const key = keyOf(text);
    keys.push(key);
    twin[i] = i;
    const seen = byKey.get(key);
    if (seen === undefined) byKey.set(key, [i]);
    else {
      const same = /[\p{L}\p{N}]/u.test(text) ? seen.find((j) => exactText(texts[j]!) === text) : undefined;
      if (same === undefined) seen.push(i);
      else twin[i] = same;
    }
  }
  const first = [...twin.keys()].filter((i) => twin[i] === i);
  first.sort((a, b) => compare(keys[a]!, keys[b]!) || compare(texts[a]!, texts[b]!));
  const place = new Int32Array(texts.length);
  first.forEach((index, position) => {
    place[index] = position;
  });
  return { first, of: twin.map((index) => place[index]!) };
}

function compare<T extends number | bigint | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function exactText(text: string): string {
  return normalizeText(text, { form: 'NFKC', collapseSpaces: true });
}

/** Two 32-bit multiplicative hashes side by side, 53 bits of them kept. */
function hashText(text: string): number {
  let high = 0x9e3779b9;
  let low = 0x85ebca6b;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    high = Math.imul(high ^ c, 0x9e3779b1);
    low = Math.imul(low ^ c, 0x5f356495);
    high ^= high >>> 15;
    low ^= low >>> 13;
  }
  return (high & 0x1fffff) * 0x100000000 + (low >>> 0);
}
