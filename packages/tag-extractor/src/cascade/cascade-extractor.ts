import type { Tag, TagExtraction } from '../tag.js';
import type { TagExtractor } from '../tag-extractor.js';
import { tagKey } from '../tag-names/tag-key.js';
import { type Cascade, createCascade } from './cascade.js';

/** Options of `createCascadeExtractor`. */
export interface CascadeExtractorOptions {
  /** Reads every article: statistics alone or with a static model. */
  readonly cheap: TagExtractor;
  /** Reads the articles that the cascade picks: with a transformer. */
  readonly refine: TagExtractor;
  /** @default createCascade() */
  readonly cascade?: Cascade;
  /** Tags an article gets at most after merging. @default 10 */
  readonly topN?: number;
}

/**
 * Puts a dear extractor behind a cheap one: every article is read cheaply, and those that the cascade picks once more.
 *
 * The merged tags are those of the second look, filled up with tags that only the first one found. Every extraction
 * carries the decision in `cascade`.
 *
 * @remarks Decisions are made in the order in which cheap extractions end: call one after the other for the same bytes.
 * @example
 * const extractor = createCascadeExtractor({ cheap: createTagExtractor(), refine: createTagExtractor({ breadth: 1 }) });
 * const { cascade } = await extractor.extract({ title: 'Solar power grows', body: 'Solar power grew again.' });
 * cascade.reason // => 'refine_ratio_budget_capped'
 */
export function createCascadeExtractor(options: CascadeExtractorOptions): TagExtractor {
  const { cheap, refine, cascade = createCascade(), topN = 10 } = options;
  return {
    async extract(document, extractOptions) {
      const first = await cheap.extract(document, extractOptions);
      if (first.status !== 'extracted') return first;
      const decision = cascade.decide(first);
      if (!decision.needsRefine) return { ...first, method: 'cascade', cascade: decision };
      const second = await refine.extract(document, extractOptions);
      return { ...merge(first, second, topN), method: 'cascade', cascade: decision };
    },
  };
}

function merge(first: TagExtraction, second: TagExtraction, topN: number): TagExtraction {
  const names = new Set(second.tags.flatMap((tag) => [tag.name, ...tag.aliases]).map(tagKey));
  const least = second.tags.at(-1)?.confidence ?? 1;
  const more: Tag[] = first.tags
    .filter((tag) => ![tag.name, ...tag.aliases].some((name) => names.has(tagKey(name))))
    // The second look had them too and ranked them behind its own.
    .map((tag) => ({ ...tag, confidence: Math.min(tag.confidence, least) }));
  return {
    ...second,
    tags: [...second.tags, ...more].slice(0, topN),
    inferenceMs: first.inferenceMs + second.inferenceMs,
  };
}
