import { checkInteger, checkOneOf } from '@matome/primitives/options';
import { indexWindows, sharedWindows, type WindowIndex } from './term-windows.js';

/** Options of `topicCoherence`. */
export interface TopicCoherenceOptions {
  /**
   * `npmi`: how much more often two terms share a window than chance has it, in [-1, 1]. `umass`: the logarithm of the share
   * of a stronger term's windows that hold the weaker one too, at most about 0.
   *
   * @default 'npmi'
   */
  readonly measure?: 'npmi' | 'umass';
  /** Tokens of a sliding window; a whole document by default. @default Infinity */
  readonly window?: number;
}

/** How well the terms of topics belong together. */
export interface TopicCoherence {
  /** One value a topic: the mean over its pairs of terms; NaN for a topic of fewer than two terms. */
  readonly perTopic: readonly number[];
  /** Mean over the topics that have a value; NaN when none has. */
  readonly mean: number;
}

/**
 * How well the terms of each topic belong together, from how often they share a document, or a window that slides over it.
 *
 * @param topics - terms of each topic, the strongest first; a term of several words, joined by spaces, stands where they follow
 * each other.
 * @param documents - tokenised documents: those that the topics came from, or a reference corpus.
 * @throws RangeError if an option is out of range.
 * @remarks O(tokens + pairs of terms · their windows). Two terms that never meet score -1 under NPMI less a little (their common
 * probability counts as 1e-12), also where one of them stands nowhere; two that stand in every window score 0.
 * @see Bouma (2009), Normalized (Pointwise) Mutual Information in Collocation Extraction, GSCL; Röder, Both, Hinneburg (2015),
 * Exploring the Space of Topic Coherence Measures, doi:10.1145/2684822.2685324; Mimno, Wallach et al. (2011), EMNLP, for UMass
 * @example
 * const documents = [['river', 'flood'], ['flood', 'river', 'mayor'], ['cup', 'final'], ['final', 'goal']];
 * topicCoherence([['flood', 'river'], ['final', 'mayor']], documents).perTopic.map((value) => Math.round(value * 10) / 10) // => [1, -0.9]
 */
export function topicCoherence(
  topics: readonly (readonly string[])[],
  documents: readonly (readonly string[])[],
  options: TopicCoherenceOptions = {},
): TopicCoherence {
  const measure = checkOneOf('topicCoherence', 'measure', options.measure ?? 'npmi', ['npmi', 'umass']);
  const window = options.window ?? Number.POSITIVE_INFINITY;
  if (window !== Number.POSITIVE_INFINITY) checkInteger('topicCoherence', 'window', window, { min: 1 });
  const index = indexWindows(documents, new Set(topics.flat()), window);
  const ofPair = measure === 'npmi' ? npmi : umass;
  const perTopic = topics.map((terms) => meanOfPairs(terms, (weaker, stronger) => ofPair(index, weaker, stronger)));
  return { perTopic, mean: meanOf(perTopic.filter((value) => !Number.isNaN(value))) };
}

function meanOfPairs(terms: readonly string[], score: (weaker: string, stronger: string) => number): number {
  const scores: number[] = [];
  for (let i = 1; i < terms.length; i++) {
    for (let j = 0; j < i; j++) scores.push(score(terms[i]!, terms[j]!));
  }
  return meanOf(scores);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** What a pair that never meets counts as, so that its logarithm is finite; the value of Röder et al. (2015). */
const epsilon = 1e-12;

function npmi({ windows, of }: WindowIndex, a: string, b: string): number {
  const [first, second] = [of.get(a)!, of.get(b)!];
  if (first.count === 0 || second.count === 0) return -1;
  const together = sharedWindows(first, second) / windows;
  if (together === 1) return 0;
  const apart = (first.count / windows) * (second.count / windows);
  return Math.log((together + epsilon) / apart) / -Math.log(together + epsilon);
}

function umass({ of }: WindowIndex, weaker: string, stronger: string): number {
  const [first, second] = [of.get(weaker)!, of.get(stronger)!];
  return Math.log((sharedWindows(first, second) + 1) / Math.max(1, second.count));
}
