import { checkInteger } from '@matome/primitives/options';
import type {
  DecisionRecord,
  ItemFeaturePayload,
  ProfileRecord,
  UserFeaturePayload,
  VideoRecord,
} from '@matome/two-tower';
import type { SqlClient } from '../sql/sql-client.js';
import { upsertRows } from '../sql/upsert.js';

/** Users, items and decisions of the two-tower pipeline, in the tables of {@link twoTowerMigrations}. */
export interface CatalogueRepository {
  /** Writes users; those that exist are replaced. */
  saveProfiles(profiles: readonly ProfileRecord[]): Promise<void>;
  /** Writes items with exactly the given tags and performers. */
  saveVideos(videos: readonly VideoRecord[]): Promise<void>;
  /** Writes decisions; those that are there stay as they are. Without a time they cannot be kept and are left out. */
  saveDecisions(decisions: readonly DecisionRecord[]): Promise<void>;
  /** All users, by id, a page at a time. */
  profiles(pageSize?: number): AsyncIterable<readonly ProfileRecord[]>;
  /** All items with tags and performers, by id, a page at a time. */
  videos(pageSize?: number): AsyncIterable<readonly VideoRecord[]>;
  /** All decisions, by user, item, kind and time, a page at a time. */
  decisions(pageSize?: number): AsyncIterable<readonly DecisionRecord[]>;
  /** What `get_user_embedding_features` says. */
  userFeatures(userId: string): Promise<UserFeaturePayload>;
  /** What `get_item_embedding_features` says. */
  itemFeatures(videoId: string): Promise<ItemFeaturePayload>;
  /** What `get_item_embedding_feature_batch` says: active items by id. */
  itemFeatureBatch(limit: number, offset: number): Promise<readonly ItemFeaturePayload[]>;
}

const defaultPageSize = 2000;

interface VideoRow {
  readonly id: string;
  readonly title: string | null;
  readonly price: string | null;
  readonly duration_seconds: number | null;
  readonly product_released_at: Date | string | null;
  readonly distribution_started_at: Date | string | null;
  readonly safety_level: number;
  readonly region_codes: readonly string[];
  readonly is_active: boolean;
  readonly tags: readonly string[];
  readonly performers: readonly string[];
}

const videoColumns = `v.id::text, v.title, v.price::text, v.duration_seconds, v.product_released_at, v.distribution_started_at,
  v.safety_level, to_jsonb(v.region_codes) AS region_codes, v.is_active,
  (SELECT coalesce(jsonb_agg(t.tag_name ORDER BY t.tag_name COLLATE "C"), '[]') FROM video_tags t WHERE t.video_id = v.id) AS tags,
  (SELECT coalesce(jsonb_agg(p.performer_name ORDER BY p.performer_name COLLATE "C"), '[]')
     FROM video_performers p WHERE p.video_id = v.id) AS performers`;

/**
 * Reads and writes the catalogue.
 *
 * @example
 * const client = { query: async () => ({ rows: [{ payload: { user_id: 'u' } }], rowCount: 1 }) } as unknown as SqlClient;
 * (await createCatalogueRepository(client).userFeatures('u')).user_id // => 'u'
 */
export function createCatalogueRepository(client: SqlClient): CatalogueRepository {
  const payload = async <T>(text: string, id: string): Promise<T> =>
    (await client.query<{ payload: T }>(text, [id])).rows[0]!.payload;
  return {
    saveProfiles: (profiles) => saveProfiles(client, profiles),
    saveVideos: (videos) => client.transaction((transaction) => saveVideos(transaction, videos)),
    saveDecisions: (decisions) => saveDecisions(client, decisions),
    profiles: (pageSize = defaultPageSize) =>
      pages(pageSize, async (after: string | undefined, limit) => {
        const { rows } = await client.query<{ user_id: string; display_name: string | null; created_at: Date | null }>(
          `SELECT user_id::text, display_name, created_at FROM profiles
           WHERE $1::uuid IS NULL OR user_id > $1::uuid ORDER BY user_id LIMIT $2::integer`,
          [after ?? null, limit],
        );
        const page = rows.map((row) => ({
          userId: row.user_id,
          displayName: row.display_name,
          createdAt: dateOf(row.created_at),
        }));
        return { page, next: rows.at(-1)?.user_id };
      }),
    videos: (pageSize = defaultPageSize) =>
      pages(pageSize, async (after: string | undefined, limit) => {
        const { rows } = await client.query<VideoRow>(
          `SELECT ${videoColumns} FROM videos v WHERE $1::uuid IS NULL OR v.id > $1::uuid ORDER BY v.id LIMIT $2::integer`,
          [after ?? null, limit],
        );
        return { page: rows.map(toVideo), next: rows.at(-1)?.id };
      }),
    decisions: (pageSize = defaultPageSize) =>
      pages(pageSize, (after: DecisionKey | undefined, limit) => decisionPage(client, after, limit)),
    userFeatures: (userId) => payload('SELECT get_user_embedding_features($1::uuid) AS payload', userId),
    itemFeatures: (videoId) => payload('SELECT get_item_embedding_features($1::uuid) AS payload', videoId),
    async itemFeatureBatch(limit, offset) {
      const { rows } = await client.query<{ payload: ItemFeaturePayload }>(
        'SELECT payload FROM get_item_embedding_feature_batch($1::integer, $2::integer)',
        [limit, offset],
      );
      return rows.map((row) => row.payload);
    },
  };
}

interface Page<Row, Key> {
  readonly page: readonly Row[];
  /** Key of the last row; undefined when there was none. */
  readonly next: Key | undefined;
}

async function* pages<Row, Key>(
  pageSize: number,
  read: (after: Key | undefined, limit: number) => Promise<Page<Row, Key>>,
): AsyncGenerator<readonly Row[]> {
  checkInteger('CatalogueRepository', 'pageSize', pageSize, { min: 1 });
  let after: Key | undefined;
  for (;;) {
    const { page, next } = await read(after, pageSize);
    if (page.length > 0) yield page;
    if (page.length < pageSize) return;
    after = next;
  }
}

type DecisionKey = readonly [userId: string, videoId: string, decisionType: string, createdAt: string];

async function decisionPage(
  client: SqlClient,
  after: DecisionKey | undefined,
  limit: number,
): Promise<Page<DecisionRecord, DecisionKey>> {
  // The time travels as text: a JavaScript date would lose its microseconds, and with them rows of the next page.
  const { rows } = await client.query<{ user_id: string; video_id: string; decision_type: string; at: string }>(
    `SELECT user_id::text, video_id::text, decision_type, to_jsonb(created_at) #>> '{}' AS at FROM user_video_decisions
     WHERE $1::uuid IS NULL
        OR (user_id, video_id, decision_type, created_at) > ($1::uuid, $2::uuid, $3, $4::timestamptz)
     ORDER BY user_id, video_id, decision_type, created_at LIMIT $5::integer`,
    [after?.[0] ?? null, after?.[1] ?? null, after?.[2] ?? null, after?.[3] ?? null, limit],
  );
  const last = rows.at(-1);
  return {
    page: rows.map((row) => ({
      userId: row.user_id,
      videoId: row.video_id,
      decisionType: row.decision_type,
      createdAt: new Date(row.at),
    })),
    next: last && [last.user_id, last.video_id, last.decision_type, last.at],
  };
}

async function saveProfiles(client: SqlClient, profiles: readonly ProfileRecord[]): Promise<void> {
  await upsertRows(
    client,
    {
      table: 'profiles',
      columns: { user_id: 'uuid', display_name: 'text', created_at: 'timestamptz' },
      conflict: ['user_id'],
      update: ['display_name', 'created_at'],
    },
    profiles.map(({ userId, displayName, createdAt }) => ({
      user_id: userId,
      display_name: displayName ?? null,
      created_at: createdAt,
    })),
  );
}

async function saveVideos(client: SqlClient, videos: readonly VideoRecord[]): Promise<void> {
  const columns = {
    id: 'uuid',
    title: 'text',
    duration_seconds: 'integer',
    product_released_at: 'timestamptz',
    distribution_started_at: 'timestamptz',
    safety_level: 'smallint',
    is_active: 'boolean',
  } as const;
  const target = { table: 'videos', columns, conflict: ['id'], update: Object.keys(columns).slice(1) };
  await upsertRows(
    client,
    target,
    videos.map((video) => ({
      id: video.id,
      title: video.title ?? null,
      duration_seconds: video.durationSeconds,
      product_released_at: video.productReleasedAt,
      distribution_started_at: video.distributionStartedAt ?? null,
      safety_level: video.safetyLevel ?? 0,
      is_active: video.isActive ?? true,
    })),
  );
  await client.query(
    `UPDATE videos v SET price = u.price::numeric, region_codes = ARRAY(SELECT jsonb_array_elements_text(u.regions::jsonb))
     FROM unnest($1::text[], $2::text[], $3::text[]) AS u (id, price, regions) WHERE v.id = u.id::uuid`,
    [
      videos.map(({ id }) => id),
      videos.map(({ price }) => (price === null || !Number.isFinite(price) ? null : String(price))),
      videos.map(({ regionCodes }) => JSON.stringify(regionCodes ?? [])),
    ],
  );
  await replaceNames(client, 'video_tags', 'tag_name', videos, ({ tags }) => tags);
  await replaceNames(client, 'video_performers', 'performer_name', videos, ({ performers }) => performers);
}

async function replaceNames(
  client: SqlClient,
  table: string,
  column: string,
  videos: readonly VideoRecord[],
  namesOf: (video: VideoRecord) => readonly string[],
): Promise<void> {
  await client.query(`DELETE FROM ${table} WHERE video_id = ANY ($1::uuid[])`, [videos.map(({ id }) => id)]);
  const rows = videos.flatMap((video) =>
    namesOf(video)
      .filter((name) => name !== '')
      .map((name) => ({ video_id: video.id, [column]: name })),
  );
  const columns = { video_id: 'uuid', [column]: 'text' } as const;
  await upsertRows(client, { table, columns, conflict: ['video_id', column], update: 'nothing' }, rows);
}

async function saveDecisions(client: SqlClient, decisions: readonly DecisionRecord[]): Promise<void> {
  const columns = { user_id: 'uuid', video_id: 'uuid', decision_type: 'text', created_at: 'timestamptz' } as const;
  await upsertRows(
    client,
    { table: 'user_video_decisions', columns, conflict: Object.keys(columns), update: 'nothing' },
    decisions
      .filter(({ createdAt }) => createdAt !== null && !Number.isNaN(createdAt.getTime()))
      .map(({ userId, videoId, decisionType, createdAt }) => ({
        user_id: userId,
        video_id: videoId,
        decision_type: decisionType,
        created_at: createdAt,
      })),
  );
}

function toVideo(row: VideoRow): VideoRecord {
  const price = row.price === null ? Number.NaN : Number(row.price);
  return {
    id: row.id,
    title: row.title,
    price: Number.isFinite(price) ? price : null,
    durationSeconds: row.duration_seconds,
    productReleasedAt: dateOf(row.product_released_at),
    distributionStartedAt: dateOf(row.distribution_started_at),
    safetyLevel: row.safety_level,
    regionCodes: row.region_codes,
    isActive: row.is_active,
    tags: row.tags,
    performers: row.performers,
  };
}

function dateOf(value: Date | string | null): Date | null {
  return value === null ? null : new Date(value);
}
