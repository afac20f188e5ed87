export { type SanitizedInput, type SanitizeOptions, sanitizeInput, type TagDocument } from './input/sanitize-input.js';
export {
  createTagExtractor,
  type ExtractOptions,
  type Tag,
  type TagExtraction,
  type TagExtractor,
  type TagExtractorOptions,
  type TagOffset,
} from './tag-extractor.js';
