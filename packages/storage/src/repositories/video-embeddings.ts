import { checkInteger } from '@matome/primitives/options';
import type { EmbeddingBatch } from '@matome/two-tower';
import type { SqlClient } from '../sql/sql-client.js';

/** What narrows a search; every part is optional. */
export interface RecommendOptions {
  /** In [1, 500]. @default 50 */
  readonly limit?: number;
  readonly bannedTagIds?: readonly string[];
  /** @default 1 */
  readonly maxSafetyLevel?: number;
  readonly allowedRegions?: readonly string[];
  readonly excludeVideoIds?: readonly string[];
}

/** An item near a user. */
export interface RecommendedVideo {
  readonly videoId: string;
  /** Cosine distance in [0, 2]. */
  readonly distance: number;
  readonly similarity: number;
}

/** Vectors of items in a table with an HNSW index. */
export interface VideoEmbeddingRepository {
  /**
   * Writes vectors batch by batch in one transaction: readers see the old ones until all are there. Vectors of another
   * length than the table's replace all that is in it.
   *
   * @param prune - drops vectors of items that no batch names. @default false
   * @returns how many were written.
   */
  replace(
    batches: Iterable<EmbeddingBatch> | AsyncIterable<EmbeddingBatch>,
    options: { readonly dim: number; readonly updatedAt: Date; readonly prune?: boolean },
  ): Promise<number>;
  /** What `recommend_videos_ann` says: `limit` items whenever so many may be shown. */
  recommend(embedding: ArrayLike<number>, options?: RecommendOptions): Promise<readonly RecommendedVideo[]>;
  count(): Promise<number>;
}

const index = 'idx_video_embeddings_embedding_hnsw';

/**
 * Reads and writes item vectors.
 *
 * @example
 * const client = { query: async () => ({ rows: [{ n: 2 }], rowCount: 1 }) } as unknown as SqlClient;
 * await createVideoEmbeddingRepository(client).count() // => 2
 */
export function createVideoEmbeddingRepository(client: SqlClient): VideoEmbeddingRepository {
  return {
    replace: (batches, options) => client.transaction((transaction) => replace(transaction, batches, options)),
    async recommend(embedding, options = {}) {
      const { limit = 50, bannedTagIds, maxSafetyLevel = 1, allowedRegions, excludeVideoIds } = options;
      checkInteger('VideoEmbeddingRepository.recommend', 'limit', limit, { min: 1, max: 500 });
      const { rows } = await client.query<{ video_id: string; distance: number; similarity: number }>(
        `SELECT video_id::text, distance, similarity
         FROM recommend_videos_ann($1::vector, $2::integer, $3::text[], $4::integer, $5::text[], $6::uuid[])`,
        [
          vectorText(embedding),
          limit,
          bannedTagIds ? [...bannedTagIds] : null,
          maxSafetyLevel,
          allowedRegions ? [...allowedRegions] : null,
          excludeVideoIds ? [...excludeVideoIds] : null,
        ],
      );
      return rows.map(({ video_id, distance, similarity }) => ({ videoId: video_id, distance, similarity }));
    },
    async count() {
      const { rows } = await client.query<{ n: number }>('SELECT count(*)::integer AS n FROM video_embeddings');
      return rows[0]!.n;
    },
  };
}

async function replace(
  client: SqlClient,
  batches: Iterable<EmbeddingBatch> | AsyncIterable<EmbeddingBatch>,
  options: { readonly dim: number; readonly updatedAt: Date; readonly prune?: boolean },
): Promise<number> {
  const { dim, updatedAt, prune = false } = options;
  checkInteger('VideoEmbeddingRepository.replace', 'dim', dim, { min: 1, max: 2000 });
  const { rows } = await client.query<{ dim: number }>(
    `SELECT atttypmod AS dim FROM pg_attribute WHERE attrelid = 'video_embeddings'::regclass AND attname = 'embedding'`,
  );
  // The index is built once at the end: row by row it costs several times as much, and its graph is worse.
  await client.script(`DROP INDEX IF EXISTS ${index}`);
  if (rows[0]!.dim !== dim) {
    await client.script(
      `TRUNCATE video_embeddings; ALTER TABLE video_embeddings ALTER COLUMN embedding TYPE vector(${dim})`,
    );
  }
  await client.script('CREATE TEMPORARY TABLE written_embeddings (video_id uuid PRIMARY KEY) ON COMMIT DROP');
  let written = 0;
  for await (const { ids, vectors } of batches) {
    if (vectors.cols !== dim) {
      throw new RangeError(
        `The vectors of VideoEmbeddingRepository.replace must have ${dim} numbers. Got ${vectors.cols}.`,
      );
    }
    const texts = ids.map((_, i) => vectorText(vectors.data.subarray(i * dim, (i + 1) * dim)));
    const { rowCount } = await client.query(
      `WITH given AS (SELECT DISTINCT ON (id) id::uuid, v::vector FROM unnest($1::text[], $2::text[]) AS u (id, v)),
            noted AS (INSERT INTO written_embeddings SELECT id FROM given ON CONFLICT DO NOTHING)
       INSERT INTO video_embeddings (video_id, embedding, updated_at) SELECT id, v, $3::timestamptz FROM given
       ON CONFLICT (video_id) DO UPDATE SET embedding = EXCLUDED.embedding, updated_at = EXCLUDED.updated_at`,
      [[...ids], texts, updatedAt.toISOString()],
    );
    written += rowCount;
  }
  if (prune) {
    await client.script(
      'DELETE FROM video_embeddings e WHERE NOT EXISTS (SELECT FROM written_embeddings w WHERE w.video_id = e.video_id)',
    );
  }
  await client.script(`DROP TABLE written_embeddings;
    CREATE INDEX ${index} ON video_embeddings USING hnsw (embedding vector_cosine_ops)`);
  return written;
}

function vectorText(values: ArrayLike<number>): string {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]!))
      throw new RangeError(`A vector must hold finite numbers. Got ${values[i]} at ${i}.`);
  }
  return `[${Array.from(values).join(',')}]`;
}
