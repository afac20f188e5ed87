/** Where a term stands: windows, numbered through all documents, as ascending ranges [start, end) that do not touch. */
export interface TermWindows {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** Windows in all ranges. */
  readonly count: number;
}

/** Finds the windows of all terms in one pass. */
export interface WindowIndex {
  readonly windows: number;
  readonly of: ReadonlyMap<string, TermWindows>;
}

/** Terms of one length in words, by their first word. */
type TermsByFirst = ReadonlyMap<string, readonly { readonly term: string; readonly words: readonly string[] }[]>;

/**
 * Indexes which windows hold which terms.
 *
 * @param terms - a term of several words, joined by spaces, stands where its words follow each other.
 * @param size - tokens of a window that slides by one; a document of no more tokens is one window.
 */
export function indexWindows(
  documents: readonly (readonly string[])[],
  terms: Iterable<string>,
  size: number,
): WindowIndex {
  const ranges = new Map<string, { starts: number[]; ends: number[]; count: number }>();
  for (const term of terms) ranges.set(term, { starts: [], ends: [], count: 0 });
  const byFirst = groupByFirst(ranges.keys());
  let base = 0;
  for (const tokens of documents) {
    const own = Math.max(1, tokens.length - size + 1);
    tokens.forEach((token, at) => {
      for (const { term, words } of byFirst.get(token) ?? []) {
        if (words.some((word, i) => tokens[at + i] !== word)) continue;
        const first = Math.max(0, at + words.length - size);
        const last = Math.min(own - 1, at);
        if (first <= last) append(ranges.get(term)!, base + first, base + last + 1);
      }
    });
    base += own;
  }
  return { windows: base, of: ranges };
}

function groupByFirst(terms: Iterable<string>): TermsByFirst {
  const groups = new Map<string, { term: string; words: string[] }[]>();
  for (const term of terms) {
    const words = term.split(' ');
    const group = groups.get(words[0]!) ?? [];
    groups.set(words[0]!, group);
    group.push({ term, words });
  }
  return groups;
}

function append(range: { starts: number[]; ends: number[]; count: number }, start: number, end: number): void {
  const last = range.ends.length - 1;
  const before = last < 0 ? -1 : range.ends[last]!;
  if (start > before) {
    range.starts.push(start);
    range.ends.push(end);
    range.count += end - start;
  } else if (end > before) {
    range.ends[last] = end;
    range.count += end - before;
  }
}

/** Windows that hold both terms. */
export function sharedWindows(a: TermWindows, b: TermWindows): number {
  let count = 0;
  let i = 0;
  let j = 0;
  while (i < a.starts.length && j < b.starts.length) {
    const low = Math.max(a.starts[i]!, b.starts[j]!);
    const high = Math.min(a.ends[i]!, b.ends[j]!);
    if (high > low) count += high - low;
    if (a.ends[i]! < b.ends[j]!) i++;
    else j++;
  }
  return count;
}
