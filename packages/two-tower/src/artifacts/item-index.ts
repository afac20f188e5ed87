import { type Matrix, topK } from '@matome/primitives/linalg';
import { checkInteger } from '@matome/primitives/options';

/** An item found for a user. */
export interface FoundItem {
  readonly id: string;
  /** Cosine to the user in [-1, 1]. */
  readonly similarity: number;
}

/** Options of `ItemIndex.search`. */
export interface ItemSearchOptions {
  readonly limit: number;
  /** Items that must not be found. @default none */
  readonly exclude?: ReadonlySet<string>;
  /** Items that may be found. @default all */
  readonly filter?: (id: string) => boolean;
}

/**
 * Exact search among item vectors of length 1; fine up to some hundred thousand items.
 *
 * @example
 * const index = new ItemIndex(['a', 'b'], matrixFromRows([[1, 0], [0, 1]]));
 * index.search(new Float32Array([0, 1]), { limit: 1 }) // => [{ id: 'b', similarity: 1 }]
 */
export class ItemIndex {
  /** @throws RangeError if ids and vectors differ in number. */
  constructor(
    readonly ids: readonly string[],
    readonly vectors: Matrix,
  ) {
    if (ids.length !== vectors.rows) {
      throw new RangeError(`The ids of ItemIndex must number ${vectors.rows}. Got ${ids.length}.`);
    }
  }

  /**
   * The nearest items, best first, ties by position: always `limit` of them when so many are allowed.
   *
   * @param user - a vector of length 1.
   * @throws RangeError if the vector has another length than those of the items.
   * @remarks O(items · dim).
   */
  search(user: Float32Array, { limit, exclude, filter }: ItemSearchOptions): FoundItem[] {
    checkInteger('ItemIndex.search', 'limit', limit, { min: 0 });
    const { data, rows, cols } = this.vectors;
    if (user.length !== cols) {
      throw new RangeError(`The vector of ItemIndex.search must have ${cols} numbers. Got ${user.length}.`);
    }
    const scores = new Float32Array(rows).fill(Number.NEGATIVE_INFINITY);
    for (let i = 0; i < rows; i++) {
      const id = this.ids[i]!;
      if (exclude?.has(id) || (filter && !filter(id))) continue;
      let sum = 0;
      for (let j = 0; j < cols; j++) sum += user[j]! * data[i * cols + j]!;
      scores[i] = sum;
    }
    return Array.from(topK(scores, limit))
      .filter((i) => scores[i]! > Number.NEGATIVE_INFINITY)
      .map((i) => ({ id: this.ids[i]!, similarity: scores[i]! }));
  }
}

/** What the catalogue's re-ranking looks at. */
export interface RerankInfo {
  readonly price: number | null;
  readonly productReleasedAt: Date | null;
}

/** A found item with the score it is shown by. */
export interface RankedItem extends FoundItem {
  readonly score: number;
}

/**
 * Orders found items anew; the hook between search and answer.
 *
 * @param score - of one item; higher comes first, ties keep their order.
 * @example
 * rerank([{ id: 'a', similarity: 0.9 }, { id: 'b', similarity: 0.8 }], ({ id }) => (id === 'b' ? 1 : 0))[0].id // => 'b'
 */
export function rerank(items: readonly FoundItem[], score: (item: FoundItem) => number): RankedItem[] {
  const scored = items.map((item, i) => ({ item: { ...item, score: score(item) }, i }));
  scored.sort((a, b) => b.item.score - a.item.score || a.i - b.i);
  return scored.map(({ item }) => item);
}

const millisecondsPerDay = 86_400_000;

/**
 * The score of the catalogue: 0.75 · similarity, up to 0.3 for being new (with a memory of 120 days, 0.1 before the release)
 * and a little for a low price.
 *
 * @param now - the moment ages are counted to.
 * @example
 * catalogueScore({ id: 'a', similarity: 1 }, { price: 500, productReleasedAt: null }, new Date(0)) // => 0.78
 */
export function catalogueScore({ similarity }: FoundItem, info: RerankInfo, now: Date): number {
  const days = info.productReleasedAt
    ? (now.getTime() - info.productReleasedAt.getTime()) / millisecondsPerDay
    : Number.NaN;
  const recency = Number.isNaN(days) ? 0 : days < 0 ? 0.1 : Math.min(0.3, 0.3 * Math.exp(-days / 120));
  return 0.75 * similarity + recency + priceBonus(info.price);
}

function priceBonus(price: number | null): number {
  if (price === null || !Number.isFinite(price)) return 0;
  if (price <= 0) return 0.02;
  if (price < 800) return 0.03;
  return price > 4000 ? -0.05 : 0;
}
