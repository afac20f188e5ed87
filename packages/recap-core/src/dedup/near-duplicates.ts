import { type Overlap, ShingleComparer } from './compare-shingles.js';
import { type FilledThresholds, judgePair, namesOthers, type PairVerdict } from './judge-pair.js';
import { LocalitySensitiveIndex } from './locality-sensitive-index.js';
import { minHash } from './min-hash.js';
import { type ShingleOptions, textHashes } from './shingles.js';

/** An earlier text that shares much with a new one. */
export interface NearMatch {
  /** Its number: 0 for the first text added. */
  readonly entry: number;
  readonly verdict: PairVerdict;
}

/** Texts under comparison: proposes pairs by their signatures and judges them by their shingles. */
export class NearDuplicates {
  private index: LocalitySensitiveIndex;
  private readonly comparer = new ShingleComparer();
  private texts: (Uint32Array | undefined)[] = [];
  private sizes: number[] = [];
  private numbers: Uint32Array[] = [];

  constructor(
    private readonly limits: FilledThresholds,
    private readonly shingles: ShingleOptions,
    capacity: number,
  ) {
    this.index = new LocalitySensitiveIndex({ capacity: Math.max(1, capacity) });
  }

  /** Adds a text; gives the texts added before that are its duplicates, or may be, by number. */
  add(text: string): NearMatch[] {
    const { shingles, numbers } = textHashes(text, this.shingles);
    this.comparer.load(shingles);
    const size = this.comparer.distinctShingles;
    const signature = minHash(shingles, this.index.signatureSize);
    const matches: NearMatch[] = [];
    for (const entry of this.index.candidates(signature)) {
      const verdict = this.judge(
        this.comparer.compare(this.texts[entry]!, this.sizes[entry]!, this.limits.minJaccard),
        size,
        numbers,
        entry,
      );
      if (verdict.status !== 'different') matches.push({ entry, verdict });
    }
    this.index.add(signature);
    this.texts.push(shingles);
    this.sizes.push(size);
    this.numbers.push(numbers);
    return matches;
  }

  /** Judges two texts that were added. */
  compare(a: number, b: number): PairVerdict {
    this.comparer.load(this.texts[a]!);
    return this.judge(this.comparer.compare(this.texts[b]!, this.sizes[b]!), this.sizes[a]!, this.numbers[a]!, b);
  }

  /** Forgets a text. */
  remove(entry: number): void {
    this.index.remove(entry);
    this.texts[entry] = undefined;
    this.numbers[entry] = none;
  }

  /** Forgets all texts but those of `entries`, which get the numbers 0, 1, … in that order. */
  keepOnly(entries: readonly number[]): void {
    this.texts = entries.map((entry) => this.texts[entry]!);
    this.sizes = entries.map((entry) => this.sizes[entry]!);
    this.numbers = entries.map((entry) => this.numbers[entry]!);
    this.index = new LocalitySensitiveIndex({ capacity: Math.max(1, entries.length) });
    for (const shingles of this.texts) this.index.add(minHash(shingles!, this.index.signatureSize));
  }

  private judge(overlap: Overlap, size: number, numbers: Uint32Array, entry: number): PairVerdict {
    const other = this.sizes[entry]!;
    const verdict = judgePair(overlap, Math.min(size, other), Math.max(size, other), this.limits);
    if (verdict.status === 'different' || !namesOthers(numbers, this.numbers[entry]!, this.limits)) return verdict;
    return { status: 'different', similarity: verdict.similarity };
  }
}

const none = new Uint32Array(0);
