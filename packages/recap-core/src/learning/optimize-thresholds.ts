import { checkInteger } from '@matome/primitives/options';
import { createRandom, type RandomSource, shuffle } from '@matome/primitives/random';
import { mcNemarTest } from '../evaluation/mcnemar-test.js';
import { expectedImprovement, GaussianProcess } from './gaussian-process.js';
import type { LearningEntry } from './learning-entry.js';

/** The numbers by which the graph may overrule the classifier. */
export interface GraphThresholds {
  readonly graphMargin: number;
  readonly boostThreshold: number;
  readonly tagCountThreshold: number;
}

/** Options of `optimizeThresholds`. */
export interface ThresholdOptions {
  /** The thresholds in use: what a proposal has to beat. */
  readonly current: GraphThresholds;
  /** Least and largest value tried. @default margin [0.05, 0.25], boost [0.1, 5], tags [0, 10] */
  readonly bounds?: {
    readonly graphMargin?: readonly [number, number];
    readonly boostThreshold?: readonly [number, number];
    readonly tagCountThreshold?: readonly [number, number];
  };
  /** Settings tried. @default 30 */
  readonly evaluations?: number;
  /** Entries of known truth that are needed. @default 100 */
  readonly minEntries?: number;
  /** Confidence the classifier must have in a genre that the graph chooses. @default 0.15 */
  readonly minClassifierConfidence?: number;
  /** @default a source seeded with 42 */
  readonly random?: RandomSource;
}

/** What came of it. */
export type ThresholdProposal =
  | { readonly status: 'too-few'; readonly known: number; readonly needed: number }
  /** The graph never spoke, so there is nothing to tune. */
  | { readonly status: 'no-boosts'; readonly known: number }
  | {
      /** `better` only where held-out entries show it beyond chance. */
      readonly status: 'better' | 'no-better';
      readonly thresholds: GraphThresholds;
      readonly known: number;
      /** Share right on the four fifths that thresholds were tuned on. */
      readonly trainAccuracy: number;
      /** Share right on the fifth that was held out. */
      readonly testAccuracy: number;
      /** The same for the thresholds in use. */
      readonly currentTestAccuracy: number;
      /** Chance of so large a difference if both were equal. */
      readonly p: number;
    };

type Point = readonly [number, number, number];

/**
 * Finds the thresholds under which most genres come out right: a Gaussian process chooses what to try next.
 *
 * The truth is what people said, in the golden set or by correcting; entries without it are left out. Thresholds tuned on
 * the system's own decisions would only learn to repeat them.
 *
 * @throws RangeError for options out of range.
 * @remarks `evaluations` · entries, and evaluations³ for the process.
 * @see Snoek, Larochelle, Adams (2012), Practical Bayesian optimization of machine learning algorithms
 * @example
 * optimizeThresholds([], { current: { graphMargin: 0.15, boostThreshold: 0.1, tagCountThreshold: 0 } }).status // => 'too-few'
 */
export function optimizeThresholds(entries: readonly LearningEntry[], options: ThresholdOptions): ThresholdProposal {
  const { current, evaluations = 30, minEntries = 100, random = createRandom(42) } = options;
  const { minClassifierConfidence = 0.15 } = options;
  checkInteger('optimizeThresholds', 'evaluations', evaluations, { min: 8 });
  checkInteger('optimizeThresholds', 'minEntries', minEntries, { min: 5 });
  const known = entries.filter(({ truth }) => truth !== undefined);
  if (known.length < minEntries) return { status: 'too-few', known: known.length, needed: minEntries };
  if (known.every(({ topBoost }) => topBoost === 0)) return { status: 'no-boosts', known: known.length };
  // Sorting first: the split must not depend on the order in which entries were read.
  const byId = [...known].sort((a, b) => (a.articleId < b.articleId ? -1 : 1));
  const mixed = shuffle(byId, random);
  const cut = Math.floor(0.8 * mixed.length);
  const [train, test] = [mixed.slice(0, cut), mixed.slice(cut)];
  const right = (rows: readonly LearningEntry[], thresholds: GraphThresholds) =>
    rows.map((entry) => isRight(entry, thresholds, minClassifierConfidence));
  const loss = (thresholds: GraphThresholds) => 1 - share(right(train, thresholds));
  const thresholds = search(loss, current, options, evaluations, random);
  const [after, before] = [right(test, thresholds), right(test, current)];
  const { exactP } = mcNemarTest(after, before);
  const result = {
    thresholds,
    known: known.length,
    trainAccuracy: 1 - loss(thresholds),
    testAccuracy: share(after),
    currentTestAccuracy: share(before),
    p: exactP,
  };
  const isBetter = result.testAccuracy > result.currentTestAccuracy && exactP < 0.05;
  return { status: isBetter ? 'better' : 'no-better', ...result };
}

/** Whether the genre would come out right: the graph's where all conditions hold, else the classifier's. */
function isRight(entry: LearningEntry, thresholds: GraphThresholds, minConfidence: number): boolean {
  const graphDecides =
    entry.margin >= thresholds.graphMargin &&
    entry.topBoost >= thresholds.boostThreshold &&
    entry.tagCount >= thresholds.tagCountThreshold &&
    entry.topConfidence >= minConfidence;
  return entry.truth!.includes(graphDecides ? entry.boostedGenre : entry.coarseGenre);
}

function share(values: readonly boolean[]): number {
  return values.filter(Boolean).length / Math.max(1, values.length);
}

/** Bayesian optimisation: the thresholds in use, eight at random, then where most improvement is expected. */
function search(
  loss: (thresholds: GraphThresholds) => number,
  current: GraphThresholds,
  { bounds = {} }: ThresholdOptions,
  evaluations: number,
  random: RandomSource,
): GraphThresholds {
  const ranges = [
    bounds.graphMargin ?? [0.05, 0.25],
    bounds.boostThreshold ?? [0.1, 5],
    bounds.tagCountThreshold ?? [0, 10],
  ] as const;
  const toThresholds = (point: Point): GraphThresholds => {
    const [margin, boost, tags] = point.map((value, j) => ranges[j]![0] + value * (ranges[j]![1] - ranges[j]![0]));
    return { graphMargin: margin!, boostThreshold: boost!, tagCountThreshold: Math.round(tags!) };
  };
  const draw = (): Point => [random(), random(), random()];
  const points: Point[] = Array.from({ length: 8 }, draw);
  const losses = points.map((point) => loss(toThresholds(point)));
  while (points.length < evaluations) {
    const process = GaussianProcess.fit(points, losses);
    const best = Math.min(...losses);
    let next = draw();
    let most = -1;
    for (let trial = 0; trial < 400; trial++) {
      const point = trial < 300 ? draw() : near(points[losses.indexOf(best)]!, random);
      const gain = expectedImprovement(process.predict(point), best);
      if (gain <= most) continue;
      most = gain;
      next = point;
    }
    points.push(next);
    losses.push(loss(toThresholds(next)));
  }
  const best = Math.min(...losses);
  // What is in use stays where nothing found is better.
  return best < loss(current) ? toThresholds(points[losses.indexOf(best)]!) : current;
}

function near(point: Point, random: RandomSource): Point {
  const moved = point.map((value) => Math.min(1, Math.max(0, value + 0.1 * (random() - 0.5))));
  return [moved[0]!, moved[1]!, moved[2]!];
}
