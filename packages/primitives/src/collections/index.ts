export { BinaryHeap } from './binary-heap.js';
export { DisjointSet } from './disjoint-set.js';
export { LruCache } from './lru-cache.js';
