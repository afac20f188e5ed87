export { type AverageLinkageOptions, averageLinkage } from './agglomerative/average-linkage.js';
export { cutTree, type LinkageTree, type TreeCut } from './agglomerative/cut-tree.js';
export { type WardOptions, wardClustering, wardLinkage, wardLinkageSteps } from './agglomerative/ward.js';
export { clusterEmbeddings } from './cluster-embeddings/cluster-embeddings.js';
export { type ClusterOtherOptions, clusterOther, type OtherClusters } from './cluster-embeddings/cluster-other.js';
export type {
  ClusterDiagnostics,
  EmbeddingClusterOptions,
  EmbeddingClusters,
  Fallback,
} from './cluster-embeddings/embedding-cluster-options.js';
export {
  type Assignment,
  type OnlineClusterOptions,
  OnlineClusters,
  type Refresh,
} from './cluster-embeddings/online-clusters.js';
export type { CondensedTree } from './hdbscan/condensed-tree.js';
export type { DensityClustering } from './hdbscan/density-clustering.js';
export {
  type HdbscanAdjustments,
  type HdbscanResult,
  hdbscan,
  hdbscanSteps,
  type SampleAdjustment,
} from './hdbscan/hdbscan.js';
export type { HdbscanLimits, HdbscanOptions, HdbscanSettings } from './hdbscan/hdbscan-options.js';
export {
  approximatePredict,
  type HdbscanPrediction,
  HdbscanPredictor,
} from './hdbscan/hdbscan-predictor.js';
export type { PointLabels } from './hdbscan/label-points.js';
export type { OutlierAdjustment } from './hdbscan/limit-outliers.js';
export type { SpanningTreeAlgorithm } from './hdbscan/mutual-reachability.js';
export type { PredictableClustering } from './hdbscan/predictor-state.js';
export type { SingleLinkageTree } from './hdbscan/single-linkage-tree.js';
export type { SpanningTree } from './hdbscan/spanning-forest.js';
export { BisectingKMeans, type BisectingKMeansOptions } from './k-means/bisecting-k-means.js';
export type { CentroidModel } from './k-means/centroid-model.js';
export { KMeans, type KMeansOptions } from './k-means/k-means.js';
export { MiniBatchKMeans, type MiniBatchKMeansOptions } from './k-means/mini-batch-k-means.js';
export { adjustedRandIndex } from './metrics/adjusted-rand-index.js';
export { type BCubed, bCubed } from './metrics/b-cubed.js';
export { calinskiHarabaszIndex, daviesBouldinIndex } from './metrics/cluster-spread.js';
export { type Dbcv, type DbcvOptions, dbcv, dbcvSteps } from './metrics/dbcv.js';
export type { PanelMetric } from './metrics/labelled-panels.js';
export { adjustedMutualInformation, normalizedMutualInformation } from './metrics/mutual-information.js';
export { type Silhouette, type SilhouetteOptions, silhouette, silhouetteSteps } from './metrics/silhouette.js';
export { type TrustworthinessOptions, trustworthiness, trustworthinessSteps } from './metrics/trustworthiness.js';
export { type VMeasure, vMeasure } from './metrics/v-measure.js';
export type { KnnGraph } from './neighbors/knn-graph.js';
export {
  type NearestNeighbors,
  type NearestNeighborsOptions,
  type NeighborAlgorithm,
  nearestNeighbors,
} from './neighbors/nearest-neighbors.js';
export {
  type Parameter,
  type ParameterValues,
  ParzenSampler,
  type ParzenSamplerOptions,
  type SearchSpace,
} from './search/parzen-sampler.js';
export {
  type ClusterSearch,
  type ClusterSearchOptions,
  type ClusterSearchSpace,
  type ClusterTrial,
  type ScoredTrial,
  searchClusters,
} from './search/search-clusters.js';
export type { LayoutStart } from './umap/initialize-layout.js';
export { densityCorrelation, type LocalRadiiOptions, localRadii } from './umap/local-radii.js';
export { umap, umapSteps } from './umap/umap.js';
export { type TransformOptions, Umap } from './umap/umap-model.js';
export type { DensityOptions, UmapOptions, UmapRunOptions } from './umap/umap-options.js';
