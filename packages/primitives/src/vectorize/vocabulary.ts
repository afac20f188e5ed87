/** Largest number of distinct n-grams: two node numbers must fit into one exact integer. */
const nodeLimit = 2 ** 26;

/**
 * Numbers the n-grams of token lists without building their text: a node is its prefix's node and one more token.
 *
 * Tokens are numbered first to last as they come; node numbers of longer n-grams follow in one sequence with them.
 */
export class NGramTrie {
  private readonly tokenIds = new Map<string, number>();
  private readonly children = new Map<number, number>();
  private readonly tokens: string[] = [];
  private readonly parents: number[] = [];
  private readonly longest: number;

  constructor(longest: number) {
    this.longest = longest;
  }

  /** Nodes so far. */
  get size(): number {
    return this.tokens.length;
  }

  /** The node of a single token, made when it is new. */
  token(token: string): number {
    const known = this.tokenIds.get(token);
    if (known !== undefined) return known;
    if (this.longest > 1 && token.includes(' ')) {
      throw new RangeError(
        `A token must not hold a space when nGramRange goes beyond 1: its n-grams would be ambiguous. Got ${JSON.stringify(token)}.`,
      );
    }
    const id = this.add(token, -1);
    this.tokenIds.set(token, id);
    return id;
  }

  /** The node of a single token, or -1 when it is unknown. */
  findToken(token: string): number {
    return this.tokenIds.get(token) ?? -1;
  }

  /** The node of an n-gram and one more token, made when it is new. */
  child(prefix: number, token: number): number {
    const key = prefix * nodeLimit + token;
    const known = this.children.get(key);
    if (known !== undefined) return known;
    const id = this.add(this.tokens[token]!, prefix);
    this.children.set(key, id);
    return id;
  }

  /** The node of an n-gram and one more token, or -1 when it is unknown. */
  findChild(prefix: number, token: number): number {
    return this.children.get(prefix * nodeLimit + token) ?? -1;
  }

  /** The text of a node, tokens joined by a space. */
  term(node: number): string {
    const parent = this.parents[node]!;
    return parent < 0 ? this.tokens[node]! : `${this.term(parent)} ${this.tokens[node]!}`;
  }

  private add(token: string, parent: number): number {
    const id = this.tokens.length;
    if (id >= nodeLimit) throw new RangeError(`A vocabulary holds at most ${nodeLimit} n-grams.`);
    this.tokens.push(token);
    this.parents.push(parent);
    return id;
  }
}

/**
 * Compares two texts by code point, the order of Python and of UTF-8 bytes; JavaScript's own order differs beyond U+FFFF.
 *
 * @returns below 0, 0 or above 0.
 */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const xAstral = x >= 0xd800 && x <= 0xdfff;
    const yAstral = y >= 0xd800 && y <= 0xdfff;
    return xAstral === yAstral ? x - y : xAstral ? 1 : -1;
  }
  return a.length - b.length;
}
