export { type DedupDocument, type DeduplicateOptions, type DedupResult, deduplicate } from './deduplicate.js';
export {
  type DeduplicateWithEmbedderOptions,
  deduplicateWithEmbedder,
} from './deduplicate-with-embedder.js';
export type { DuplicateGroup, DuplicateMember, PrimaryChoice } from './duplicate-groups.js';
export { type DuplicateHit, DuplicateIndex, type DuplicateIndexOptions } from './duplicate-index.js';
export type { DuplicateReason, DuplicateThresholds } from './judge-pair.js';
export { LocalitySensitiveIndex, type LocalitySensitiveIndexOptions } from './locality-sensitive-index.js';
export { estimateJaccard, minHash } from './min-hash.js';
export { paraphraseProbability } from './paraphrase-probability.js';
export {
  dropRepeatedSentences,
  type RepeatedSentenceOptions,
  type SentenceDocument,
  type SentenceFilterResult,
} from './repeated-sentences.js';
export { type ShingleOptions, shingleHashes } from './shingles.js';
