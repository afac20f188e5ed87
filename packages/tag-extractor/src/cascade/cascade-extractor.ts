import { checkInteger } from '@matome/primitives/options';
import { logOdds } from '../calibration.js';
import { articleConfidence } from '../confidence.js';
import { mergeWeights } from '../rank/fusion-weights.js';
import { logistic } from '../rank/ranker.js';
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
 * The merged tags are ranked by what both looks say of them. Every extraction carries the decision in `cascade`.
 *
 * @throws RangeError if `topN` is below 1.
 * @remarks Decisions are made in the order in which cheap extractions end: call one after the other for the same bytes.
 * @example
 * const extractor = createCascadeExtractor({ cheap: createTagExtractor(), refine: createTagExtractor({ breadth: 1 }) });
 * const { cascade } = await extractor.extract({ title: 'Solar power grows', body: 'Solar power grew again.' });
 * cascade.reason // => 'refine_ratio_budget_capped'
 */
export function createCascadeExtractor(options: CascadeExtractorOptions): TagExtractor {
  const { cheap, refine, cascade = createCascade() } = options;
  const topN = checkInteger('createCascadeExtractor', 'topN', options.topN ?? 10, { min: 1 });
  return {
    async extract(document, extractOptions) {
      const first = await cheap.extract(document, extractOptions);
      if (first.status !== 'extracted') return first;
      const decision = cascade.decide(first);
      if (!decision.needsRefine) return { ...first, method: 'cascade', cascade: decision };
      const second = await refine.extract(document, extractOptions);
      // The dear extractor may have limits of its own: what the cheap one found stays.
      if (second.status !== 'extracted') return { ...first, method: 'cascade', cascade: decision };
      return { ...merge(first, second, topN), method: 'cascade', cascade: decision };
    },
  };
}

interface Seen {
  readonly tag: Tag;
  readonly first: number;
  readonly second: number;
}

/** Adds up the log odds of both looks; a look that lacks a tag would have ranked it behind its own. */
function merge(first: TagExtraction, second: TagExtraction, topN: number): TagExtraction {
  const byName = new Map(first.tags.flatMap((tag) => namesOf(tag).map((name) => [name, tag] as const)));
  const [leastFirst, leastSecond] = [first, second].map(({ tags }) => logOdds(tags.at(-1)?.confidence ?? 0)) as [
    number,
    number,
  ];
  const met = new Set<Tag>();
  const seen: Seen[] = second.tags.map((tag) => {
    const others = namesOf(tag).flatMap((name) => byName.get(name) ?? []);
    for (const other of others) met.add(other);
    const odds = others.map(({ confidence }) => logOdds(confidence));
    return { tag, first: odds.length > 0 ? Math.max(...odds) : leastFirst, second: logOdds(tag.confidence) };
  });
  for (const tag of first.tags) {
    if (!met.has(tag)) seen.push({ tag, first: logOdds(tag.confidence), second: leastSecond });
  }
  const tags = seen
    .map(({ tag, ...looks }) => ({
      ...tag,
      confidence: logistic(mergeWeights.first * looks.first + mergeWeights.second * looks.second + mergeWeights.offset),
    }))
    .sort((a, b) => b.confidence - a.confidence)
    .slice(0, topN);
  return {
    ...second,
    tags,
    confidence: articleConfidence(tags.map(({ confidence }) => confidence)),
    inferenceMs: first.inferenceMs + second.inferenceMs,
  };
}

function namesOf({ name, aliases }: Tag): string[] {
  return [name, ...aliases].map(tagKey);
}
