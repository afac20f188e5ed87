import { readFileSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { createRandom } from '@matome/primitives/random';
import {
  type DecisionRecord,
  FeatureEncoder,
  itemFeaturePayload,
  itemFeatureRow,
  itemFeatureSpecs,
  type ProfileRecord,
  userFeaturePayload,
  userFeatureRow,
  userFeatureSpecs,
  type VideoRecord,
} from '@matome/two-tower';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { renderMigrations } from '../../scripts/embed-migrations.mjs';
import { fromPglite } from '../adapters/pglite.js';
import { migrate } from '../migrations/migrate.js';
import { twoTowerMigrations, twoTowerSupabaseSql } from '../migrations/two-tower-migration-files.js';
import type { SqlClient } from '../sql/sql-client.js';
import { createCatalogueRepository } from './catalogue.js';
import { importCatalogueRows } from './catalogue-import.js';
import { createVideoEmbeddingRepository } from './video-embeddings.js';

const uuid = (kind: string, n: number) => `00000000-0000-4000-8000-${kind}${String(n).padStart(11, '0')}`;
const ledger = 'two_tower_migrations';

let database: PGlite;
let client: SqlClient;
let schemas = 0;
beforeAll(async () => {
  database = await PGlite.create({ extensions: { vector } });
  await database.exec('CREATE EXTENSION vector');
});
beforeEach(async () => {
  const schema = `case_${++schemas}`;
  await database.exec(`CREATE SCHEMA ${schema}; SET search_path TO ${schema}, public`);
  client = fromPglite(database);
  await migrate(client, { migrations: twoTowerMigrations, ledger });
});
afterAll(() => database.close());

/** Prices, hours and tags that are awkward to sum: cents, nights, repeats, nothing at all. */
function catalogue(users = 12, items = 30) {
  const random = createRandom(3);
  const pick = (bound: number) => Math.floor(random() * bound);
  const videos: VideoRecord[] = Array.from({ length: items }, (_, i) => ({
    id: uuid('b', i),
    title: `Title ${i}`,
    price: i % 7 === 0 ? null : pick(500_000) / 100,
    durationSeconds: i % 5 === 0 ? null : pick(7200),
    productReleasedAt:
      i % 6 === 0 ? null : new Date(Date.UTC(2024, pick(12), 1 + pick(28), pick(24), 0, 0, pick(1000))),
    distributionStartedAt: null,
    safetyLevel: i % 3,
    regionCodes: i % 4 === 0 ? ['JP', 'US'] : [],
    isActive: i % 9 !== 8,
    tags: ['drama', 'クライム', 'Zoo', 'été'].filter(() => random() < 0.5).sort(),
    performers: i % 2 === 0 ? ['Ann'] : [],
  }));
  const profiles: ProfileRecord[] = Array.from({ length: users }, (_, u) => ({
    userId: uuid('a', u),
    displayName: `User ${u}`,
    createdAt: u === 0 ? null : new Date(Date.UTC(2023, pick(12), 1 + pick(28))),
  }));
  const decisions: DecisionRecord[] = [];
  for (let u = 0; u < users - 1; u++) {
    for (let n = 0; n < 1 + pick(25); n++) {
      decisions.push({
        userId: uuid('a', u),
        videoId: uuid('b', pick(items)),
        decisionType: ['like', 'like', 'nope', 'viewed'][pick(4)]!,
        createdAt: new Date(
          Date.UTC(2024, pick(12), 1 + pick(28), u === 1 ? [23, 1][n % 2]! : pick(24), pick(60), pick(60), pick(1000)),
        ),
      });
    }
  }
  return { profiles, videos, decisions };
}

async function saved() {
  const data = catalogue();
  const repository = createCatalogueRepository(client);
  await repository.saveProfiles(data.profiles);
  await repository.saveVideos(data.videos);
  await repository.saveDecisions(data.decisions);
  return { data, repository };
}

async function all<T>(pages: AsyncIterable<readonly T[]>): Promise<T[]> {
  const rows: T[] = [];
  for await (const page of pages) rows.push(...page);
  return rows;
}

describe('two-tower migrations', () => {
  it('embed the files of their folder byte by byte', () => {
    const embedded = readFileSync(new URL('../migrations/two-tower-migration-files.ts', import.meta.url), 'utf8');
    expect(embedded).toBe(renderMigrations('twoTower'));
  });

  it('stand beside those of the suite in one schema', async () => {
    expect((await migrate(client)).applied.length).toBeGreaterThan(0);
    expect((await migrate(client, { migrations: twoTowerMigrations, ledger })).applied).toEqual([]);
    await expect(migrate(client, { ledger: 'x; DROP TABLE y' })).rejects.toThrow('must be a plain table name');
  });
});

describe('createCatalogueRepository', () => {
  it('reads back what it wrote, whatever the page size', async () => {
    const { data, repository } = await saved();
    for (const size of [1, 7, 1000]) {
      expect(await all(repository.profiles(size))).toEqual(data.profiles);
      expect(await all(repository.videos(size))).toEqual(data.videos);
      const key = (d: DecisionRecord) => [d.userId, d.videoId, d.decisionType, d.createdAt!.toISOString()].join(' ');
      expect((await all(repository.decisions(size))).map(key)).toEqual([...new Set(data.decisions.map(key))].sort());
    }
  });

  it('replaces tags and performers, keeps a repeated decision once and leaves out one without a time', async () => {
    const { data, repository } = await saved();
    const changed = { ...data.videos[1]!, tags: ['new'], performers: [], price: Number.NaN };
    await repository.saveVideos([changed]);
    const before = await all(repository.decisions());
    await repository.saveDecisions([...data.decisions, { ...data.decisions[0]!, createdAt: null }]);
    expect(await all(repository.decisions())).toEqual(before);
    const videos = await all(repository.videos());
    expect(videos[1]).toEqual({ ...changed, price: null });
    expect(videos[2]).toEqual(data.videos[2]);
    await repository.saveVideos([]);
  });

  it('gives payloads whose features are the same bytes as those made of the rows', async () => {
    const { data, repository } = await saved();
    const videos = new Map(data.videos.map((video) => [video.id, video]));
    const at = new Date(Date.UTC(2025, 0, 1));
    const own: ReturnType<typeof userFeatureRow>[] = [];
    const served: typeof own = [];
    for (const profile of data.profiles) {
      const decisions = (await all(repository.decisions())).filter(({ userId }) => userId === profile.userId);
      const payload = userFeaturePayload(profile.userId, profile, decisions, videos);
      const remote = await repository.userFeatures(profile.userId);
      expect(remote.decision_stats.average_like_hour).toBe(payload.decision_stats.average_like_hour);
      expect(remote.price_stats).toEqual(payload.price_stats);
      own.push(userFeatureRow(payload, at));
      served.push(userFeatureRow(remote, at));
    }
    const users = FeatureEncoder.fit(own, userFeatureSpecs());
    expect(users.transform(served).data).toEqual(users.transform(own).data);
    const itemRows = data.videos.map((video) => itemFeatureRow(itemFeaturePayload(video), at));
    const items = FeatureEncoder.fit(itemRows, itemFeatureSpecs());
    const remoteRows = await Promise.all(
      data.videos.map(async ({ id }) => itemFeatureRow(await repository.itemFeatures(id), at)),
    );
    expect(items.transform(remoteRows).data).toEqual(items.transform(itemRows).data);
  });

  it('answers for users and items that it does not know', async () => {
    const repository = createCatalogueRepository(client);
    const payload = await repository.userFeatures(uuid('a', 999));
    expect(payload.decision_stats).toEqual({
      like_count: 0,
      nope_count: 0,
      decision_count: 0,
      recent_like_at: null,
      average_like_hour: 12,
    });
    expect(payload).toMatchObject({ tags: [], price_stats: { mean: 0, median: 0 }, profile: { created_at: null } });
    expect(await repository.itemFeatures(uuid('b', 999))).toMatchObject({ price: null, tags: [] });
  });

  it('takes numbers that are none for unknown prices', async () => {
    const { data, repository } = await saved();
    const liked = data.decisions.find(({ decisionType }) => decisionType === 'like')!;
    await client.query("UPDATE videos SET price = 'NaN'");
    const payload = await repository.userFeatures(liked.userId);
    expect(payload.price_stats).toEqual({ mean: 0, median: 0 });
    expect((await repository.itemFeatures(liked.videoId)).price).toBeNull();
  });

  it('pages through active items only, within the limits', async () => {
    const { data, repository } = await saved();
    const active = data.videos.filter(({ isActive }) => isActive).map(({ id }) => id);
    expect((await repository.itemFeatureBatch(1000, 0)).map(({ video_id }) => video_id)).toEqual(active);
    expect((await repository.itemFeatureBatch(0, -5)).map(({ video_id }) => video_id)).toEqual(active.slice(0, 1));
    expect((await repository.itemFeatureBatch(5, 20)).map(({ video_id }) => video_id)).toEqual(active.slice(20, 25));
    const { rows } = await client.query('SELECT * FROM get_user_embedding_feature_batch(2, 1)');
    expect(rows).toHaveLength(2);
  });
});

describe('importCatalogueRows', () => {
  it('copies rows of another database, all columns of them', async () => {
    const id = uuid('b', 1);
    const row = {
      id,
      title: 'One',
      price: '12.50',
      image_urls: ['https://a.example/1.jpg'],
      region_codes: ['JP'],
      maker: 'M',
      product_released_at: '2024-05-06T07:08:09.123456+00:00',
      not_a_column: 1,
    };
    expect(await importCatalogueRows(client, 'videos', [row, { id: uuid('b', 2), safety_level: null }])).toBe(2);
    const names = [
      { video_id: id, tag_name: 'x' },
      { video_id: id, tag_name: '' },
      { video_id: uuid('b', 9), tag_name: 'x' },
    ];
    expect(await importCatalogueRows(client, 'video_tags', names)).toBe(1);
    expect(await importCatalogueRows(client, 'video_tags', names)).toBe(0);
    const [first, second] = await all(createCatalogueRepository(client).videos());
    expect(first).toMatchObject({ price: 12.5, regionCodes: ['JP'], isActive: true, tags: ['x'] });
    expect(second).toMatchObject({ price: null, regionCodes: [], safetyLevel: 0 });
    await importCatalogueRows(client, 'videos', [{ ...row, title: 'Two' }]);
    const { rows } = await client.query('SELECT title, maker, image_urls FROM videos ORDER BY id LIMIT 1');
    expect(rows[0]).toEqual({ title: 'Two', maker: 'M', image_urls: ['https://a.example/1.jpg'] });
    const decision = { user_id: uuid('a', 1), video_id: id, decision_type: 'like', created_at: '2024-05-06T00:00:00Z' };
    expect(
      await importCatalogueRows(client, 'user_video_decisions', [decision, { ...decision, created_at: null }]),
    ).toBe(1);
    expect(await importCatalogueRows(client, 'profiles', [])).toBe(0);
  });
});

describe('createVideoEmbeddingRepository', () => {
  const dim = 8;
  const updatedAt = new Date(0);
  function vectors(count: number, seed = 1) {
    const random = createRandom(seed);
    const data = Float32Array.from({ length: count * dim }, () => random() - 0.5);
    return { data, rows: count, cols: dim };
  }
  const ids = (count: number) => Array.from({ length: count }, (_, i) => uuid('b', i));

  it('gives exactly as many as asked for when so many may be shown', async () => {
    const { data, repository } = await saved();
    await repository.saveVideos(
      catalogue(1, 400).videos.map((video) => ({
        ...video,
        tags: video.safetyLevel === 0 ? ['rare'] : ['often'],
        isActive: true,
      })),
    );
    const embeddings = createVideoEmbeddingRepository(client);
    await embeddings.replace([{ ids: ids(400), vectors: vectors(400) }], { dim, updatedAt });
    const query = vectors(1, 9).data;
    const cosine = (i: number) => {
      const v = vectors(400).data.subarray(i * dim, (i + 1) * dim);
      const dot = query.reduce((sum, x, j) => sum + x * v[j]!, 0);
      return dot / Math.sqrt(query.reduce((s, x) => s + x * x, 0) * v.reduce((s, x) => s + x * x, 0));
    };
    const expected = (keep: (i: number) => boolean, limit: number) =>
      ids(400)
        .map((_, i) => i)
        .filter(keep)
        .sort((a, b) => cosine(b) - cosine(a))
        .slice(0, limit)
        .map((i) => uuid('b', i));
    const found = await embeddings.recommend(query, { limit: 90, bannedTagIds: ['often'] });
    expect(found.map(({ videoId }) => videoId)).toEqual(expected((i) => i % 3 === 0, 90));
    expect(found[0]!.similarity).toBeCloseTo(cosine(Number(found[0]!.videoId.slice(-11))), 5);
    expect(found.every(({ distance, similarity }) => Math.abs(distance + similarity - 1) < 1e-9)).toBe(true);
    const japan = await embeddings.recommend(query, { limit: 5, allowedRegions: ['FR'], maxSafetyLevel: 0 });
    expect(japan.map(({ videoId }) => videoId)).toEqual(expected((i) => i % 4 !== 0 && i % 3 === 0, 5));
    const excluded = await embeddings.recommend(query, { limit: 3, excludeVideoIds: [found[0]!.videoId] });
    expect(excluded.map(({ videoId }) => videoId)).not.toContain(found[0]!.videoId);
    expect((await embeddings.recommend(query, { limit: 500, maxSafetyLevel: 9 })).length).toBe(400);
    expect(data.videos.length).toBe(30);
  });

  it('replaces vectors, also by those of another length, and prunes where asked', async () => {
    await saved();
    const embeddings = createVideoEmbeddingRepository(client);
    expect(await embeddings.replace([{ ids: ids(20), vectors: vectors(20) }], { dim, updatedAt })).toBe(20);
    const half = [{ ids: ids(10), vectors: vectors(10, 5) }];
    expect(await embeddings.replace(half, { dim, updatedAt, prune: true })).toBe(10);
    expect(await embeddings.count()).toBe(10);
    const wide = { data: new Float32Array(32).fill(1), rows: 2, cols: 16 };
    await embeddings.replace([{ ids: ids(2), vectors: wide }], { dim: 16, updatedAt });
    expect(await embeddings.count()).toBe(2);
    expect((await embeddings.recommend(new Float32Array(16).fill(1), { maxSafetyLevel: 9 })).length).toBe(2);
  });

  it('changes nothing when a batch fails', async () => {
    await saved();
    const embeddings = createVideoEmbeddingRepository(client);
    await embeddings.replace([{ ids: ids(5), vectors: vectors(5) }], { dim, updatedAt });
    const failing = async function* () {
      yield { ids: ids(3), vectors: vectors(3, 8) };
      throw new Error('killed');
    };
    await expect(embeddings.replace(failing(), { dim, updatedAt, prune: true })).rejects.toThrow('killed');
    expect(await embeddings.count()).toBe(5);
    const { rows } = await client.query(
      "SELECT to_regclass('idx_video_embeddings_embedding_hnsw') IS NOT NULL AS there",
    );
    expect(rows[0]).toEqual({ there: true });
    const nan = { data: new Float32Array(dim).fill(Number.NaN), rows: 1, cols: dim };
    await expect(embeddings.replace([{ ids: ids(1), vectors: nan }], { dim, updatedAt })).rejects.toThrow(
      'must hold finite numbers',
    );
    await expect(embeddings.recommend(new Float32Array(dim), { limit: 0 })).rejects.toThrow('limit');
    await expect(client.query('SELECT * FROM recommend_videos_ann(NULL::vector)')).rejects.toThrow('must not be null');
  });
});

describe('the functions of Supabase', () => {
  it('let a user ask for itself only and know no unknown item', async () => {
    // Supabase has these; they are what its `auth.uid()` and roles look like to a function.
    await database.exec(`SET search_path TO public; CREATE SCHEMA auth; CREATE ROLE anon; CREATE ROLE authenticated; CREATE ROLE service_role;
      CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('test.uid', true), '')::uuid $$`);
    await migrate(client, { migrations: twoTowerMigrations, ledger });
    for (let i = 0; i < 2; i++) await client.script(twoTowerSupabaseSql);
    const { repository, data } = await saved();
    const [me, other] = data.profiles.map(({ userId }) => userId) as [string, string];
    expect((await repository.userFeatures(other)).user_id).toBe(other);
    await client.query("SELECT set_config('test.uid', $1, false)", [me]);
    expect((await repository.userFeatures(me)).user_id).toBe(me);
    await expect(repository.userFeatures(other)).rejects.toThrow('of another user may not be read');
    await expect(repository.itemFeatures(uuid('b', 999))).rejects.toThrow('not found');
    const { rows } = await client.query(
      `SELECT has_function_privilege('anon', 'get_user_embedding_features(uuid)', 'execute') AS anon,
              has_function_privilege('authenticated', 'user_embedding_features(uuid)', 'execute') AS inner_function,
              has_function_privilege('authenticated', 'get_user_embedding_features(uuid)', 'execute') AS authenticated`,
    );
    expect(rows[0]).toEqual({ anon: false, inner_function: false, authenticated: true });
  });
});
