export type { WeightStorage } from './bert-weights.js';
export { type CheckpointEmbedderOptions, createCheckpointEmbedder } from './checkpoint-embedder.js';
export { type CreateEmbedderOptions, createEmbedder } from './create-embedder.js';
export type { Embedder, EmbedOptions, LoadedEmbedder, TokenVectors } from './embedder.js';
export { type CachedEmbedder, type EmbeddingCacheOptions, withEmbeddingCache } from './embedding-cache.js';
export { checkFingerprint, FingerprintMismatchError } from './fingerprint.js';
export { createHashingEmbedder, type HashingEmbedderOptions } from './hashing-embedder.js';
export { createOnnxEmbedder, type OnnxEmbedderOptions, type TransformerOptions } from './onnx-embedder.js';
export {
  createRemoteEmbedder,
  type RemoteEmbedderOptions,
  type RemoteEmbeddingCode,
  RemoteEmbeddingError,
} from './remote-embedder.js';
export { createStaticEmbedder, type StaticEmbedderOptions } from './static-embedder.js';
export { encodeStaticModel, loadStaticModel, type StaticModel, type StaticTable } from './static-model.js';
export { type LoadedTextEncoder, loadTextEncoder, type TextEncoder } from './text-encoder.js';
export { createWorkerEmbedder, type WorkerEmbedder, type WorkerEmbedderOptions } from './worker-embedder.js';
export { WorkerCrashedError } from './worker-handle.js';
