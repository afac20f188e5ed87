import { type CsrMatrix, createMatrix, type Matrix, topK } from '@matome/primitives/linalg';
import { checkBoolean, checkInteger, checkNumber, checkOneOf } from '@matome/primitives/options';
import { minimizeLbfgs, type Objective } from './minimize-lbfgs.js';
import { PackedArray, unpackArray } from './packed-array.js';
import { encodeLabels, type FeatureRows, toSparse } from './sparse-rows.js';
import { softmaxRows } from './temperature.js';

/** Options of `LogisticRegression.fit`. */
export interface LogisticRegressionOptions {
  /** Weight of the log loss against the size of the weights (C). @default 1 */
  readonly errorCost?: number;
  /** `balanced` makes every class count alike, however many rows it has. @default 'none' */
  readonly classWeight?: 'none' | 'balanced';
  /** Whether there is a free intercept per class. @default true */
  readonly intercept?: boolean;
  /** Largest absolute gradient that counts as solved. @default 1e-4 */
  readonly tolerance?: number;
  /** @default 200 */
  readonly maxIterations?: number;
}

/**
 * Multinomial logistic regression with an L2 penalty on the weights, none on the intercepts.
 *
 * Two classes are one logistic curve, as in scikit-learn, so the penalty counts one set of weights.
 *
 * @see scikit-learn, LogisticRegression with the solver lbfgs
 * @example
 * const x = matrixFromRows([[0], [1], [2], [3]]);
 * const model = LogisticRegression.fit(x, ['low', 'low', 'high', 'high']);
 * model.predict(matrixFromRows([[0.4], [2.9]])) // => ['low', 'high']
 */
export class LogisticRegression<Label extends string = string> {
  /** Classes in code point order. */
  readonly classes: readonly Label[];
  /** Steps that training took. */
  readonly iterations: number;
  /** Whether training reached its tolerance. */
  readonly converged: boolean;
  /** One row of weights and, in the last place, the intercept per class; a single row for two classes. */
  readonly #parameters: Float64Array;
  readonly #width: number;

  private constructor(
    classes: readonly Label[],
    width: number,
    trained: { parameters: Float64Array; iterations: number; converged: boolean },
  ) {
    this.classes = classes;
    this.#width = width;
    this.#parameters = trained.parameters;
    this.iterations = trained.iterations;
    this.converged = trained.converged;
  }

  /**
   * Trains a model by L-BFGS.
   *
   * @param x - n × d.
   * @param labels - n labels of at least two classes.
   * @throws RangeError for options out of range, another number of labels, or one class.
   * @remarks O(iterations · nnz · classes).
   */
  static fit<L extends string>(
    x: FeatureRows,
    labels: readonly L[],
    options: LogisticRegressionOptions = {},
  ): LogisticRegression<L> {
    const { errorCost = 1, classWeight = 'none', intercept = true, tolerance = 1e-4, maxIterations = 200 } = options;
    const caller = 'LogisticRegression.fit';
    checkNumber(caller, 'errorCost', errorCost, { min: 0, exclusiveMin: true });
    checkOneOf(caller, 'classWeight', classWeight, ['none', 'balanced']);
    checkBoolean(caller, 'intercept', intercept);
    checkNumber(caller, 'tolerance', tolerance, { min: 0, exclusiveMin: true });
    checkInteger(caller, 'maxIterations', maxIterations, { min: 1 });
    if (x.rows !== labels.length) {
      throw new RangeError(`LogisticRegression.fit needs as many labels as rows. Got ${labels.length} and ${x.rows}.`);
    }
    const { classes, codes } = encodeLabels(labels);
    if (classes.length < 2)
      throw new RangeError(`LogisticRegression.fit needs at least two classes. Got ${classes.length}.`);
    const rows = toSparse(x);
    const planes = classes.length === 2 ? 1 : classes.length;
    const weights = rowWeights(codes, classes.length, classWeight);
    const objective = penalisedLoss(rows, codes, weights, planes, { errorCost, intercept });
    const start = new Float64Array((x.cols + 1) * planes);
    const { point, iterations, converged } = minimizeLbfgs(objective, start, { tolerance, maxIterations });
    return new LogisticRegression(classes, x.cols, { parameters: point, iterations, converged });
  }

  /**
   * Restores a model from what `toJSON` gave.
   *
   * @throws RangeError if the value is no such model.
   */
  static fromJSON(json: unknown): LogisticRegression {
    const value = json as ReturnType<LogisticRegression['toJSON']>;
    if (value?.kind !== 'logistic-regression' || value.version !== 1) {
      throw new RangeError(
        'LogisticRegression.fromJSON needs the value that toJSON gave, kind "logistic-regression", version 1.',
      );
    }
    const { classes, width, iterations, converged } = value;
    const parameters = unpackArray(value.parameters, 'f64', 'parameters');
    const expected = (width + 1) * (classes.length === 2 ? 1 : classes.length);
    if (parameters.length !== expected) {
      throw new RangeError(
        `The parameters of LogisticRegression.fromJSON must be ${expected}. Got ${parameters.length}.`,
      );
    }
    return new LogisticRegression(classes, width, { parameters, iterations, converged });
  }

  /** Weights: one row per class, a single row (of the second class) for two classes. */
  get coefficients(): Matrix {
    const planes = this.#planes;
    const matrix = createMatrix(planes, this.#width);
    for (let at = 0; at < matrix.data.length; at++) {
      matrix.data[(at % planes) * this.#width + Math.floor(at / planes)] = this.#parameters[at]!;
    }
    return matrix;
  }

  /** Intercepts: one per row of `coefficients`. */
  get intercepts(): Float64Array {
    return this.#parameters.slice(this.#width * this.#planes);
  }

  get #planes(): number {
    return this.classes.length === 2 ? 1 : this.classes.length;
  }

  /**
   * Log odds up to a constant per row.
   *
   * @param x - n × d.
   * @returns n × classes.
   * @throws RangeError if `x` has another width than the model.
   */
  decide(x: FeatureRows): Matrix {
    if (x.cols !== this.#width) {
      throw new RangeError(`The rows of LogisticRegression must have ${this.#width} columns. Got ${x.cols}.`);
    }
    const planes = this.#planes;
    const rows = toSparse(x);
    const result = createMatrix(x.rows, this.classes.length);
    const scores = new Float64Array(planes);
    for (let i = 0; i < x.rows; i++) {
      planeScores(rows, i, this.#parameters, planes, scores);
      // Of two classes the first has score 0.
      const offset = this.classes.length - planes;
      for (let c = 0; c < planes; c++) result.data[i * this.classes.length + offset + c] = scores[c]!;
    }
    return result;
  }

  /** Probability of every class: n × classes, every row sums to 1. */
  predictProba(x: FeatureRows): Matrix {
    return softmaxRows(this.decide(x));
  }

  /** The most probable class of every row; equal probabilities by class order. */
  predict(x: FeatureRows): Label[] {
    const { data, cols } = this.decide(x);
    return Array.from(
      { length: x.rows },
      (_, i) => this.classes[topK(data.subarray(i * cols, (i + 1) * cols), 1)[0]!]!,
    );
  }

  /** The model for JSON, its numbers packed. */
  toJSON() {
    return {
      kind: 'logistic-regression' as const,
      version: 1 as const,
      classes: this.classes,
      width: this.#width,
      iterations: this.iterations,
      converged: this.converged,
      parameters: new PackedArray(this.#parameters),
    };
  }
}

function rowWeights(codes: Int32Array, classes: number, classWeight: 'none' | 'balanced'): Float64Array {
  if (classWeight === 'none') return new Float64Array(codes.length).fill(1);
  const counts = new Float64Array(classes);
  for (const code of codes) counts[code]!++;
  return Float64Array.from(codes, (code) => codes.length / (classes * counts[code]!));
}

/** Parameters are stored column after column, so that a row touches neighbouring numbers; intercepts come last. */
function planeScores(x: CsrMatrix, i: number, parameters: Float64Array, planes: number, scores: Float64Array): void {
  const intercepts = x.cols * planes;
  for (let c = 0; c < planes; c++) scores[c] = parameters[intercepts + c]!;
  for (let at = x.indptr[i]!; at < x.indptr[i + 1]!; at++) {
    const value = x.data[at]!;
    const base = x.indices[at]! * planes;
    for (let c = 0; c < planes; c++) scores[c]! += value * parameters[base + c]!;
  }
}

/** Σ weight · log loss + |w|² / (2 C). */
function penalisedLoss(
  x: CsrMatrix,
  codes: Int32Array,
  weights: Float64Array,
  planes: number,
  { errorCost, intercept }: { errorCost: number; intercept: boolean },
): Objective {
  const scores = new Float64Array(planes);
  const constants = x.cols * planes;
  return (parameters, gradient) => {
    let loss = 0;
    for (let at = 0; at < constants; at++) {
      loss += (parameters[at]! * parameters[at]!) / (2 * errorCost);
      gradient[at] = parameters[at]! / errorCost;
    }
    gradient.fill(0, constants);
    for (let i = 0; i < x.rows; i++) {
      planeScores(x, i, parameters, planes, scores);
      loss += weights[i]! * (planes === 1 ? binaryLoss(scores, codes[i]!) : softmaxLoss(scores, codes[i]!));
      for (let c = 0; c < planes; c++) scores[c]! *= weights[i]!;
      for (let at = x.indptr[i]!; at < x.indptr[i + 1]!; at++) {
        const value = x.data[at]!;
        const base = x.indices[at]! * planes;
        for (let c = 0; c < planes; c++) gradient[base + c]! += value * scores[c]!;
      }
      if (intercept) for (let c = 0; c < planes; c++) gradient[constants + c]! += scores[c]!;
    }
    return loss;
  };
}

/** Log loss of one logistic curve; its derivative replaces the score. */
function binaryLoss(scores: Float64Array, code: number): number {
  const margin = code === 1 ? scores[0]! : -scores[0]!;
  const loss = margin > 0 ? Math.log1p(Math.exp(-margin)) : Math.log1p(Math.exp(margin)) - margin;
  scores[0] = 1 / (1 + Math.exp(-scores[0]!)) - code;
  return loss;
}

/** Log loss of the softmax; its derivatives replace the scores. */
function softmaxLoss(scores: Float64Array, code: number): number {
  let highest = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < scores.length; c++) highest = Math.max(highest, scores[c]!);
  let sum = 0;
  for (let c = 0; c < scores.length; c++) sum += Math.exp(scores[c]! - highest);
  const loss = Math.log(sum) + highest - scores[code]!;
  for (let c = 0; c < scores.length; c++) scores[c] = Math.exp(scores[c]! - highest) / sum;
  scores[code]! -= 1;
  return loss;
}
