import { checkNumber } from '../options/index.js';
import type { GraphValue } from './graph.js';
import { type LearningRate, rateAt } from './learning-rate.js';
import { add, divide, multiply, sqrt, subtract } from './operators/index.js';

/** A stretch of a parameter and its gradient that `Optimizer.apply` changes in place. */
export interface UpdateRange {
  readonly parameter: Float32Array;
  readonly gradient: Float32Array;
  /** One array a slot, parallel to `parameter`. */
  readonly slots: readonly Float32Array[];
  readonly parameterStart: number;
  readonly gradientStart: number;
  readonly length: number;
}

/**
 * A rule that turns a gradient into the next parameter, once as nodes of a graph and once as a loop over arrays.
 *
 * @example
 * sgd({ learningRate: 0.1 }).slots // => []
 */
export interface Optimizer {
  readonly kind: 'sgd' | 'adamw';
  /** State kept for every parameter value, all zero at first. */
  readonly slots: readonly string[];
  /** Numbers that all parameters share in a step; the first step is 1. */
  scalars(step: number): Record<string, number>;
  /** Adds the update to a graph; `scalars` are scalar inputs of the names above. */
  update(
    parameter: GraphValue,
    gradient: GraphValue,
    slots: readonly GraphValue[],
    scalars: Readonly<Record<string, GraphValue>>,
  ): { readonly parameter: GraphValue; readonly slots: readonly GraphValue[] };
  /** Constants of an update that can be made in one pass over all parameters; absent where there is no such pass. */
  readonly fused?: { readonly beta1: number; readonly beta2: number; readonly epsilon: number };
  /** The same update in place; `scale` multiplies the gradient first. */
  apply(range: UpdateRange, scalars: Readonly<Record<string, number>>, scale: number): void;
}

/** Options of `sgd`. */
export interface SgdOptions {
  readonly learningRate: LearningRate;
  /** Share of the last direction that is kept, in [0, 1). @default 0 */
  readonly momentum?: number;
  /** @default 0 */
  readonly weightDecay?: number;
}

/**
 * Stochastic gradient descent, with momentum if wanted (d ← μ d + g + λ p; p ← p - η d).
 *
 * @throws RangeError if momentum or weight decay is out of range.
 * @see Sutskever et al. (2013), On the importance of initialization and momentum in deep learning, ICML
 * @example
 * sgd({ learningRate: 0.1, momentum: 0.9 }).slots // => ['momentum']
 */
export function sgd(options: SgdOptions): Optimizer {
  const { learningRate, momentum = 0, weightDecay = 0 } = options;
  checkNumber('sgd', 'momentum', momentum, { min: 0, max: 1, exclusiveMax: true });
  checkNumber('sgd', 'weightDecay', weightDecay, { min: 0 });
  return {
    kind: 'sgd',
    slots: momentum > 0 ? ['momentum'] : [],
    scalars: (step) => ({ learningRate: rateAt(learningRate, step) }),
    update(parameter, gradient, slots, scalars) {
      const decayed = weightDecay > 0 ? add(gradient, multiply(parameter, weightDecay)) : gradient;
      const direction = slots[0] ? add(multiply(slots[0], momentum), decayed) : decayed;
      const next = subtract(parameter, multiply(direction, scalars.learningRate!));
      return { parameter: next, slots: slots[0] ? [direction] : [] };
    },
    apply({ parameter, gradient, slots, parameterStart, gradientStart, length }, scalars, scale) {
      const rate = scalars.learningRate!;
      const held = slots[0];
      for (let i = 0; i < length; i++) {
        const at = parameterStart + i;
        let direction = gradient[gradientStart + i]! * scale + weightDecay * parameter[at]!;
        if (held) {
          direction += momentum * held[at]!;
          held[at] = direction;
        }
        parameter[at] = parameter[at]! - rate * direction;
      }
    },
  };
}

/** Options of `adamW`. */
export interface AdamWOptions {
  readonly learningRate: LearningRate;
  /** Share of the mean gradient kept, in [0, 1). @default 0.9 */
  readonly beta1?: number;
  /** Share of the mean squared gradient kept, in [0, 1). @default 0.999 */
  readonly beta2?: number;
  /** @default 1e-8 */
  readonly epsilon?: number;
  /** Decoupled from the gradient. @default 0.01 */
  readonly weightDecay?: number;
}

/**
 * Adam with decoupled weight decay.
 *
 * @throws RangeError if a number is out of range.
 * @see Loshchilov, Hutter (2019), Decoupled weight decay regularization, arXiv:1711.05101
 * @example
 * adamW({ learningRate: 1e-3 }).slots // => ['sum', 'squareSum']
 */
export function adamW(options: AdamWOptions): Optimizer {
  const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01 } = options;
  checkNumber('adamW', 'beta1', beta1, { min: 0, max: 1, exclusiveMax: true });
  checkNumber('adamW', 'beta2', beta2, { min: 0, max: 1, exclusiveMax: true });
  checkNumber('adamW', 'epsilon', epsilon, { min: 0, exclusiveMin: true });
  checkNumber('adamW', 'weightDecay', weightDecay, { min: 0 });
  return {
    kind: 'adamw',
    fused: { beta1, beta2, epsilon },
    // Discounted sums instead of means: their factors 1 - β go into the scalars and save two passes over the weights.
    slots: ['sum', 'squareSum'],
    scalars(step) {
      const rate = rateAt(learningRate, step);
      return {
        stepSize: (rate * (1 - beta1)) / (1 - beta1 ** step),
        rootScale: Math.sqrt((1 - beta2) / (1 - beta2 ** step)),
        keep: 1 - rate * weightDecay,
      };
    },
    update(parameter, gradient, slots, { stepSize, rootScale, keep }) {
      const sum = add(multiply(slots[0]!, beta1), gradient);
      const squareSum = add(multiply(slots[1]!, beta2), multiply(gradient, gradient));
      const root = add(multiply(sqrt(squareSum), rootScale!), epsilon);
      const kept = weightDecay > 0 ? multiply(parameter, keep!) : parameter;
      return { parameter: subtract(kept, divide(multiply(sum, stepSize!), root)), slots: [sum, squareSum] };
    },
    apply(range, scalars, scale) {
      adamWLoop(range, beta1, beta2, epsilon, scalars.stepSize!, scalars.rootScale!, scalars.keep!, scale);
    },
  };
}

// A function of its own with plain numbers: 3 ns a value, against 5 with the options read through the closure.
function adamWLoop(
  range: UpdateRange,
  beta1: number,
  beta2: number,
  epsilon: number,
  stepSize: number,
  rootScale: number,
  keep: number,
  scale: number,
): void {
  const { parameter, gradient, parameterStart, gradientStart, length } = range;
  const sums = range.slots[0]!;
  const squareSums = range.slots[1]!;
  for (let i = 0; i < length; i++) {
    const at = parameterStart + i;
    const g = gradient[gradientStart + i]! * scale;
    const m = beta1 * sums[at]! + g;
    const v = beta2 * squareSums[at]! + g * g;
    sums[at] = m;
    squareSums[at] = v;
    parameter[at] = keep * parameter[at]! - (stepSize * m) / (Math.sqrt(v) * rootScale + epsilon);
  }
}
