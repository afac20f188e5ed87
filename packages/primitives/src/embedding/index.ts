export type { Embedder, EmbedOptions } from './embedder.js';
export { type CachedEmbedder, type EmbeddingCacheOptions, withEmbeddingCache } from './embedding-cache.js';
export { createHashingEmbedder, type HashingEmbedderOptions } from './hashing-embedder.js';
