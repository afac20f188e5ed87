import { normalizeText } from '@matome/primitives/text';
import type { DedupDocument } from './deduplicate.js';
import { type DuplicateGroup, type DuplicateLink, duplicateGroups, type PrimaryChoice } from './duplicate-groups.js';
import { type DuplicateReason, type DuplicateThresholds, fillThresholds } from './judge-pair.js';
import { NearDuplicates } from './near-duplicates.js';
import type { ShingleOptions } from './shingles.js';

/** Options of `DuplicateIndex`. */
export interface DuplicateIndexOptions extends DuplicateThresholds {
  /** Length of the shingles. */
  readonly shingles?: ShingleOptions;
}

/** A document of the index that a new one repeats. */
export interface DuplicateHit {
  readonly id: string;
  readonly similarity: number;
  readonly reason: DuplicateReason;
}

/** Entries that may be forgotten before the index is built anew. */
const slack = 256;

/**
 * Documents of a moving window of time: each new one is told which of those still inside it repeats.
 *
 * `add` takes documents in any order, `expire` drops what was published before a moment. Adding an id again replaces
 * its document, so a consumer that sees a message twice changes nothing.
 *
 * @remarks `add` costs about 0.1 ms for a news article; an article takes about 4 KB. See `deduplicate` for a whole batch.
 * @example
 * const index = new DuplicateIndex();
 * const text = 'The ferry to the island left the old harbour at noon on Monday with two hundred people on board.';
 * index.add({ id: 'a', text });
 * index.add({ id: 'b', text: `Breaking: ${text}` })[0]?.id // => 'a'
 */
export class DuplicateIndex {
  private readonly near: NearDuplicates;
  /** Document of each entry of `near`; undefined once it was dropped. */
  private entries: (DedupDocument | undefined)[] = [];
  private readonly entryOf = new Map<string, number>();
  private links: DuplicateLink[] = [];

  /** @throws RangeError for a threshold outside [0, 1]. */
  constructor(options: DuplicateIndexOptions = {}) {
    this.near = new NearDuplicates(fillThresholds('DuplicateIndex', options), options.shingles ?? {}, 1024);
  }

  /** Number of documents inside the window. */
  get size(): number {
    return this.entryOf.size;
  }

  /**
   * Adds a document, or replaces the one with its id.
   *
   * @returns the documents inside the window that it repeats, most similar first, then by id.
   */
  add(document: DedupDocument): DuplicateHit[] {
    this.remove(document.id);
    const entry = this.entries.length;
    const hits: DuplicateHit[] = [];
    for (const { entry: other, verdict } of this.near.add(document.text)) {
      if (verdict.status !== 'duplicate') continue;
      const known = this.entries[other]!;
      const reason = sameText(known.text, document.text) ? 'exact' : verdict.reason;
      const similarity = reason === 'exact' ? 1 : verdict.similarity;
      this.links.push({ a: other, b: entry, reason, similarity });
      hits.push({ id: known.id, similarity, reason });
    }
    this.entries.push(document);
    this.entryOf.set(document.id, entry);
    return hits.sort((a, b) => b.similarity - a.similarity || (a.id < b.id ? -1 : 1));
  }

  /** Drops a document; false when there is none with this id. */
  remove(id: string): boolean {
    const entry = this.entryOf.get(id);
    if (entry === undefined) return false;
    this.entryOf.delete(id);
    this.entries[entry] = undefined;
    this.near.remove(entry);
    if (this.entries.length > 2 * this.entryOf.size + slack) this.compact();
    return true;
  }

  /**
   * Drops every document published before a moment; documents without a date stay.
   *
   * @returns how many were dropped.
   */
  expire(before: Date): number {
    const old = this.entries.filter((document) => document?.publishedAt !== undefined && document.publishedAt < before);
    for (const document of old) this.remove(document!.id);
    return old.length;
  }

  /**
   * The groups among the documents inside the window, as `deduplicate` describes them.
   *
   * @param primary - which member stands for its group. Default 'newest'.
   */
  groups(primary: PrimaryChoice = 'newest'): DuplicateGroup[] {
    this.compact();
    const documents = this.entries as DedupDocument[];
    const all = documents.map((_, i) => i);
    const texts = { first: all, of: Int32Array.from(all) };
    return duplicateGroups(documents, texts, this.links, primary, (a, b) => this.near.compare(a, b));
  }

  /** Lets go of dropped documents. */
  private compact(): void {
    if (this.entries.length === this.entryOf.size) return;
    const kept = [...this.entries.keys()].filter((entry) => this.entries[entry] !== undefined);
    const moved = new Map(kept.map((entry, i) => [entry, i]));
    this.near.keepOnly(kept);
    this.links = this.links
      .filter(({ a, b }) => moved.has(a) && moved.has(b))
      .map((link) => ({ ...link, a: moved.get(link.a)!, b: moved.get(link.b)! }));
    this.entries = kept.map((entry) => this.entries[entry]);
    this.entries.forEach((document, i) => {
      this.entryOf.set(document!.id, i);
    });
  }
}

function sameText(a: string, b: string): boolean {
  const normal = (text: string) => normalizeText(text, { form: 'NFKC', collapseSpaces: true });
  return a === b || normal(a) === normal(b);
}
