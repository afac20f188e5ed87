/** Share of kana and kanji among the characters that are not white space. */
export function japaneseRatio(text: string): number {
  let japanese = 0;
  let total = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c <= 32 || c === 0xa0 || c === 0x3000) continue;
    total++;
    if ((c >= 0x3040 && c <= 0x30ff) || (c >= 0x4e00 && c <= 0x9faf)) japanese++;
  }
  return total === 0 ? 0 : japanese / total;
}

/**
 * Whether a body says enough to be worth keeping: 20 characters, 10 in Japanese; a shorter one that ends as a Japanese
 * sentence or names a number is kept as well.
 *
 * @example
 * isSubstantial('Fire at pier 3') // => true
 */
export function isSubstantial(text: string): boolean {
  const needed = japaneseRatio(text) >= 0.3 ? 10 : 20;
  return text.length >= needed || text.endsWith('。') || /\p{N}/u.test(text);
}

/** `<`, then a letter, `/`, `!` or `?`, and a `>` somewhere behind it. */
export function containsHtmlTags(text: string): boolean {
  const open = /<[a-z/!?]/i.exec(text);
  return open !== null && text.includes('>', open.index);
}
