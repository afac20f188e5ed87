export { type AverageLinkageOptions, averageLinkage } from './agglomerative/average-linkage.js';
