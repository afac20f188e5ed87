import { partMark } from './static-terms.js';

/** Words whose terms are remembered: words follow Zipf's law, so a small table holds nearly all. */
const wordsKept = 50_000;
/** Longest term that is tried, in UTF-16 units. */
const longestTerm = 24;
/** Longest word that is cut at all: what is longer is no word. */
const longestWord = 200;

/**
 * Cuts words into the terms of a vocabulary, the longest first; places where no term fits are skipped.
 *
 * @see Wu et al. (2016), arXiv:1609.08144, for word pieces
 */
export class TermMatcher {
  private readonly rows = new Map<string, number>();
  private readonly known = new Map<string, Uint16Array>();
  private readonly continued: string;

  /**
   * @param terms - the vocabulary in the order of its rows, at most 65,536.
   * @param continued - prefix of the terms that go on inside a word; empty when terms are not marked.
   */
  constructor(terms: readonly string[], continued: string) {
    this.continued = continued;
    for (let i = 0; i < terms.length; i++) this.rows.set(terms[i]!, i);
  }

  /** Rows of the terms of a word, in order; empty when nothing of it is known. */
  match(word: string): Uint16Array {
    const remembered = this.known.get(word);
    if (remembered !== undefined) return remembered;
    if (this.known.size >= wordsKept) this.known.clear();
    const found = word.length > longestWord ? new Uint16Array(0) : this.find(word);
    this.known.set(word, found);
    return found;
  }

  private find(word: string): Uint16Array {
    if (!word.startsWith(partMark) || word.length === 1) return this.cut(word);
    const row = this.rows.get(word);
    return row === undefined ? new Uint16Array(0) : Uint16Array.of(row);
  }

  private cut(word: string): Uint16Array {
    const found: number[] = [];
    let start = 0;
    while (start < word.length) {
      const prefix = start === 0 ? '' : this.continued;
      let end = Math.min(word.length, start + longestTerm);
      let row: number | undefined;
      for (; end > start; end--) {
        row = this.rows.get(prefix + word.slice(start, end));
        if (row !== undefined) break;
      }
      if (row === undefined) {
        start++;
      } else {
        found.push(row);
        start = end;
      }
    }
    return Uint16Array.from(found);
  }
}
