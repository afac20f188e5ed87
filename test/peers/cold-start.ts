import { hdbscan, umap } from '@matome/clustering';
import { blobs } from './cluster-data.js';

const { x } = blobs(2000, 64, 8, 0.05, 7);
const start = performance.now();
const before = process.cpuUsage();
const embedding = await umap(x, { nComponents: 5, minDist: 0 });
const { nClusters } = hdbscan(embedding, { minClusterSize: 15 });
const { user, system } = process.cpuUsage(before);
const seconds = Number(((performance.now() - start) / 1000).toFixed(3));
process.stdout.write(JSON.stringify({ secondsInProcess: seconds, processorSeconds: (user + system) / 1e6, nClusters }));
