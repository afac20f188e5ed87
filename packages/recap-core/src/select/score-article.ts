/** What an article's place among those of its genre depends on. */
export interface SelectionSignals {
  /** Confidence of its genre, in [0, 1]. */
  readonly confidence: number;
  /** Unknown counts as a day before `now`. */
  readonly publishedAt?: Date;
  /** Tags with an edge to the genre. */
  readonly tagOverlap?: number;
}

const hourMs = 3_600_000;

/**
 * The rank score of an article: half its confidence, three tenths how fresh it is (halved in 139 hours), two tenths how
 * many of its tags speak for the genre, five being enough.
 *
 * @returns a value in [0, 1].
 * @example
 * scoreArticle({ confidence: 1, publishedAt: new Date(0), tagOverlap: 5 }, new Date(0)) // => 1
 */
export function scoreArticle({ confidence, publishedAt, tagOverlap = 0 }: SelectionSignals, now: Date): number {
  const age = publishedAt === undefined ? 24 : (now.getTime() - publishedAt.getTime()) / hourMs;
  const hours = Math.max(0, Math.floor(Number.isNaN(age) ? 24 : age));
  return 0.5 * confidence + 0.3 * Math.exp(-0.005 * hours) + 0.2 * Math.min(tagOverlap / 5, 1);
}
