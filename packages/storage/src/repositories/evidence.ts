import type { SqlClient } from '../sql/sql-client.js';
import { checkStorableText, storableJson } from '../sql/storable-text.js';
import { upsertRows } from '../sql/upsert.js';

/** A sentence that stands for a cluster. */
export interface EvidenceSentence {
  readonly articleId: string;
  /** Index of the sentence in its article. */
  readonly sentenceId: number;
  readonly paragraphIndex: number | null;
  readonly text: string;
  readonly language: string;
  /** Stored with single precision. */
  readonly score: number;
}

/** An article of a cluster. */
export interface EvidenceArticle {
  readonly articleId: string;
  readonly title: string | null;
  readonly url: string | null;
  readonly publishedAt: Date | null;
  readonly language: string | null;
  /** 0 for the first. */
  readonly rank: number;
}

/** A cluster with what speaks for it. */
export interface EvidenceClusterRecord {
  readonly clusterId: number;
  readonly size: number;
  readonly label: string | null;
  readonly topTerms: readonly string[];
  readonly stats: unknown;
  readonly sentences: readonly EvidenceSentence[];
  readonly articles: readonly EvidenceArticle[];
}

/** The clusters of one genre. */
export interface EvidenceRecord {
  readonly genre: string;
  readonly clusters: readonly EvidenceClusterRecord[];
  /** JSON values by name. */
  readonly diagnostics: Readonly<Record<string, unknown>>;
}

/** Evidence by job and genre. */
export interface EvidenceRepository {
  /** Makes `evidence` the evidence of its genre in the job. */
  replace(jobId: string, evidence: EvidenceRecord): Promise<void>;
  /** @returns the evidence of the job, sorted by genre; clusters by id, sentences by score, articles by rank. */
  load(jobId: string): Promise<readonly EvidenceRecord[]>;
}

/** Keeps evidence in the tables `recap_subworker_*` and `recap_cluster_evidence`. */
export function createEvidenceRepository(client: SqlClient, now: () => number): EvidenceRepository {
  return {
    replace: (jobId, evidence) =>
      client.transaction((transaction) => writeEvidence(transaction, jobId, evidence, new Date(now()).toISOString())),
    load: (jobId) => readEvidence(client, jobId),
  };
}

async function writeEvidence(client: SqlClient, jobId: string, evidence: EvidenceRecord, time: string) {
  const { genre, clusters, diagnostics } = evidence;
  // Runs with an idempotency key belong to submissions from outside.
  await client.query(
    'DELETE FROM recap_subworker_runs WHERE job_id = $1::uuid AND genre = $2 AND idempotency_key IS NULL',
    [jobId, genre],
  );
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO recap_subworker_runs (job_id, genre, status, cluster_count, started_at, finished_at)
     VALUES ($1::uuid, $2, 'succeeded', $3::integer, $4::timestamptz, $4::timestamptz) RETURNING id::text`,
    [jobId, genre, clusters.length, time],
  );
  const runId = rows[0]!.id;
  const rowIds = await writeClusters(client, runId, clusters);
  await writeSentences(client, clusters, rowIds);
  await writeArticles(client, clusters, rowIds);
  await upsertRows(
    client,
    {
      table: 'recap_subworker_diagnostics',
      columns: { run_id: 'bigint', metric: 'text', value: 'jsonb' },
      conflict: ['run_id', 'metric'],
      update: ['value'],
    },
    Object.entries(diagnostics).map(([metric, value]) => {
      return { run_id: runId, metric, value: storableJson(`diagnostic ${metric}`, value) };
    }),
  );
}

async function writeClusters(
  client: SqlClient,
  runId: string,
  clusters: readonly EvidenceClusterRecord[],
): Promise<ReadonlyMap<number, string>> {
  const { rows } = await client.query<{ id: string; cluster_id: number }>(
    `INSERT INTO recap_subworker_clusters (run_id, cluster_id, size, label, top_terms, stats)
     SELECT $1::bigint, c::integer, s::integer, l, t::jsonb, d::jsonb
     FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) AS u (c, s, l, t, d)
     RETURNING id::text, cluster_id`,
    [
      runId,
      clusters.map((cluster) => String(cluster.clusterId)),
      clusters.map((cluster) => String(cluster.size)),
      clusters.map((cluster) => cluster.label),
      clusters.map((cluster) => storableJson('topTerms', cluster.topTerms)),
      clusters.map((cluster) => storableJson('stats', cluster.stats)),
    ],
  );
  return new Map(rows.map((row) => [row.cluster_id, row.id]));
}

async function writeSentences(
  client: SqlClient,
  clusters: readonly EvidenceClusterRecord[],
  rowIds: ReadonlyMap<number, string>,
) {
  await upsertRows(
    client,
    {
      table: 'recap_subworker_sentences',
      columns: {
        cluster_row_id: 'bigint',
        source_article_id: 'text',
        paragraph_idx: 'integer',
        sentence_text: 'text',
        lang: 'text',
        score: 'real',
        sentence_id: 'integer',
      },
      conflict: ['cluster_row_id', 'source_article_id', 'sentence_id'],
      update: ['score'],
    },
    clusters.flatMap((cluster) =>
      cluster.sentences.map((sentence) => ({
        cluster_row_id: rowIds.get(cluster.clusterId) ?? null,
        source_article_id: sentence.articleId,
        paragraph_idx: sentence.paragraphIndex,
        sentence_text: checkStorableText(`sentence of article ${sentence.articleId}`, sentence.text),
        lang: sentence.language,
        score: sentence.score,
        sentence_id: sentence.sentenceId,
      })),
    ),
  );
}

async function writeArticles(
  client: SqlClient,
  clusters: readonly EvidenceClusterRecord[],
  rowIds: ReadonlyMap<number, string>,
) {
  await upsertRows(
    client,
    {
      table: 'recap_cluster_evidence',
      columns: {
        cluster_row_id: 'bigint',
        article_id: 'text',
        title: 'text',
        source_url: 'text',
        published_at: 'timestamptz',
        lang: 'text',
        rank: 'smallint',
      },
      conflict: ['cluster_row_id', 'article_id'],
      update: 'nothing',
    },
    clusters.flatMap((cluster) =>
      cluster.articles.map((article) => ({
        cluster_row_id: rowIds.get(cluster.clusterId) ?? null,
        article_id: article.articleId,
        title: article.title,
        source_url: article.url,
        published_at: article.publishedAt,
        lang: article.language,
        rank: article.rank,
      })),
    ),
  );
}

interface ClusterRow {
  readonly id: string;
  readonly genre: string;
  readonly cluster_id: number;
  readonly size: number;
  readonly label: string | null;
  readonly top_terms: readonly string[];
  readonly stats: unknown;
}

const latestRuns = `SELECT id, genre FROM recap_subworker_runs
  WHERE job_id = $1::uuid AND idempotency_key IS NULL`;

async function readEvidence(client: SqlClient, jobId: string): Promise<readonly EvidenceRecord[]> {
  const runs = await client.query<{ id: string; genre: string }>(
    `SELECT id::text, genre FROM (${latestRuns}) AS r ORDER BY genre COLLATE "C"`,
    [jobId],
  );
  const clusters = await client.query<ClusterRow>(
    `SELECT c.id::text, r.genre, c.cluster_id, c.size, c.label, c.top_terms, c.stats
     FROM (${latestRuns}) AS r JOIN recap_subworker_clusters c ON c.run_id = r.id ORDER BY c.cluster_id`,
    [jobId],
  );
  const sentences = await sentencesByCluster(client, jobId);
  const articles = await articlesByCluster(client, jobId);
  const diagnostics = await client.query<{ genre: string; metric: string; value: unknown }>(
    `SELECT r.genre, d.metric, d.value FROM (${latestRuns}) AS r
     JOIN recap_subworker_diagnostics d ON d.run_id = r.id ORDER BY d.metric COLLATE "C"`,
    [jobId],
  );
  return runs.rows.map(({ genre }) => ({
    genre,
    clusters: clusters.rows
      .filter((row) => row.genre === genre)
      .map((row) => ({
        clusterId: row.cluster_id,
        size: row.size,
        label: row.label,
        topTerms: row.top_terms,
        stats: row.stats,
        sentences: sentences.get(row.id) ?? [],
        articles: articles.get(row.id) ?? [],
      })),
    diagnostics: Object.fromEntries(
      diagnostics.rows.filter((row) => row.genre === genre).map(({ metric, value }) => [metric, value]),
    ),
  }));
}

interface SentenceRow {
  readonly cluster_row_id: string;
  readonly source_article_id: string;
  readonly paragraph_idx: number | null;
  readonly sentence_text: string;
  readonly lang: string;
  readonly score: number;
  readonly sentence_id: number;
}

async function sentencesByCluster(client: SqlClient, jobId: string) {
  const { rows } = await client.query<SentenceRow>(
    `SELECT s.cluster_row_id::text, s.source_article_id, s.paragraph_idx, s.sentence_text, s.lang, s.score, s.sentence_id
     FROM (${latestRuns}) AS r JOIN recap_subworker_clusters c ON c.run_id = r.id
     JOIN recap_subworker_sentences s ON s.cluster_row_id = c.id
     ORDER BY s.score DESC, s.source_article_id COLLATE "C", s.sentence_id`,
    [jobId],
  );
  return groupBy(rows, (row): EvidenceSentence => {
    return {
      articleId: row.source_article_id,
      sentenceId: row.sentence_id,
      paragraphIndex: row.paragraph_idx,
      text: row.sentence_text,
      language: row.lang,
      score: Math.fround(row.score),
    };
  });
}

interface EvidenceArticleRow {
  readonly cluster_row_id: string;
  readonly article_id: string;
  readonly title: string | null;
  readonly source_url: string | null;
  readonly published_at: Date | null;
  readonly lang: string | null;
  readonly rank: number;
}

async function articlesByCluster(client: SqlClient, jobId: string) {
  const { rows } = await client.query<EvidenceArticleRow>(
    `SELECT e.cluster_row_id::text, e.article_id, e.title, e.source_url, e.published_at, e.lang, e.rank
     FROM (${latestRuns}) AS r JOIN recap_subworker_clusters c ON c.run_id = r.id
     JOIN recap_cluster_evidence e ON e.cluster_row_id = c.id ORDER BY e.rank, e.article_id COLLATE "C"`,
    [jobId],
  );
  return groupBy(rows, (row): EvidenceArticle => {
    return {
      articleId: row.article_id,
      title: row.title,
      url: row.source_url,
      publishedAt: row.published_at,
      language: row.lang,
      rank: row.rank,
    };
  });
}

function groupBy<Row extends { readonly cluster_row_id: string }, T>(rows: readonly Row[], map: (row: Row) => T) {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(row.cluster_row_id);
    if (group) group.push(map(row));
    else groups.set(row.cluster_row_id, [map(row)]);
  }
  return groups;
}
