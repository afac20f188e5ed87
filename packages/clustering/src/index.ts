export { type AverageLinkageOptions, averageLinkage } from './agglomerative/average-linkage.js';
export { BisectingKMeans, type BisectingKMeansOptions } from './k-means/bisecting-k-means.js';
export type { CentroidModel } from './k-means/centroid-model.js';
export { KMeans, type KMeansOptions } from './k-means/k-means.js';
export { MiniBatchKMeans, type MiniBatchKMeansOptions } from './k-means/mini-batch-k-means.js';
export { adjustedRandIndex } from './metrics/adjusted-rand-index.js';
export { type BCubed, bCubed } from './metrics/b-cubed.js';
export { adjustedMutualInformation, normalizedMutualInformation } from './metrics/mutual-information.js';
export { type VMeasure, vMeasure } from './metrics/v-measure.js';
