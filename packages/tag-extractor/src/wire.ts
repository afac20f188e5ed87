import type { CascadeDecision } from './cascade/cascade.js';
import type { TagExtraction } from './tag.js';

/** An extraction under the names of the wire format. */
export interface TagOutcome {
  readonly tags: readonly string[];
  readonly confidence: number;
  readonly tag_count: number;
  readonly inference_ms: number;
  readonly language: string;
  readonly model_name: string;
  readonly sanitized_length: number;
  readonly embedding_backend: string;
  readonly tag_confidences: Readonly<Record<string, number>>;
  readonly embedding_metadata: Readonly<Record<string, unknown>>;
}

/** A cascade decision under the names of the wire format. */
export interface CascadeOutcome {
  readonly needs_refine: boolean;
  readonly reason: string;
  readonly confidence: number;
  readonly tag_count: number;
  readonly inference_ms: number;
  readonly refine_ratio: number;
}

/**
 * Writes an extraction for the wire: names in snake case, shares with three decimals, milliseconds with one.
 *
 * @example
 * const extraction = await createTagExtractor().extract({ title: '', body: '   ' });
 * const { tags, tag_count, language } = toTagOutcome(extraction);
 * [tags, tag_count, language] // => [[], 0, 'und']
 */
export function toTagOutcome(extraction: TagExtraction): TagOutcome {
  const { tags, confidence, inferenceMs, language, modelName, sanitizedLength, method, warnings } = extraction;
  return {
    tags: tags.map((tag) => tag.name),
    confidence: round(confidence, 3),
    tag_count: tags.length,
    inference_ms: round(inferenceMs, 1),
    language: language.language === 'und' && language.code !== '' ? language.code : language.language,
    model_name: modelName,
    sanitized_length: sanitizedLength,
    embedding_backend: method === 'statistical' ? 'none' : 'onnx',
    tag_confidences: Object.fromEntries(tags.map((tag) => [tag.name, round(tag.confidence, 3)])),
    embedding_metadata: { method, warnings },
  };
}

/**
 * Writes a cascade decision for the wire.
 *
 * @example
 * const decision = createCascade().decide({ confidence: 0.9, tags: ['a', 'b', 'c', 'd', 'e'], inferenceMs: 3.14159 });
 * toCascadeOutcome(decision) // => { needs_refine: false, reason: 'high_confidence_exit', confidence: 0.9, tag_count: 5, inference_ms: 3.1, refine_ratio: 0 }
 */
export function toCascadeOutcome(decision: CascadeDecision): CascadeOutcome {
  const { needsRefine, reason, confidence, tagCount, inferenceMs, refineRatio } = decision;
  return {
    needs_refine: needsRefine,
    reason,
    confidence: round(confidence, 3),
    tag_count: tagCount,
    inference_ms: round(inferenceMs, 1),
    refine_ratio: round(refineRatio, 3),
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
