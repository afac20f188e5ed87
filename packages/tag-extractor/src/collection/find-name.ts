import type { TagOffset } from '../tag.js';
import { onlyLatin, wordKey } from '../tag-names/tag-key.js';

/** A word of a text, ready to be compared. */
interface Word {
  readonly field: TagOffset['field'];
  readonly start: number;
  readonly end: number;
  readonly key: string;
  /** Whether only space, hyphens and the like stand between this word and the next one of the field. */
  readonly joined: boolean;
}

/** Finds the places of names in one text. */
export type NameFinder = (name: string, key: string) => TagOffset[];

const wordPattern = /[\p{L}\p{M}\p{N}]+/gu;
const gap = /^[\s\p{Pd}'’/]+$/u;
const scripts = [/\p{Script=Han}/u, /[\p{Script=Katakana}ー]/u, /\p{Script=Hiragana}/u, /[\p{Script=Latin}\p{N}]/u];

/**
 * Builds the search for names in a text.
 *
 * Names in Latin script are found word by word, whatever the number, case, hyphen or British spelling; other names as they
 * are written, where the script changes before and after them: `京都` does not stand in `東京都`.
 *
 * @remarks O(text) once, then O(words of the text) a name.
 */
export function createNameFinder(text: { readonly title: string; readonly body: string }): NameFinder {
  const words = (['title', 'body'] as const).flatMap((field) => wordsOf(text[field], field));
  return (name, key) => {
    if (key === '') return [];
    if (onlyLatin.test(name)) return findWords(words, key);
    return (['title', 'body'] as const).flatMap((field) => findWritten(text[field], field, name));
  };
}

function wordsOf(text: string, field: TagOffset['field']): Word[] {
  const matches = [...text.matchAll(wordPattern)];
  return matches.map((match, i) => {
    const end = match.index + match[0].length;
    const next = matches[i + 1];
    const key = wordKey(match[0].normalize('NFKC').toLowerCase());
    return { field, start: match.index, end, key, joined: next !== undefined && gap.test(text.slice(end, next.index)) };
  });
}

/** Runs of words whose keys, joined, are the key; they do not overlap. */
function findWords(words: readonly Word[], key: string): TagOffset[] {
  const found: TagOffset[] = [];
  for (let i = 0; i < words.length; i++) {
    if (words[i]!.key === '' || !key.startsWith(words[i]!.key)) continue;
    let j = i;
    let length = words[i]!.key.length;
    while (length < key.length && words[j]!.joined && key.startsWith(words[j + 1]!.key, length)) {
      j++;
      length += words[j]!.key.length;
    }
    if (length < key.length) continue;
    found.push({ field: words[i]!.field, start: words[i]!.start, end: words[j]!.end });
    i = j;
  }
  return found;
}

function findWritten(text: string, field: TagOffset['field'], name: string): TagOffset[] {
  const found: TagOffset[] = [];
  for (let start = text.indexOf(name); start >= 0; start = text.indexOf(name, start + 1)) {
    const end = start + name.length;
    if (scriptChanges(text, start) && scriptChanges(text, end)) found.push({ field, start, end });
  }
  return found;
}

/** Whether the signs on both sides of a place are not of one script. */
function scriptChanges(text: string, place: number): boolean {
  const [before, after] = [text.charAt(place - 1), text.charAt(place)];
  return !scripts.some((script) => script.test(before) && script.test(after));
}
