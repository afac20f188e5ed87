/** Longest quotation, in UTF-16 units, that is read as one piece: beyond it the bracket is taken for unbalanced. */
const longestQuote = 400;
const closing: Readonly<Record<string, string>> = { '「': '」', '『': '』', '（': '）', '【': '】' };
const anyOpening = /[「『（【]/;
const brackets = /[「」『』（）【】]/g;

/**
 * Finds the outermost Japanese quotations and brackets of a text.
 *
 * @returns the place of each opening bracket with the place of its partner; undefined when the text has none. A bracket
 * without a partner within 400 units opens nothing, so a lost bracket cannot swallow the text.
 * @remarks O(length).
 */
export function findJapaneseQuotes(text: string): ReadonlyMap<number, number> | undefined {
  if (!anyOpening.test(text)) return undefined;
  const pairs = new Map<number, number>();
  const stack: { at: number; expected: string }[] = [];
  const outer: { at: number; end: number }[] = [];
  for (const match of text.matchAll(brackets)) {
    const mark = match[0];
    const partner = closing[mark];
    if (partner !== undefined) {
      stack.push({ at: match.index, expected: partner });
      continue;
    }
    // Only the last few open brackets can be the partner: a deeper mismatch means unbalanced text.
    for (let depth = stack.length - 1; depth >= Math.max(0, stack.length - 4); depth--) {
      const open = stack[depth]!;
      if (open.expected !== mark) continue;
      stack.length = depth;
      if (match.index - open.at <= longestQuote) outer.push({ at: open.at, end: match.index });
      break;
    }
  }
  outer.sort((a, b) => a.at - b.at);
  let covered = -1;
  for (const { at, end } of outer) {
    if (at < covered) continue;
    pairs.set(at, end);
    covered = end;
  }
  return pairs;
}
