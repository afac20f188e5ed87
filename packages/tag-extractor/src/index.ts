export {
  type Cascade,
  type CascadeDecision,
  type CascadeInput,
  type CascadeOptions,
  type CascadeReason,
  createCascade,
} from './cascade/cascade.js';
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
export {
  createTagExtractor,
  type ExtractOptions,
  type Tag,
  type TagExtraction,
  type TagExtractor,
  type TagExtractorOptions,
  type TagOffset,
} from './tag-extractor.js';
