import { checkInteger } from '../options/index.js';

/**
 * Runs of neighbouring tokens, joined by a space: first all of the shortest length, then the next.
 *
 * @param range - shortest and longest run, both included.
 * @throws RangeError if the range does not hold integers with 1 ≤ first ≤ last.
 * @remarks O(tokens · lengths).
 * @example
 * nGrams(['key', 'rate', 'rise'], [1, 2]) // => ['key', 'rate', 'rise', 'key rate', 'rate rise']
 */
export function nGrams(tokens: readonly string[], range: readonly [number, number]): string[] {
  const shortest = checkInteger('nGrams', 'range[0]', range[0], { min: 1 });
  const longest = checkInteger('nGrams', 'range[1]', range[1], { min: shortest });
  const grams: string[] = [];
  for (let n = shortest; n <= longest; n++) {
    for (let i = 0; i + n <= tokens.length; i++) grams.push(n === 1 ? tokens[i]! : tokens.slice(i, i + n).join(' '));
  }
  return grams;
}

/**
 * Runs of neighbouring characters of a text, by code point.
 *
 * @throws RangeError if the range does not hold integers with 1 ≤ first ≤ last.
 * @remarks O(length · lengths).
 * @example
 * characterNGrams('日本語', [2, 2]) // => ['日本', '本語']
 */
export function characterNGrams(text: string, range: readonly [number, number]): string[] {
  const shortest = checkInteger('characterNGrams', 'range[0]', range[0], { min: 1 });
  const longest = checkInteger('characterNGrams', 'range[1]', range[1], { min: shortest });
  const characters = Array.from(text);
  const grams: string[] = [];
  for (let n = shortest; n <= longest; n++) {
    for (let i = 0; i + n <= characters.length; i++) grams.push(characters.slice(i, i + n).join(''));
  }
  return grams;
}
