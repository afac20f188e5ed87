export { type AttemptStore, createMemoryAttemptStore } from './batch/attempt-store.js';
export {
  advancePosition,
  type BatchCursor,
  type BatchPlan,
  type BatchPosition,
  type CursorProblem,
  type CursorRuleOptions,
  cursorProblem,
  initialPosition,
  planBatch,
} from './batch/cursor-rules.js';
export { type BatchDocument, type BatchItem, type ExtractBatchOptions, extractBatch } from './batch/extract-batch.js';
export { createExtractorPool, type ExtractorPool, type ExtractorPoolOptions } from './batch/extractor-pool.js';
export { calibrateConfidence, fitTagCalibration, type JudgedTag, type TagCalibration } from './calibration.js';
export { isJapaneseTag } from './candidates/validate-japanese-tag.js';
export {
  type Cascade,
  type CascadeDecision,
  type CascadeInput,
  type CascadeOptions,
  type CascadeReason,
  createCascade,
} from './cascade/cascade.js';
export { type CascadeExtractorOptions, createCascadeExtractor } from './cascade/cascade-extractor.js';
export {
  type CollectionExtractorOptions,
  createCollectionExtractor,
  type TaggedArticle,
} from './collection/collection-extractor.js';
export { type SanitizedInput, type SanitizeOptions, sanitizeInput, type TagDocument } from './input/sanitize-input.js';
export {
  buildLabelEdges,
  type LabelEdge,
  type LabelEdgeOptions,
  type LabelRecord,
} from './label-edges/build-label-edges.js';
export {
  type LabelEdgeRefresh,
  type LabelEdgeStore,
  type RefreshLabelEdgesOptions,
  refreshLabelEdges,
} from './label-edges/refresh-label-edges.js';
export type { Tag, TagExtraction, TagMethod, TagOffset } from './tag.js';
export {
  createTagExtractor,
  type ExtractOptions,
  type TagExtractor,
  type TagExtractorOptions,
} from './tag-extractor.js';
export type { AliasTable } from './tag-names/name-groups.js';
export { tagKey } from './tag-names/tag-key.js';
export { type CascadeOutcome, type TagOutcome, toCascadeOutcome, toTagOutcome } from './wire.js';
