export type { Embedder, EmbedOptions } from './embedder.js';
export { type CachedEmbedder, type EmbeddingCacheOptions, withEmbeddingCache } from './embedding-cache.js';
export { createHashingEmbedder, type HashingEmbedderOptions } from './hashing-embedder.js';
export { createStaticEmbedder, type StaticEmbedderOptions } from './static-embedder.js';
export { encodeStaticModel, loadStaticModel, type StaticModel, type StaticTable } from './static-model.js';
