import { checkInteger } from '@matome/primitives/options';
import type { Cursor } from '../sql/cursor.js';
import type { SqlClient } from '../sql/sql-client.js';
import { checkStorableText, isStorableText } from '../sql/storable-text.js';
import { upsertRows } from '../sql/upsert.js';
import { StorageError } from '../storage-error.js';
import { type ArticleRecord, type ArticleRow, articleColumns, toArticle } from './articles.js';

/** A tag of an article. */
export interface TagRecord {
  readonly name: string;
  /** In [0, 1]. */
  readonly confidence: number;
}

/** Tags of articles. */
export interface TagRepository {
  /** @returns articles without tags, newest first, strictly older than `after`. */
  findUntagged(page: { readonly after?: Cursor; readonly limit: number }): Promise<readonly ArticleRecord[]>;
  /**
   * Makes the given tags the tags of their article, best first; tags it had before and has no longer are dropped.
   *
   * @throws StorageError `NOT_FOUND` if an article is not stored; RangeError if a confidence is outside [0, 1].
   */
  save(entries: readonly { readonly articleId: string; readonly tags: readonly TagRecord[] }[]): Promise<void>;
  /** @returns the tags of those articles that have some, in their order. */
  find(articleIds: readonly string[]): Promise<ReadonlyMap<string, readonly TagRecord[]>>;
}

/** One tag of one article, ready to be written. */
export interface TagEntry {
  readonly articleId: string;
  readonly name: string;
  readonly confidence: number;
  readonly position: number;
}

/** Checks and flattens the argument of `TagRepository.save`; of a name given twice the first stays. */
export function tagEntries(
  entries: readonly { readonly articleId: string; readonly tags: readonly TagRecord[] }[],
): readonly TagEntry[] {
  return entries.flatMap(({ articleId, tags }) => {
    const seen = new Set<string>();
    return tags.flatMap(({ name, confidence }, position) => {
      checkStorableText(`tag ${position} of article ${articleId}`, name);
      if (!(confidence >= 0 && confidence <= 1)) {
        throw new RangeError(`The confidence of tag "${name}" must be a number in [0, 1]. Got ${confidence}.`);
      }
      if (seen.has(name)) return [];
      seen.add(name);
      return [{ articleId, name, confidence, position }];
    });
  });
}

/** Keeps tags in the tables `feed_tags` and `article_tags`. */
export function createTagRepository(client: SqlClient, now: () => number): TagRepository {
  return {
    async findUntagged({ after, limit }) {
      checkInteger('TagRepository.findUntagged', 'limit', limit, { min: 1 });
      const { rows } = await client.query<ArticleRow>(
        `SELECT ${articleColumns} FROM articles a
         WHERE NOT EXISTS (SELECT FROM article_tags t WHERE t.article_id = a.id)
           AND ($1::timestamptz IS NULL OR (a.created_at, a.id) < ($1::timestamptz, $2))
         ORDER BY a.created_at DESC, a.id DESC LIMIT $3::integer`,
        [after?.createdAt.toISOString() ?? null, after?.id ?? '', limit],
      );
      return rows.map(toArticle);
    },
    async save(entries) {
      const flat = tagEntries(entries);
      const ids = entries.map(({ articleId }) => articleId);
      if (ids.length === 0) return;
      await client.transaction(async (transaction) => {
        const feeds = await feedsOf(transaction, ids);
        await writeTags(transaction, flat, ids, feeds, new Date(now()));
      });
    },
    async find(articleIds) {
      const { rows } = await client.query<{ article_id: string; tag_name: string; confidence: number }>(
        `SELECT t.article_id, f.tag_name, t.confidence FROM article_tags t JOIN feed_tags f ON f.id = t.feed_tag_id
         WHERE t.article_id = ANY($1::text[]) ORDER BY t.article_id, t.position, f.tag_name`,
        [articleIds.filter(isStorableText)],
      );
      const found = new Map<string, TagRecord[]>();
      for (const { article_id, tag_name, confidence } of rows) {
        const tags = found.get(article_id) ?? [];
        tags.push({ name: tag_name, confidence });
        found.set(article_id, tags);
      }
      return found;
    },
  };
}

async function feedsOf(client: SqlClient, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ id: string; feed_id: string }>(
    'SELECT id, feed_id FROM articles WHERE id = ANY($1::text[])',
    [[...ids]],
  );
  const feeds = new Map(rows.map((row) => [row.id, row.feed_id]));
  for (const id of ids) if (!feeds.has(id)) throw articleMissing(id);
  return feeds;
}

/** The error of every implementation for tags of an article that is not stored. */
export function articleMissing(id: string): StorageError {
  return new StorageError('NOT_FOUND', `Tags need a stored article. No article has the id "${id}".`);
}

async function writeTags(
  client: SqlClient,
  flat: readonly TagEntry[],
  ids: readonly string[],
  feeds: ReadonlyMap<string, string>,
  time: Date,
): Promise<void> {
  // Sorted, so that two writers lock shared rows in the same order.
  const byTag = [...flat].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  await upsertRows(
    client,
    {
      table: 'feed_tags',
      columns: {
        feed_id: 'text',
        tag_name: 'text',
        confidence: 'double precision',
        created_at: 'timestamptz',
        updated_at: 'timestamptz',
      },
      conflict: ['feed_id', 'tag_name'],
      update: ['confidence', 'updated_at'],
    },
    byTag.map(({ articleId, name, confidence }) => ({
      feed_id: feeds.get(articleId) ?? '',
      tag_name: name,
      confidence,
      created_at: time,
      updated_at: time,
    })),
  );
  await client.query('DELETE FROM article_tags WHERE article_id = ANY($1::text[])', [[...ids]]);
  await client.query(
    `INSERT INTO article_tags (article_id, feed_tag_id, confidence, position, created_at, updated_at)
     SELECT e.article_id, f.id, e.confidence::double precision, e.position::integer, $5::timestamptz, $5::timestamptz
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS e (article_id, name, confidence, position)
     JOIN articles a ON a.id = e.article_id
     JOIN feed_tags f ON f.feed_id = a.feed_id AND f.tag_name = e.name`,
    [
      flat.map((entry) => entry.articleId),
      flat.map((entry) => entry.name),
      flat.map((entry) => String(entry.confidence)),
      flat.map((entry) => String(entry.position)),
      time.toISOString(),
    ],
  );
}
