import { join } from 'node:path';
import { loadOnnxRuntime } from '@matome/primitives/onnx';
import { createCatalogueRepository, createVideoEmbeddingRepository, type SqlClient } from '@matome/storage';
import { createFileArtifactStore, createHttpArtifactStore } from '@matome/storage/artifacts';
import {
  type ArtifactStore,
  activateRelease,
  artifactNames,
  type Catalogue,
  checkVersion,
  embedCatalogue,
  exportArtifacts,
  itemFeatureRow,
  type Manifest,
  publishRelease,
  userFeaturePayload,
  userFeatureRow,
} from '@matome/two-tower';
import type { PipelineConfig } from './config.js';
import { openDatabase } from './database.js';
import { pullRemote } from './pull-remote.js';
import {
  beginRelease,
  finishRelease,
  readRelease,
  releaseVersion,
  writeArtifacts,
  writeEmbeddings,
} from './release.js';
import { createSupabaseClient, type SupabaseClient } from './supabase-client.js';
import { readCatalogue, type TrainedModel, trainModel } from './train-model.js';

/** Everything a run is told. */
export interface PipelineOptions {
  readonly config: PipelineConfig;
  readonly pgDsn?: string | undefined;
  readonly dataDir?: string | undefined;
  readonly checkpoint: string;
  readonly artifacts: string;
  /** @default video_embeddings.parquet among the artefacts */
  readonly embeddings?: string | undefined;
  readonly fetchRemote: boolean;
  readonly pageSize: number;
  /** Rows of a batch that is uploaded. */
  readonly batchSize: number;
  readonly skipExport: boolean;
  readonly skipEmbeddings: boolean;
  readonly dryRun: boolean;
  readonly version?: string | undefined;
  readonly commitSha: string | null;
  /** Folder that releases are published to. */
  readonly publish?: string | undefined;
  /** Publishes to the storage of the project and uploads the vectors to its table. */
  readonly upload: boolean;
  readonly bucket: string;
  readonly prefix: string;
  readonly supabase?: { readonly url: string; readonly serviceRoleKey: string } | undefined;
  readonly threads: number;
}

/** What a run needs from outside. */
export interface PipelineContext {
  readonly now: () => Date;
  readonly fetch: typeof globalThis.fetch;
  readonly progress: (message: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** What a run did. */
export interface PipelineReport {
  readonly version: string | null;
  readonly samples: { readonly train: number; readonly validation: number };
  readonly epochs: number;
  readonly bestEpoch: number;
  readonly recallAt20: number | null;
  readonly embeddings: number;
  readonly published: readonly string[];
  readonly dryRun: boolean;
}

/** A run that cannot begin as it was told; the message says what to change. */
export class PipelineUsageError extends Error {
  override readonly name = 'PipelineUsageError';
}

/**
 * Pull, train, export, embed, manifest, publish: each step begins when the one before is done, and a step that fails ends
 * the run.
 */
export async function runPipeline(options: PipelineOptions, context: PipelineContext): Promise<PipelineReport> {
  const { config, dryRun } = options;
  const { progress, signal } = context;
  const remote = remoteOf(options, context);
  // A name that cannot be published is known before an hour of training.
  if (options.version !== undefined) checkVersion('two-tower-pipeline', options.version);
  const database = await openDatabase({ pgDsn: options.pgDsn, dataDir: options.dataDir, sample: !options.fetchRemote });
  try {
    progress(`using ${database.description}`);
    if (options.fetchRemote)
      await pullRemote(database.client, remote!, { pageSize: options.pageSize, signal, progress });
    const repository = createCatalogueRepository(database.client);
    const catalogue = await readCatalogue(repository, options.pageSize);
    const runtime = await loadOnnxRuntime({ threads: options.threads });
    const trained = await trainModel(catalogue, { runtime, config, checkpoint: options.checkpoint, signal, progress });
    if (config.training.use_rpc_features) await checkServedFeatures(database.client, catalogue, trained, progress);
    if (!options.skipExport || !options.skipEmbeddings) await beginRelease(options.artifacts);
    if (!options.skipExport) await exportStep(options, trained, progress);
    const embeddings = options.skipEmbeddings
      ? 0
      : await embedStep(options, context, database.client, catalogue, trained);
    const manifest = options.skipExport ? undefined : await manifestStep(options, context);
    const published = manifest && !dryRun ? await publishStep(options, context, manifest) : [];
    if (remote && options.upload && !options.skipEmbeddings && !dryRun) {
      await uploadStep(options, remote, catalogue, trained, context);
    }
    await trained.model.dispose();
    return reportOf(trained, { version: manifest?.model_version ?? null, embeddings, published, dryRun });
  } finally {
    await database.close();
  }
}

function remoteOf(options: PipelineOptions, { fetch }: PipelineContext): SupabaseClient | undefined {
  const needed = options.fetchRemote ? '--fetch-remote' : options.upload && !options.dryRun ? '--upload' : undefined;
  if (!options.supabase && needed) {
    throw new PipelineUsageError(`${needed} needs SUPABASE_URL and SUPABASE_SERVICE_ROLE_KEY in the environment.`);
  }
  return options.supabase && createSupabaseClient({ ...options.supabase, fetch });
}

/** Features that the SQL functions give to serving must be those the model was trained with. */
async function checkServedFeatures(
  client: SqlClient,
  { profiles, videos, decisions }: Catalogue,
  { prepared }: TrainedModel,
  progress: (message: string) => void,
): Promise<void> {
  const repository = createCatalogueRepository(client);
  const byId = new Map(videos.map((video) => [video.id, video]));
  const at = prepared.latestDecision;
  for (const profile of profiles.slice(0, 20)) {
    const own = decisions.filter(({ userId }) => userId === profile.userId);
    const local = userFeatureRow(userFeaturePayload(profile.userId, profile, own, byId), at);
    const served = userFeatureRow(await repository.userFeatures(profile.userId), at);
    const [a, b] = [local, served].map((row) => prepared.userEncoder.transform([row]).data);
    if (!a!.every((value, i) => value === b![i])) {
      throw new Error(`get_user_embedding_features gives other features for ${profile.userId} than training used.`);
    }
  }
  for (const payload of await repository.itemFeatureBatch(20, 0)) {
    const local = prepared.data.items;
    const row = prepared.itemEncoder.encode([itemFeatureRow(payload, prepared.newestRelease)]);
    const place = videos.findIndex(({ id }) => id === payload.video_id);
    const own = local.dense.data.subarray(place * local.dense.cols, (place + 1) * local.dense.cols);
    if (!row.dense.data.every((value, i) => value === own[i])) {
      throw new Error(`get_item_embedding_features gives other features for ${payload.video_id} than training used.`);
    }
  }
  progress('the SQL functions give the features that training used');
}

async function exportStep(
  options: PipelineOptions,
  { model, prepared }: TrainedModel,
  progress: (message: string) => void,
) {
  const { userEncoder, itemEncoder, newestRelease, latestDecision } = prepared;
  const files = exportArtifacts(
    { model, userEncoder, itemEncoder },
    // The time of the data, not of the clock: the same data and settings give the same files.
    {
      exportedAt: latestDecision,
      config: options.config,
      userInputName: options.config.export.onnx_user_input_name,
      newestRelease,
    },
  );
  await writeArtifacts(options.artifacts, files);
  progress(`exported ${files.length} files to ${options.artifacts}`);
}

function batchesOf({ model, prepared }: TrainedModel, catalogue: Catalogue, batchSize: number, signal?: AbortSignal) {
  const options = { batchSize, ...(signal ? { signal } : {}) };
  return embedCatalogue(model, prepared.itemEncoder, catalogue.videos, prepared.newestRelease, options);
}

async function embedStep(
  options: PipelineOptions,
  { progress, signal }: PipelineContext,
  client: SqlClient,
  catalogue: Catalogue,
  trained: TrainedModel,
): Promise<number> {
  const dim = trained.model.embeddingDim;
  const path = options.embeddings ?? join(options.artifacts, artifactNames.embeddings);
  const rows = await writeEmbeddings(path, batchesOf(trained, catalogue, 2048, signal), dim);
  progress(`wrote ${rows} vectors to ${path}`);
  if (options.dryRun) {
    progress(`dry run: ${rows} vectors would be written to the table video_embeddings`);
    return rows;
  }
  const updatedAt = trained.prepared.latestDecision;
  const batches = batchesOf(trained, catalogue, 500, signal);
  const written = await createVideoEmbeddingRepository(client).replace(batches, { dim, updatedAt, prune: true });
  progress(`wrote ${written} vectors to the table video_embeddings`);
  return rows;
}

async function manifestStep(options: PipelineOptions, { now, progress }: PipelineContext): Promise<Manifest> {
  const generatedAt = now();
  const { version, commitSha } = options;
  const manifest = await finishRelease(options.artifacts, {
    version: (content) => version ?? releaseVersion(generatedAt, commitSha ?? content),
    generatedAt,
    commitSha,
  });
  progress(`version ${manifest.model_version}: ${manifest.files.length} files`);
  return manifest;
}

async function publishStep(options: PipelineOptions, context: PipelineContext, manifest: Manifest): Promise<string[]> {
  const places = storesOf(options, context);
  const files = places.length > 0 ? await readRelease(options.artifacts, manifest) : [];
  for (const [place, store] of places) {
    const { signal, progress } = context;
    await publishRelease(store, files, manifest, { prefix: options.prefix, ...(signal ? { signal } : {}) });
    progress(`published ${manifest.model_version} to ${place}; it is current`);
  }
  return places.map(([place]) => place);
}

function storesOf(options: PipelineOptions, { fetch }: PipelineContext): [string, ArtifactStore][] {
  const { publish, upload, supabase, bucket } = options;
  return [
    ...(publish ? [[publish, createFileArtifactStore({ root: publish })] as [string, ArtifactStore]] : []),
    ...(upload && supabase
      ? [[`bucket ${bucket}`, createHttpArtifactStore({ ...supabase, bucket, fetch })] as [string, ArtifactStore]]
      : []),
  ];
}

/** Makes an earlier version current again, in every place that is given. */
export async function rollBack(options: PipelineOptions, context: PipelineContext, version: string): Promise<string[]> {
  const places = storesOf(options, context);
  if (places.length === 0) throw new PipelineUsageError('--rollback needs --publish FOLDER or --upload.');
  for (const [place, store] of places) {
    await activateRelease(store, version, { prefix: options.prefix });
    context.progress(`${version} is current in ${place}`);
  }
  return places.map(([place]) => place);
}

async function uploadStep(
  { batchSize }: PipelineOptions,
  remote: SupabaseClient,
  catalogue: Catalogue,
  trained: TrainedModel,
  { signal, progress }: PipelineContext,
): Promise<void> {
  let rows = 0;
  for await (const batch of batchesOf(trained, catalogue, batchSize, signal)) {
    await remote.upsertEmbeddings(batch, signal);
    rows += batch.ids.length;
  }
  progress(`uploaded ${rows} vectors`);
}

function reportOf(
  { model, prepared }: TrainedModel,
  rest: Pick<PipelineReport, 'version' | 'embeddings' | 'published' | 'dryRun'>,
): PipelineReport {
  const { bestEpoch } = model.parts;
  return {
    ...rest,
    samples: prepared.samples,
    epochs: model.history.length,
    bestEpoch,
    recallAt20: model.history[bestEpoch - 1]?.recall ?? null,
  };
}
