import { type Matrix, takeRows } from '@matome/primitives/linalg';
import { checkInteger } from '@matome/primitives/options';
import type { Genre, GenreAssignment } from '../genre/genre-types.js';
import { filterOutliers, type OutlierOptions } from './outlier-filter.js';
import { scoreArticle } from './score-article.js';
import { type SubdivideOptions, subdivideGenre } from './subdivide-genre.js';

/** An article as selection reads it; every prepared article is one. */
export interface SelectableArticle {
  readonly id: string;
  readonly publishedAt?: Date;
}

/** Options of `selectArticles`. */
export interface SelectOptions {
  /** The time against which freshness counts. */
  readonly now: Date;
  /** Articles a genre keeps. @default 20 */
  readonly maxPerGenre?: number;
  /** Articles a genre needs; a smaller one is left out and named. @default 3 */
  readonly minDocuments?: number;
  /** Articles a single genre needs in place of `minDocuments`. */
  readonly minDocumentsByGenre?: Readonly<Record<Genre, number>>;
  /** One row per article, in their order; without it nothing is divided and no outlier found. */
  readonly vectors?: Matrix;
  /** Removing what does not hang together; needs `vectors`. @default on */
  readonly outliers?: OutlierOptions | false;
  /** Articles above which a genre is divided; needs `vectors`. @default 200 */
  readonly divideAbove?: number;
  readonly subdivide?: SubdivideOptions;
  /** The genre of articles without one, which is always divided. @default 'other' */
  readonly otherGenre?: Genre;
  /** Tags of an article with an edge to its genre. @default none */
  readonly tagOverlap?: (articleId: string, genre: Genre) => number;
}

/** Why an article or a genre is not in the selection. */
export type SelectionReason = 'outlier' | 'over-limit' | 'too-few';

/** The chosen articles of one genre. */
export interface GenreSelection {
  /** Name of the genre, or of a part of it: `other.1`, `sports_002`. */
  readonly genre: Genre;
  /** The genre it is a part of, or itself. */
  readonly parent: Genre;
  /** Best first. */
  readonly articles: readonly { readonly articleId: string; readonly score: number }[];
}

/** What was chosen, and what was not. */
export interface Selection {
  /** In order of their names. */
  readonly genres: readonly GenreSelection[];
  readonly left: readonly { readonly articleId: string; readonly genre: Genre; readonly reason: SelectionReason }[];
}

/**
 * Chooses the articles of every genre: divides what is too large, removes what does not hang together, keeps the best by
 * score.
 *
 * @param assignments - one per article, in the order of `articles`.
 * @returns the same whatever the order of the articles.
 * @throws RangeError if lengths or ids disagree or options are out of range.
 * @remarks O(n log n) beside division and outliers.
 * @example
 * const articles = ['a', 'b', 'c'].map((id) => ({ id }));
 * const assignments = articles.map(({ id }, i) => ({ articleId: id, genre: 'sports', confidence: i / 4, candidates: [], strategy: 'coarse-only' as const, belowThreshold: false, accepted: true, plausible: [] }));
 * const { genres } = selectArticles(assignments, articles, { now: new Date(0), maxPerGenre: 2 });
 * genres[0].articles.map(({ articleId }) => articleId) // => ['c', 'b']
 */
export function selectArticles(
  assignments: readonly GenreAssignment[],
  articles: readonly SelectableArticle[],
  options: SelectOptions,
): Selection {
  const { maxPerGenre = 20, minDocuments = 3, vectors } = options;
  checkInteger('selectArticles', 'maxPerGenre', maxPerGenre, { min: 1 });
  checkInteger('selectArticles', 'minDocuments', minDocuments, { min: 0 });
  if (assignments.length !== articles.length || assignments.some(({ articleId }, i) => articleId !== articles[i]!.id)) {
    throw new RangeError('selectArticles needs one assignment per article, in the same order.');
  }
  if (vectors && vectors.rows !== articles.length) {
    throw new RangeError(
      `The vectors option of selectArticles must have ${articles.length} rows. Got ${vectors.rows}.`,
    );
  }
  const left: { articleId: string; genre: Genre; reason: SelectionReason }[] = [];
  const genres: GenreSelection[] = [];
  for (const [parent, rows] of rowsByGenre(assignments, articles, options)) {
    for (const [genre, members] of divide(parent, rows, options)) {
      const drop = (gone: readonly number[], reason: SelectionReason) => {
        for (const row of gone) left.push({ articleId: articles[row]!.id, genre, reason });
      };
      const needed = options.minDocumentsByGenre?.[parent] ?? minDocuments;
      const { kept, removed } = coherent(parent, members, needed, options);
      drop(removed, 'outlier');
      if (kept.length < needed) {
        drop(kept, 'too-few');
        continue;
      }
      const ranked = kept
        .map((row) => ({ row, score: score(assignments[row]!, articles[row]!, parent, options) }))
        .sort((a, b) => b.score - a.score || (articles[a.row]!.id < articles[b.row]!.id ? -1 : 1));
      drop(
        ranked.slice(maxPerGenre).map(({ row }) => row),
        'over-limit',
      );
      const chosen = ranked
        .slice(0, maxPerGenre)
        .map((one) => ({ articleId: articles[one.row]!.id, score: one.score }));
      genres.push({ genre, parent, articles: chosen });
    }
  }
  genres.sort((a, b) => (a.genre < b.genre ? -1 : 1));
  return { genres, left };
}

/** Rows of every genre in order of their ids, so that the order of the input decides nothing. */
function rowsByGenre(
  assignments: readonly GenreAssignment[],
  articles: readonly SelectableArticle[],
  { otherGenre = 'other' }: SelectOptions,
): Map<Genre, number[]> {
  const order = articles.map((_, i) => i).sort((a, b) => (articles[a]!.id < articles[b]!.id ? -1 : 1));
  const groups = new Map<Genre, number[]>();
  for (const i of order) {
    const genre = assignments[i]!.genre || otherGenre;
    const group = groups.get(genre);
    if (group) group.push(i);
    else groups.set(genre, [i]);
  }
  return groups;
}

/** The parts of a genre that is too large or without a name; what fits in no part stays with the parent. */
function divide(parent: Genre, rows: readonly number[], options: SelectOptions): Map<Genre, readonly number[]> {
  const { vectors, divideAbove = 200, otherGenre = 'other', subdivide = {} } = options;
  const isOther = parent === otherGenre;
  const large = isOther ? rows.length >= 6 : rows.length > divideAbove;
  if (vectors === undefined || !large) return new Map([[parent, rows]]);
  const settings = isOther ? { targetSize: 3, maxParts: 5, ...subdivide } : subdivide;
  const { parts, count } = subdivideGenre(takeRows(vectors, rows), settings);
  if (count < 2) return new Map([[parent, rows]]);
  const groups = new Map<Genre, number[]>();
  rows.forEach((row, i) => {
    const part = parts[i]!;
    const numbered = isOther ? `${parent}.${part}` : `${parent}_${String(part + 1).padStart(3, '0')}`;
    const name = part < 0 ? parent : numbered;
    const group = groups.get(name);
    if (group) group.push(row);
    else groups.set(name, [row]);
  });
  return groups;
}

function coherent(
  parent: Genre,
  rows: readonly number[],
  needed: number,
  { vectors, outliers = {}, otherGenre = 'other' }: SelectOptions,
): { kept: readonly number[]; removed: readonly number[] } {
  if (vectors === undefined || outliers === false || parent === otherGenre || rows.length < 3) {
    return { kept: rows, removed: [] };
  }
  const found = filterOutliers(takeRows(vectors, rows), { minDocuments: needed, ...outliers });
  return { kept: found.kept.map((i) => rows[i]!), removed: found.removed.map((i) => rows[i]!) };
}

function score(
  assignment: GenreAssignment,
  { id, publishedAt }: SelectableArticle,
  genre: Genre,
  { now, tagOverlap }: SelectOptions,
): number {
  return scoreArticle(
    {
      confidence: assignment.confidence,
      ...(publishedAt === undefined ? {} : { publishedAt }),
      ...(tagOverlap === undefined ? {} : { tagOverlap: tagOverlap(id, genre) }),
    },
    now,
  );
}
