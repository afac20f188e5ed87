export { ArtifactError, type ArtifactErrorCode } from './artifacts/artifact-error.js';
export {
  type ArtifactFile,
  artifactNames,
  type EncoderFiles,
  type ExportOptions,
  type ExportParts,
  encoderFromFiles,
  exportArtifacts,
  type ModelMeta,
} from './artifacts/artifact-files.js';
export { directorySource, type UrlSourceOptions, urlSource } from './artifacts/artifact-sources.js';
export {
  type ArtifactSource,
  type ArtifactStore,
  createMemoryArtifactStore,
  sourceBelow,
} from './artifacts/artifact-store.js';
export {
  type ByteSink,
  type EmbeddingBatch,
  type ParquetOptions,
  readEmbeddingsParquet,
  writeEmbeddingsParquet,
} from './artifacts/embeddings-parquet.js';
export { type EncodeTowerOptions, encodeTowerOnnx } from './artifacts/export-onnx.js';
export {
  catalogueScore,
  type FoundItem,
  ItemIndex,
  type ItemSearchOptions,
  type RankedItem,
  type RerankInfo,
  rerank,
} from './artifacts/item-index.js';
export {
  createUserTowerCache,
  type LoadedUserTower,
  type LoadUserTowerOptions,
  loadUserTower,
  type UserTowerCache,
} from './artifacts/load-user-tower.js';
export {
  buildManifest,
  checkVersion,
  type Manifest,
  type ManifestEntry,
  type ManifestOptions,
  manifestEntry,
  sha256,
  verifyFile,
} from './artifacts/manifest.js';
export {
  activateRelease,
  currentRelease,
  listReleases,
  type PublishOptions,
  publishRelease,
} from './artifacts/publish.js';
export {
  type CatalogueDataOptions,
  embedCatalogue,
  type PreparedCatalogue,
  prepareCatalogue,
} from './data/catalogue-data.js';
export { type CollaborativeDataOptions, collaborativeData } from './data/collaborative-data.js';
export { type Interactions, interactionMatrix, itemCounts, transposeCsr } from './data/interactions.js';
export type { Catalogue, DecisionRecord, ProfileRecord, VideoRecord } from './data/records.js';
export { type EaseOptions, easeScorer } from './evaluation/ease.js';
export { type ItemKnnOptions, itemKnnScorer } from './evaluation/item-knn.js';
export { popularityScorer } from './evaluation/popularity.js';
export { type DisposableScorer, productScorer } from './evaluation/product-scorer.js';
export {
  evaluateRetrieval,
  type ListQuality,
  type RetrievalOptions,
  type RetrievalReport,
  type RetrievalTask,
  type Scorer,
} from './evaluation/retrieval.js';
export {
  type CatalogueVocabularyNames,
  itemFeatureRow,
  itemFeatureSpecs,
  userFeatureRow,
  userFeatureSpecs,
} from './features/catalogue-features.js';
export { type EncodedRows, takeEncodedRows } from './features/encoded-rows.js';
export { assemble, FeatureEncoder, type FeatureEncoderOptions } from './features/feature-encoder.js';
export {
  type ItemFeaturePayload,
  itemFeaturePayload,
  type UserFeaturePayload,
  type UserPayloadOptions,
  userFeaturePayload,
} from './features/feature-payloads.js';
export {
  type FeatureSchema,
  type FeatureSchemaFile,
  type FeatureSegment,
  readFeatureSchema,
  type SegmentType,
} from './features/feature-schema.js';
export type {
  BagOfWordsSpec,
  CyclicSpec,
  FeatureRow,
  FeatureSpec,
  FeatureValue,
  IdSpec,
  NumericSpec,
  ScaledBucketSpec,
} from './features/feature-spec.js';
export { checkSkew, findSkew } from './features/skew-check.js';
export { type FeatureStatistics, StandardScaler } from './features/standard-scaler.js';
export { UserHistory, type UserMoment } from './features/user-history.js';
export { Vocabulary, type VocabularyCounts, type VocabularyOptions } from './features/vocabulary.js';
export type { TowerBag, TowerOptions, TowerShape, TowerSide, TowerWeights } from './model/tower.js';
export type { EmbedOptions } from './model/tower-encoder.js';
export { TwoTowerModel, type TwoTowerParts } from './model/two-tower-model.js';
export { drawNegatives } from './samples/negatives.js';
export { type DatedOfUser, type Split, splitAtRandom, splitByTime, splitPerUser } from './samples/split.js';
export { buildTrainingSamples, type TrainingSample, type TrainingSampleOptions } from './samples/training-samples.js';
export { fitTwoTower } from './training/fit.js';
export type { TrainingData } from './training/training-data.js';
export type {
  CosineLossOptions,
  EpochRecord,
  SoftmaxLossOptions,
  TrainingProgress,
  TwoTowerOptions,
  ValidationOptions,
} from './training/training-options.js';
