import type { Matrix } from '@matome/primitives/linalg';
import { checkNumber } from '@matome/primitives/options';
import { PackedArray, unpackArray } from './packed-array.js';

/** Options of `ConformalSets.fit`. */
export interface ConformalOptions {
  /** Gives every class an error bound of its own (Mondrian); needs about 1 / α rows per class. @default false */
  readonly perClass?: boolean;
}

/**
 * Bounds the errors of a probabilistic classifier, whatever its quality, as long as new rows come from where the
 * calibration rows came from.
 *
 * Two bounds: a set of plausible classes that misses the true one with probability of at most α, and a confidence from
 * which single answers are wrong with probability of at most α.
 *
 * @see Vovk, Gammerman, Shafer (2005), Algorithmic Learning in a Random World, doi:10.1007/b106715
 * @see Geifman, El-Yaniv (2017), Selective classification for deep neural networks, https://arxiv.org/abs/1705.08500
 * @example
 * const unseen = matrixFromRows([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]]);
 * const sets = ConformalSets.fit(unseen, [0, 0, 1, 1]);
 * [...sets.plausible([0.55, 0.45], 0.25)] // => [0]
 */
export class ConformalSets {
  /** Per group (class or all): 1 − probability of the true class, ascending. */
  readonly #scores: readonly Float32Array[];
  /** Confidences of the calibration answers, descending, and how many of the answers up to each are wrong. */
  readonly #confidences: Float32Array;
  readonly #wrong: Uint32Array;

  private constructor(scores: readonly Float32Array[], confidences: Float32Array, wrong: Uint32Array) {
    this.#scores = scores;
    this.#confidences = confidences;
    this.#wrong = wrong;
  }

  /**
   * Learns the bounds.
   *
   * @param probabilities - n × classes, of rows the classifier was not fitted on.
   * @param codes - n: true class of every row.
   * @throws RangeError if there is no row or another number of classes.
   * @remarks O(n log n).
   */
  static fit(probabilities: Matrix, codes: ArrayLike<number>, options: ConformalOptions = {}): ConformalSets {
    const { rows, cols, data } = probabilities;
    if (rows === 0 || rows !== codes.length) {
      throw new RangeError(`ConformalSets.fit needs rows and as many labels. Got ${rows} and ${codes.length}.`);
    }
    const groups: number[][] = Array.from({ length: options.perClass ? cols : 1 }, () => []);
    const answers: { confidence: number; right: boolean }[] = [];
    for (let i = 0; i < rows; i++) {
      const start = i * cols;
      let best = 0;
      for (let c = 1; c < cols; c++) if (data[start + c]! > data[start + best]!) best = c;
      answers.push({ confidence: data[start + best]!, right: best === codes[i] });
      groups[options.perClass ? codes[i]! : 0]!.push(1 - data[start + codes[i]!]!);
    }
    answers.sort((a, b) => b.confidence - a.confidence);
    let errors = 0;
    const wrong = Uint32Array.from(answers, ({ right }) => (errors += right ? 0 : 1));
    return new ConformalSets(
      groups.map((group) => Float32Array.from(group).sort()),
      Float32Array.from(answers, ({ confidence }) => confidence),
      wrong,
    );
  }

  /**
   * Restores what `toJSON` gave.
   *
   * @throws RangeError if the value is no such calibration.
   */
  static fromJSON(json: unknown): ConformalSets {
    const value = json as ReturnType<ConformalSets['toJSON']>;
    if (value?.kind !== 'conformal-sets' || value.version !== 1) {
      throw new RangeError(
        'ConformalSets.fromJSON needs the value that toJSON gave, kind "conformal-sets", version 1.',
      );
    }
    const { scores, confidences, wrong } = value;
    return new ConformalSets(
      scores.map((group) => unpackArray(group, 'f32', 'scores')),
      unpackArray(confidences, 'f32', 'confidences'),
      unpackArray(wrong, 'u32', 'wrong'),
    );
  }

  /**
   * The classes that cannot be excluded: the true one is missing with probability of at most `alpha`.
   *
   * @param probabilities - one per class.
   * @param alpha - in (0, 1).
   * @returns class numbers, most probable first; never empty.
   */
  plausible(probabilities: ArrayLike<number>, alpha: number): Uint32Array {
    checkNumber('ConformalSets.plausible', 'alpha', alpha, { min: 0, max: 1, exclusiveMin: true });
    const order = Uint32Array.from({ length: probabilities.length }, (_, c) => c).sort(
      (a, b) => probabilities[b]! - probabilities[a]! || a - b,
    );
    const kept = order.filter((c) => 1 - probabilities[c]! <= this.#bound(c, alpha));
    return kept.length > 0 ? kept : order.slice(0, 1);
  }

  /**
   * The least confidence from which answers are wrong with probability of at most `alpha`, judged by the calibration rows
   * with one error added.
   *
   * @param alpha - in (0, 1).
   * @returns a value in [0, 1], or infinity when no confidence is enough.
   */
  acceptFrom(alpha: number): number {
    checkNumber('ConformalSets.acceptFrom', 'alpha', alpha, { min: 0, max: 1, exclusiveMin: true });
    const n = this.#confidences.length;
    for (let count = n; count > 0; count--) {
      // Answers of one confidence are accepted together or not at all.
      if (count < n && this.#confidences[count] === this.#confidences[count - 1]) continue;
      if ((this.#wrong[count - 1]! + 1) / (count + 1) <= alpha) return count === n ? 0 : this.#confidences[count - 1]!;
    }
    return Number.POSITIVE_INFINITY;
  }

  #bound(code: number, alpha: number): number {
    const scores = this.#scores.length === 1 ? this.#scores[0]! : this.#scores[code]!;
    const rank = Math.ceil((scores.length + 1) * (1 - alpha));
    return rank > scores.length ? Number.POSITIVE_INFINITY : scores[rank - 1]!;
  }

  /** The calibration for JSON, its numbers packed. */
  toJSON() {
    return {
      kind: 'conformal-sets' as const,
      version: 1 as const,
      scores: this.#scores.map((group) => new PackedArray(group)),
      confidences: new PackedArray(this.#confidences),
      wrong: new PackedArray(this.#wrong),
    };
  }
}
