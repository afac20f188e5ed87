/** Longest title in characters and in words. */
const longestTitle = 250;
const mostWords = 30;
const fewestWords = 3;

/** Capitalised in the middle of a line, and followed by a small letter, these words start a sentence. */
const starters = new Set(
  (
    'the this that these those we our i it its in on at to for from with by as a an and but if when while where although ' +
    'though because since there many most some several few all each both one two how what why who which recent recently ' +
    'current currently existing today traditional however after before during through by using given despite due over ' +
    'under among such no not they their people researchers users you your'
  ).split(' '),
);

/**
 * Finds the end of a title that runs into the text without a mark: `Growth of solar power The share of solar power rose.`
 *
 * A title ends at a question mark, before a capitalised word that starts sentences and goes on in small letters, or, where
 * the words before are small, before a capitalised word that the rest of the text writes small.
 *
 * @returns the UTF-16 unit after the title; the length of the text when all of it looks like a title; 0 without one.
 * @remarks O(length).
 */
export function runInTitleEnd(text: string): number {
  const head = text.slice(0, longestTitle);
  const words = [...head.matchAll(/\S+/g)];
  let small = 0;
  let capitals = 0;
  for (let i = 0; i < Math.min(mostWords, words.length); i++) {
    const word = words[i]![0];
    const previous = words[i - 1]?.[0] ?? '';
    const following = words[i + 1]?.[0] ?? '';
    if (i >= fewestWords && /\?$/.test(previous)) return words[i - 1]!.index + previous.length;
    if (/[.!]["')\]]?$/.test(previous) && i >= fewestWords) return 0;
    if (i >= fewestWords && !/[:;,–—-]$/.test(previous) && /^[A-Z]/.test(word) && /^[a-z(0-9]/.test(following)) {
      const lower = word.toLowerCase().replace(/[^\p{L}\p{N}'-]/gu, '');
      const starts = starters.has(lower) && !isSmallWordOfTitle(previous);
      // A title in small letters: any common word with a capital is a new start.
      const ordinary = /^[A-Z][a-z'-]+,?$/.test(word) && capitals <= small * 0.25 && writtenSmall(text, lower);
      if (starts || ordinary) return words[i - 1]!.index + previous.length;
    }
    if (i > 0 && /^[a-z]{4,}/.test(word)) small++;
    else if (i > 0 && /^[A-Z]/.test(word)) capitals++;
  }
  return 0;
}

/** `of The` is part of a title, not its end. */
function isSmallWordOfTitle(word: string): boolean {
  return /^(?:of|in|on|at|to|for|from|with|by|and|or|the|a|an|as|via|through|under|over|between|beyond)$/i.test(word);
}

function writtenSmall(text: string, lower: string): boolean {
  const at = text.indexOf(` ${lower}`);
  return at >= 0 && !/\p{L}/u.test(text[at + 1 + lower.length] ?? ' ');
}
