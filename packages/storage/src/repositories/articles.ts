import { checkInteger } from '@matome/primitives/options';
import type { SqlClient } from '../sql/sql-client.js';
import { checkStorableDate, checkStorableText, isStorableText } from '../sql/storable-text.js';
import { upsertRows } from '../sql/upsert.js';

/** An article as it is handed in; ids come from the caller, who derives them from the content or the feed. */
export interface NewArticle {
  readonly id: string;
  readonly title: string;
  /** HTML or plain text. */
  readonly body: string;
  readonly url?: string | null;
  /** The feed or source; tags of one feed share a row. @default '' */
  readonly feedId?: string;
  readonly language?: string | null;
  readonly publishedAt?: Date | null;
}

/** A stored article. */
export interface ArticleRecord {
  readonly id: string;
  readonly title: string;
  readonly body: string;
  readonly url: string | null;
  readonly feedId: string;
  readonly language: string | null;
  readonly publishedAt: Date | null;
  /** When it was stored first; milliseconds are its finest unit. */
  readonly createdAt: Date;
}

/** Times from `from` up to and including `to`. */
export interface TimeWindow {
  readonly from: Date;
  readonly to: Date;
}

/** Options of `ArticleRepository.fetchWindow`. */
export interface FetchWindowOptions {
  /** Articles a page. @default 500 */
  readonly pageSize?: number;
  readonly signal?: AbortSignal;
}

/** Stored articles. */
export interface ArticleRepository {
  /**
   * Stores articles whose id is new and leaves the others as they are.
   *
   * @returns how many were new.
   * @throws RangeError for text that PostgreSQL cannot hold (a NUL character, half a surrogate pair), and for a date that
   * is none or outside the years 1 to 9999.
   */
  save(articles: readonly NewArticle[]): Promise<number>;
  /** @returns the known ones of `ids`, in that order. */
  find(ids: readonly string[]): Promise<readonly ArticleRecord[]>;
  /**
   * Yields the articles published in the window, oldest first, then by id; articles without a date are left out.
   *
   * @throws RangeError for a window whose ends are no dates, or outside the years 1 to 9999.
   */
  fetchWindow(window: TimeWindow, options?: FetchWindowOptions): AsyncIterable<readonly ArticleRecord[]>;
  count(): Promise<number>;
}

/** Columns of an article, as every query of this package names them. */
export const articleColumns = 'a.id, a.title, a.body, a.url, a.feed_id, a.language, a.published_at, a.created_at';

/** A row of {@link articleColumns}. */
export interface ArticleRow {
  readonly id: string;
  readonly title: string;
  readonly body: string;
  readonly url: string | null;
  readonly feed_id: string;
  readonly language: string | null;
  readonly published_at: Date | null;
  readonly created_at: Date;
}

/** Maps a row of {@link articleColumns}. */
export function toArticle(row: ArticleRow): ArticleRecord {
  return {
    id: row.id,
    title: row.title,
    body: row.body,
    url: row.url,
    feedId: row.feed_id,
    language: row.language,
    publishedAt: row.published_at,
    createdAt: row.created_at,
  };
}

/** Throws unless every text and the date of the article can be stored. */
export function checkArticle(article: NewArticle): void {
  checkStorableText(`id of article ${JSON.stringify(article.id)}`, article.id);
  checkStorableText(`title of article ${article.id}`, article.title);
  checkStorableText(`body of article ${article.id}`, article.body);
  checkStorableText(`url of article ${article.id}`, article.url ?? '');
  checkStorableText(`feedId of article ${article.id}`, article.feedId ?? '');
  checkStorableText(`language of article ${article.id}`, article.language ?? '');
  if (article.publishedAt) checkStorableDate(`publishedAt of article ${article.id}`, article.publishedAt);
}

const target = {
  table: 'articles',
  columns: {
    id: 'text',
    title: 'text',
    body: 'text',
    url: 'text',
    feed_id: 'text',
    language: 'text',
    published_at: 'timestamptz',
    created_at: 'timestamptz',
  },
  conflict: ['id'],
  update: 'nothing',
} as const;

/** Keeps articles in the table `articles`. */
export function createArticleRepository(client: SqlClient, now: () => number): ArticleRepository {
  return {
    async save(articles) {
      articles.forEach(checkArticle);
      const created = new Date(now());
      const rows = articles.map((article) => ({
        id: article.id,
        title: article.title,
        body: article.body,
        url: article.url ?? null,
        feed_id: article.feedId ?? '',
        language: article.language ?? null,
        published_at: article.publishedAt ?? null,
        created_at: created,
      }));
      return upsertRows(client, target, firstById(rows));
    },
    async find(ids) {
      const { rows } = await client.query<ArticleRow>(
        `SELECT ${articleColumns} FROM unnest($1::text[]) WITH ORDINALITY AS wanted (id, place)
         JOIN articles a ON a.id = wanted.id ORDER BY wanted.place`,
        [ids.filter(isStorableText)],
      );
      return rows.map(toArticle);
    },
    fetchWindow: (window, options = {}) => pages(client, window, options),
    async count() {
      const { rows } = await client.query<{ n: number }>('SELECT count(*)::integer AS n FROM articles');
      return rows[0]?.n ?? 0;
    },
  };
}

// The upsert keeps the last row of a key; an article that is there must win over later ones, inside one call as well.
function firstById<Row extends { readonly id: string }>(rows: readonly Row[]): Row[] {
  const first = new Map<string, Row>();
  for (const row of rows) if (!first.has(row.id)) first.set(row.id, row);
  return [...first.values()];
}

/** Throws unless both ends of the window are dates that an article can have. */
export function checkWindow({ from, to }: TimeWindow): void {
  checkStorableDate('start of the window', from);
  checkStorableDate('end of the window', to);
}

async function* pages(client: SqlClient, window: TimeWindow, options: FetchWindowOptions) {
  const { pageSize = 500, signal } = options;
  checkInteger('ArticleRepository.fetchWindow', 'pageSize', pageSize, { min: 1 });
  checkWindow(window);
  let after: { time: string; id: string } = { time: window.from.toISOString(), id: '' };
  for (;;) {
    signal?.throwIfAborted();
    const { rows } = await client.query<ArticleRow>(
      `SELECT ${articleColumns} FROM articles a
       WHERE (a.published_at, a.id) > ($1::timestamptz, $2) AND a.published_at <= $3::timestamptz
       ORDER BY a.published_at, a.id LIMIT $4::integer`,
      [after.time, after.id, window.to.toISOString(), pageSize],
    );
    if (rows.length > 0) yield rows.map(toArticle);
    const last = rows.at(-1);
    if (rows.length < pageSize || !last?.published_at) return;
    after = { time: last.published_at.toISOString(), id: last.id };
  }
}
