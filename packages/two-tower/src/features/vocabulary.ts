import { createHash } from 'node:crypto';
import { checkInteger } from '@matome/primitives/options';
import { ArtifactError } from '../artifacts/artifact-error.js';

/** Options of `Vocabulary.fit`. */
export interface VocabularyOptions {
  /** Tokens that occur less often are left out. @default 1 */
  readonly minFrequency?: number;
  /** Most tokens kept; 0 keeps all. @default 0 */
  readonly maxSize?: number;
}

/** A token's place in a vector and its weight there. */
export interface VocabularyCounts {
  /** Ascending. */
  readonly indices: readonly number[];
  readonly counts: readonly number[];
}

/**
 * The tokens a feature knows, each with its place; the most frequent come first, equally frequent ones in code unit
 * order, so that the same data give the same places.
 *
 * @example
 * const tags = Vocabulary.fit([['jazz', 'live'], ['jazz']]);
 * tags.tokens // => ['jazz', 'live']
 */
export class Vocabulary {
  private readonly places: ReadonlyMap<string, number>;
  /** SHA-256 of the tokens in order, in hexadecimal: what a serving process compares. */
  readonly sha256: string;

  private constructor(readonly tokens: readonly string[]) {
    this.places = new Map(tokens.map((token, i) => [token, i]));
    this.sha256 = createHash('sha256').update(JSON.stringify(tokens)).digest('hex');
  }

  /** Number of tokens. */
  get size(): number {
    return this.tokens.length;
  }

  /**
   * Counts every occurrence in all lists, repeats within a list included; empty tokens are dropped.
   *
   * @throws RangeError if an option is out of range.
   * @remarks O(occurrences + distinct · log distinct).
   */
  static fit(lists: Iterable<readonly string[]>, options: VocabularyOptions = {}): Vocabulary {
    const { minFrequency = 1, maxSize = 0 } = options;
    checkInteger('Vocabulary.fit', 'minFrequency', minFrequency, { min: 1 });
    checkInteger('Vocabulary.fit', 'maxSize', maxSize, { min: 0 });
    const counts = new Map<string, number>();
    for (const list of lists) for (const token of list) if (token) counts.set(token, (counts.get(token) ?? 0) + 1);
    const kept = [...counts].filter(([, count]) => count >= minFrequency);
    kept.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    return new Vocabulary((maxSize > 0 ? kept.slice(0, maxSize) : kept).map(([token]) => token));
  }

  /**
   * A vocabulary of given tokens in the given order.
   *
   * @throws RangeError if a token stands twice.
   */
  static of(tokens: readonly string[]): Vocabulary {
    const vocabulary = new Vocabulary([...tokens]);
    if (vocabulary.places.size < tokens.length) {
      const twice = tokens.find((token, i) => tokens.indexOf(token) !== i);
      throw new RangeError(`The tokens of Vocabulary.of must differ. Got ${JSON.stringify(twice)} twice.`);
    }
    return vocabulary;
  }

  /** The place of a token, or undefined when it is not known. */
  indexOf(token: string): number | undefined {
    return this.places.get(token);
  }

  /** How often each known token stands in a list; unknown tokens are left out. */
  count(tokens: readonly string[]): VocabularyCounts {
    const found = new Map<number, number>();
    for (const token of tokens) {
      const place = this.places.get(token);
      if (place !== undefined) found.set(place, (found.get(place) ?? 0) + 1);
    }
    const indices = [...found.keys()].sort((a, b) => a - b);
    return { indices, counts: indices.map((i) => found.get(i)!) };
  }

  /** The shape of `vocab_tag.json`. */
  toJSON(): { readonly tokens: readonly string[] } {
    return { tokens: this.tokens };
  }

  /** @throws ArtifactError (`MALFORMED`) if the value is not `{ tokens: string[] }`, or a token stands twice. */
  static fromJSON(json: unknown): Vocabulary {
    const tokens = (json as { tokens?: unknown } | null)?.tokens;
    if (!Array.isArray(tokens) || !tokens.every((token) => typeof token === 'string')) {
      throw new ArtifactError('MALFORMED', 'A vocabulary must be an object with a list of strings under "tokens".');
    }
    if (new Set(tokens).size < tokens.length) {
      throw new ArtifactError('MALFORMED', 'A vocabulary must not hold a token twice.');
    }
    return new Vocabulary(tokens as string[]);
  }
}
