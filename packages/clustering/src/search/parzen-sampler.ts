import { checkInteger, checkOneOf } from '@matome/primitives/options';
import { createRandom, type RandomSource } from '@matome/primitives/random';

/** Values chosen so far, by parameter name. */
export type ParameterValues = Readonly<Record<string, number>>;

/** What a parameter can be: a whole number in a range, whose upper end may hang on earlier parameters, or one of a list. */
export type Parameter =
  | { readonly kind: 'integer'; readonly min: number; readonly max: number | ((earlier: ParameterValues) => number) }
  | { readonly kind: 'choice'; readonly values: readonly number[] };

/** Parameters by name, drawn in this order. */
export type SearchSpace = Readonly<Record<string, Parameter>>;

/** Options of `ParzenSampler`. */
export interface ParzenSamplerOptions {
  /** Points drawn evenly before the estimator is trusted. @default 10 */
  readonly startupTrials?: number;
  /** Draws among which each parameter takes the best. @default 24 */
  readonly candidates?: number;
  /** @default createRandom(42) */
  readonly random?: RandomSource;
}

interface Observation {
  readonly values: ParameterValues;
  readonly score: number;
}

function checkParameter(name: string, parameter: Parameter): void {
  const caller = 'ParzenSampler';
  checkOneOf(caller, `${name}.kind`, parameter.kind, ['integer', 'choice']);
  if (parameter.kind === 'choice') {
    checkInteger(caller, `${name}.values.length`, parameter.values.length, { min: 1 });
    return;
  }
  const { max } = parameter;
  const min = checkInteger(caller, `${name}.min`, parameter.min);
  if (typeof max !== 'function') checkInteger(caller, `${name}.max`, max, { min });
}

/** Most trials that count as good. */
const mostGood = 25;

/**
 * Proposes parameter values to try next (tree-structured Parzen estimator): those likely among the good trials and unlikely
 * among the others. Higher scores are better.
 *
 * @remarks A proposal costs O(parameters · candidates · trials).
 * @see Bergstra, Bardenet, Bengio, Kégl (2011), Algorithms for hyper-parameter optimization,
 * https://papers.nips.cc/paper/4443-algorithms-for-hyper-parameter-optimization
 * @example
 * const sampler = new ParzenSampler({ x: { kind: 'integer', min: 0, max: 100 } });
 * for (let trial = 0; trial < 60; trial++) {
 *   const { x } = sampler.suggest();
 *   sampler.observe({ x }, -Math.abs(x - 70));
 * }
 * Math.abs(sampler.best().values.x - 70) <= 5 // => true
 */
export class ParzenSampler {
  readonly #space: SearchSpace;
  readonly #random: RandomSource;
  readonly #startupTrials: number;
  readonly #candidates: number;
  readonly #observations: Observation[] = [];

  /** @throws RangeError if an option is out of range, a list of choices is empty, or a range is none of whole numbers. */
  constructor(space: SearchSpace, options: ParzenSamplerOptions = {}) {
    const { startupTrials = 10, candidates = 24, random = createRandom() } = options;
    this.#space = space;
    this.#random = random;
    this.#startupTrials = checkInteger('ParzenSampler', 'startupTrials', startupTrials, { min: 1 });
    this.#candidates = checkInteger('ParzenSampler', 'candidates', candidates, { min: 1 });
    for (const [name, parameter] of Object.entries(space)) {
      checkParameter(name, parameter);
    }
  }

  /** Values to try next. */
  suggest(): Record<string, number> {
    const values: Record<string, number> = {};
    const [good, rest] = this.#split();
    for (const [name, parameter] of Object.entries(this.#space)) {
      const pick = (from: readonly Observation[]) => from.map((trial) => trial.values[name]!);
      values[name] =
        this.#observations.length < this.#startupTrials
          ? this.#drawEvenly(parameter, values)
          : this.#drawBest(parameter, values, pick(good), pick(rest));
    }
    return values;
  }

  /** Says how good values turned out; scores that are not numbers count as worst. */
  observe(values: ParameterValues, score: number): void {
    this.#observations.push({ values, score: Number.isNaN(score) ? Number.NEGATIVE_INFINITY : score });
  }

  /**
   * The best trial, the first of equals.
   *
   * @throws RangeError when nothing was observed.
   */
  best(): { readonly values: ParameterValues; readonly score: number } {
    checkInteger('ParzenSampler.best', 'observations', this.#observations.length, { min: 1 });
    return this.#observations.reduce((best, trial) => (trial.score > best.score ? trial : best));
  }

  #split(): [readonly Observation[], readonly Observation[]] {
    const order = this.#observations
      .map((trial, i) => ({ trial, i }))
      .sort((a, b) => b.trial.score - a.trial.score || a.i - b.i);
    const good = Math.min(mostGood, Math.ceil(0.1 * order.length));
    const sorted = order.map(({ trial }) => trial);
    return [sorted.slice(0, good), sorted.slice(good)];
  }

  #drawEvenly(parameter: Parameter, earlier: ParameterValues): number {
    if (parameter.kind === 'choice') return parameter.values[Math.floor(this.#random() * parameter.values.length)]!;
    const { min, max } = bounds(parameter, earlier);
    return min + Math.floor(this.#random() * (max - min + 1));
  }

  #drawBest(parameter: Parameter, earlier: ParameterValues, good: number[], rest: number[]): number {
    const likely = density(parameter, earlier, good);
    const unlikely = density(parameter, earlier, rest);
    let best = 0;
    let highest = Number.NEGATIVE_INFINITY;
    for (let draw = 0; draw < this.#candidates; draw++) {
      const value = likely.draw(this.#random);
      const gain = Math.log(likely.mass(value)) - Math.log(unlikely.mass(value));
      if (gain > highest) {
        highest = gain;
        best = value;
      }
    }
    return best;
  }
}

function bounds(parameter: Extract<Parameter, { kind: 'integer' }>, earlier: ParameterValues) {
  const max = typeof parameter.max === 'function' ? parameter.max(earlier) : parameter.max;
  return { min: parameter.min, max: Math.max(parameter.min, max) };
}

interface Density {
  mass(value: number): number;
  draw(random: RandomSource): number;
}

function density(parameter: Parameter, earlier: ParameterValues, seen: readonly number[]): Density {
  if (parameter.kind === 'choice') return choiceDensity(parameter.values, seen);
  const { min, max } = bounds(parameter, earlier);
  return integerDensity(min, max, seen);
}

/** Counts, each raised by one. */
function choiceDensity(values: readonly number[], seen: readonly number[]): Density {
  const counts = values.map((value) => 1 + seen.filter((other) => other === value).length);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const mass = (value: number) => (counts[values.indexOf(value)] ?? 0) / total;
  const draw = (random: RandomSource) => {
    let mark = random() * total;
    let at = 0;
    while (at < counts.length - 1 && mark >= counts[at]!) mark -= counts[at++]!;
    return values[at]!;
  };
  return { mass, draw };
}

/** A mixture of truncated normal curves over whole numbers: one at each value seen and a wide one over the range. */
function integerDensity(min: number, max: number, seen: readonly number[]): Density {
  const range = max - min + 1;
  const centers = [...seen.map((value) => Math.max(min, Math.min(max, value))), (min + max) / 2].sort((a, b) => a - b);
  const least = range / Math.min(100, centers.length + 1);
  const curves = centers.map((center, i) => {
    const left = center - (centers[i - 1] ?? min - 0.5);
    const right = (centers[i + 1] ?? max + 0.5) - center;
    const wide = center === (min + max) / 2 ? range : Math.max(left, right);
    const width = Math.max(least, Math.min(range, wide));
    const below = normalCdf((min - 0.5 - center) / width);
    return { center, width, below, inside: normalCdf((max + 0.5 - center) / width) - below };
  });
  const mass = (value: number) => {
    let sum = 0;
    for (const { center, width, inside } of curves) {
      sum += (normalCdf((value + 0.5 - center) / width) - normalCdf((value - 0.5 - center) / width)) / inside;
    }
    return sum / curves.length;
  };
  const draw = (random: RandomSource) => {
    const curve = curves[Math.floor(random() * curves.length)]!;
    const mark = curve.below + random() * curve.inside;
    let value = min;
    while (value < max && normalCdf((value + 0.5 - curve.center) / curve.width) < mark) value++;
    return value;
  };
  return { mass, draw };
}

/** Distribution function of the standard normal distribution, to 1.5e-7 (Abramowitz, Stegun 1964, 7.1.26). */
function normalCdf(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  const tail = 0.5 * series * Math.exp(-x * x);
  return z > 0 ? 1 - tail : tail;
}
