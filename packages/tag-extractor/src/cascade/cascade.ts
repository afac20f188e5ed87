import { checkInteger, checkNumber, checkOneOf } from '@matome/primitives/options';

/** Why a cascade refines an article or not; the names are those of the wire format. */
export type CascadeReason =
  | 'high_confidence_exit'
  | 'low_confidence'
  | 'insufficient_tag_coverage'
  | 'slow_inference'
  | 'refine_ratio_budget_capped';

/** What a cascade looks at. */
export interface CascadeInput {
  readonly confidence: number;
  readonly tags: { readonly length: number };
  readonly inferenceMs: number;
  /** How much the cheap stage left open; see `TagExtraction.contention`. */
  readonly contention?: number;
}

/** A decision, as data. */
export interface CascadeDecision {
  readonly needsRefine: boolean;
  readonly reason: CascadeReason;
  readonly confidence: number;
  readonly tagCount: number;
  readonly inferenceMs: number;
  /** Share of refined articles in the window, this one included. */
  readonly refineRatio: number;
}

/** Options of `createCascade`. */
export interface CascadeOptions {
  /** Articles below need refinement. @default 0.72 */
  readonly minConfidence?: number;
  /** Articles with fewer tags need refinement. @default 5 */
  readonly minTags?: number;
  /** Articles that took longer need refinement: they are the hard ones. @default 180 */
  readonly maxInferenceMs?: number;
  /** Largest share of refined articles among the last `window`. @default 0.35 */
  readonly maxRefineRatio?: number;
  /** Articles over which the share is counted. @default 200 */
  readonly window?: number;
  /**
   * Who of the articles in need gets the budget: the first that come, or those in the share of the window, as large as the
   * budget, that are least confident or have most left to decide. An article without `contention` counts as most contended.
   *
   * @default 'most-contended'
   */
  readonly priority?: 'first-come' | 'least-confident' | 'most-contended';
}

/** Decides article by article whether a second, dearer look is worth it. */
export interface Cascade {
  /** Decides and takes the decision into the budget. */
  decide(extraction: CascadeInput): CascadeDecision;
}

/**
 * Builds a gate before a dear second stage: articles in need are refined as long as the budget lasts.
 *
 * Among the last `window` articles, and from the very first one on, the refined share never exceeds `maxRefineRatio`.
 *
 * @throws RangeError if an option is out of range.
 * @remarks O(window) a decision, O(1) with `first-come`.
 * @example
 * const cascade = createCascade({ maxRefineRatio: 0.5, priority: 'first-come' });
 * const weak = { confidence: 0.2, tags: ['a', 'b', 'c', 'd', 'e'], inferenceMs: 3 };
 * [cascade.decide(weak), cascade.decide(weak)].map((decision) => decision.reason) // => ['refine_ratio_budget_capped', 'low_confidence']
 */
export function createCascade(options: CascadeOptions = {}): Cascade {
  const caller = 'createCascade';
  const minConfidence = checkNumber(caller, 'minConfidence', options.minConfidence ?? 0.72, { min: 0, max: 1 });
  const minTags = checkInteger(caller, 'minTags', options.minTags ?? 5, { min: 0 });
  const maxInferenceMs = checkNumber(caller, 'maxInferenceMs', options.maxInferenceMs ?? 180, { min: 0 });
  const maxRefineRatio = checkNumber(caller, 'maxRefineRatio', options.maxRefineRatio ?? 0.35, { min: 0, max: 1 });
  const window = checkInteger(caller, 'window', options.window ?? 200, { min: 1 });
  const priority = checkOneOf(caller, 'priority', options.priority ?? 'most-contended', [
    'first-come',
    'least-confident',
    'most-contended',
  ]);
  const recent = new RecentArticles(window);
  return {
    decide({ confidence, tags, inferenceMs, contention = Number.POSITIVE_INFINITY }) {
      const need =
        confidence < minConfidence
          ? 'low_confidence'
          : tags.length < minTags
            ? 'insufficient_tag_coverage'
            : inferenceMs > maxInferenceMs
              ? 'slow_inference'
              : undefined;
      recent.makeRoom();
      const affordable = recent.refined + 1 <= maxRefineRatio * (recent.size + 1);
      const urgency = priority === 'least-confident' ? -confidence : contention;
      const spent = maxRefineRatio === 0 ? 1 : recent.refined / (maxRefineRatio * Math.max(1, recent.size));
      // All articles count as urgent while nothing is spent, the share that the budget pays for when all is.
      const urgentShare = 1 - spent * (1 - maxRefineRatio);
      const urgent = priority === 'first-come' || recent.shareAbove(urgency) <= urgentShare;
      const needsRefine = need !== undefined && affordable && urgent;
      recent.add(urgency, needsRefine);
      return {
        needsRefine,
        reason: need === undefined ? 'high_confidence_exit' : needsRefine ? need : 'refine_ratio_budget_capped',
        confidence,
        tagCount: tags.length,
        inferenceMs,
        refineRatio: recent.refined / recent.size,
      };
    },
  };
}

/** The last articles of a stream, in a ring. */
class RecentArticles {
  size = 0;
  refined = 0;
  private readonly urgencies: Float64Array;
  private readonly flags: Uint8Array;
  private next = 0;

  constructor(capacity: number) {
    this.urgencies = new Float64Array(capacity);
    this.flags = new Uint8Array(capacity);
  }

  /** Forgets the oldest article when the ring is full. */
  makeRoom(): void {
    if (this.size < this.flags.length) return;
    this.refined -= this.flags[this.next]!;
    this.size--;
  }

  add(urgency: number, refined: boolean): void {
    this.urgencies[this.next] = urgency;
    this.flags[this.next] = refined ? 1 : 0;
    this.next = (this.next + 1) % this.flags.length;
    this.size++;
    if (refined) this.refined++;
  }

  /** Share of the remembered articles that are more urgent. */
  shareAbove(urgency: number): number {
    let above = 0;
    const capacity = this.flags.length;
    for (let i = 1; i <= this.size; i++) {
      if (this.urgencies[(this.next - i + capacity) % capacity]! > urgency) above++;
    }
    return this.size === 0 ? 0 : above / this.size;
  }
}
