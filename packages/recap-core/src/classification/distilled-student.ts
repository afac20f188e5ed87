import { type CsrMatrix, createMatrix, type Matrix } from '@matome/primitives/linalg';
import {
  adamW,
  add,
  createTrainStep,
  dropout,
  dropoutMask,
  EmbeddingTable,
  floatTensor,
  Graph,
  type GraphValue,
  gemm,
  linearSchedule,
  logSoftmax,
  multiply,
  type OnnxRuntime,
  reduceMean,
  reduceSum,
  relu,
  type TrainStep,
} from '@matome/primitives/onnx';
import { checkInteger, checkNumber } from '@matome/primitives/options';
import { createRandom, normalSample, type RandomSource, shuffle } from '@matome/primitives/random';
import { PackedArray, unpackArray } from './packed-array.js';
import { takeSparseRows } from './sparse-rows.js';
import { softmaxRows } from './temperature.js';

/** What a student learns from. */
export interface StudentLessons {
  /** n × d features, not negative. */
  readonly x: CsrMatrix;
  readonly classes: readonly string[];
  /** True class of every row, -1 where only the teacher has an opinion. */
  readonly codes: Int32Array;
  /** n × classes scores of the teacher; a row of NaN where it has no opinion. */
  readonly teacher?: Matrix;
}

/** Options of `DistilledStudent.train`. */
export interface StudentTraining {
  readonly runtime: OnnxRuntime;
  /** Width of the hidden layer. @default 64 */
  readonly hidden?: number;
  /** @default 10 */
  readonly epochs?: number;
  /** @default 16 */
  readonly batchSize?: number;
  /** Rate after the warm-up of 100 steps; it falls linearly to 0. @default 0.01 */
  readonly learningRate?: number;
  /** Share of the loss that the teacher's opinion has, the rest the labels', in [0, 1]. @default 0.3 */
  readonly alpha?: number;
  /** What scores of teacher and student are divided by before they are compared. @default 2 */
  readonly temperature?: number;
  /** Share of hidden values left out in a step. @default 0.2 */
  readonly dropoutRate?: number;
  /** @default 42 */
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

interface StudentWeights {
  readonly table: Float32Array;
  readonly hiddenBias: Float32Array;
  readonly head: Float32Array;
  readonly headBias: Float32Array;
}

/**
 * A small network of one hidden layer that learns from labels and from the scores of a larger teacher, so that texts
 * nobody has labelled teach it too. It runs without any runtime.
 *
 * @see Hinton, Vinyals, Dean (2015), Distilling the knowledge in a neural network, https://arxiv.org/abs/1503.02531
 * @example
 * const x = csrFromRows([new Map([[0, 1]]), new Map([[1, 1]])], 2);
 * const lessons = { x, classes: ['a', 'b'], codes: new Int32Array([0, 1]) };
 * const runtime = await loadOnnxRuntime({ threads: 1 });
 * const student = await DistilledStudent.train(lessons, { runtime, epochs: 60, alpha: 0 });
 * [...student.predictProba(x).data].map(Math.round) // => [1, 0, 0, 1]
 */
export class DistilledStudent {
  readonly classes: readonly string[];
  /** Mean loss of each epoch. */
  readonly losses: readonly number[];
  readonly #weights: StudentWeights;
  readonly #width: number;
  readonly #hidden: number;

  private constructor(
    classes: readonly string[],
    width: number,
    hidden: number,
    weights: StudentWeights,
    losses: readonly number[],
  ) {
    this.classes = classes;
    this.losses = losses;
    this.#weights = weights;
    this.#width = width;
    this.#hidden = hidden;
  }

  /**
   * Trains a student; backward pass and optimiser run in onnxruntime.
   *
   * @throws RangeError for options out of range or sizes that disagree; the signal's reason when aborted.
   * @throws OnnxRuntimeMissingError when the runtime cannot be loaded.
   * @remarks O(epochs · nnz · hidden); 1,800 news articles take about 4 s an epoch of ten on one thread.
   */
  static async train(lessons: StudentLessons, options: StudentTraining): Promise<DistilledStudent> {
    const { x, classes } = lessons;
    const { hidden = 64, epochs = 10, batchSize = 16, seed = 42, signal } = options;
    checkTraining(lessons, options);
    const random = createRandom(seed);
    const { step, table } = await createStep(lessons, options, Math.ceil(x.rows / batchSize) * epochs, random);
    const losses: number[] = [];
    try {
      const order = Array.from({ length: x.rows }, (_, i) => i);
      for (let epoch = 0; epoch < epochs; epoch++) {
        const mixed = shuffle(order, random);
        let sum = 0;
        for (let start = 0; start < mixed.length; start += batchSize) {
          signal?.throwIfAborted();
          const rows = mixed.slice(start, start + batchSize);
          const { loss } = await step.run(batchFeeds(lessons, options, rows, random));
          sum += loss * rows.length;
        }
        losses.push(sum / mixed.length);
      }
      const { hiddenBias, head, headBias } = step.parameters();
      const weights = { table: table.values.slice(), hiddenBias: hiddenBias!, head: head!, headBias: headBias! };
      return new DistilledStudent(classes, x.cols, hidden, weights, losses);
    } finally {
      await step.dispose();
    }
  }

  /**
   * Restores a student from what `toJSON` gave.
   *
   * @throws RangeError if the value is no such model.
   */
  static fromJSON(json: unknown): DistilledStudent {
    const value = json as ReturnType<DistilledStudent['toJSON']>;
    if (value?.kind !== 'distilled-student' || value.version !== 1) {
      throw new RangeError(
        'DistilledStudent.fromJSON needs the value that toJSON gave, kind "distilled-student", version 1.',
      );
    }
    const { classes, width, hidden, losses } = value;
    const weights = {
      table: unpackArray(value.table, 'f32', 'table'),
      hiddenBias: unpackArray(value.hiddenBias, 'f32', 'hiddenBias'),
      head: unpackArray(value.head, 'f32', 'head'),
      headBias: unpackArray(value.headBias, 'f32', 'headBias'),
    };
    const fits =
      weights.table.length === width * hidden &&
      weights.hiddenBias.length === hidden &&
      weights.head.length === hidden * classes.length &&
      weights.headBias.length === classes.length;
    if (!fits)
      throw new RangeError(
        `The weights of DistilledStudent.fromJSON do not fit ${width} × ${hidden} × ${classes.length}.`,
      );
    return new DistilledStudent(classes, width, hidden, weights, losses);
  }

  /**
   * Scores of every class.
   *
   * @param x - n × d.
   * @returns n × classes.
   * @throws RangeError if `x` has another width than the model.
   * @remarks O(nnz · hidden).
   */
  decide(x: CsrMatrix): Matrix {
    if (x.cols !== this.#width) {
      throw new RangeError(`The rows of DistilledStudent must have ${this.#width} columns. Got ${x.cols}.`);
    }
    const { table, hiddenBias, head, headBias } = this.#weights;
    const hidden = this.#hidden;
    const { length } = this.classes;
    const result = createMatrix(x.rows, length);
    const values = new Float64Array(hidden);
    const scores = new Float64Array(length);
    for (let i = 0; i < x.rows; i++) {
      values.set(hiddenBias);
      for (let at = x.indptr[i]!; at < x.indptr[i + 1]!; at++) {
        const value = x.data[at]!;
        const from = x.indices[at]! * hidden;
        for (let h = 0; h < hidden; h++) values[h]! += value * table[from + h]!;
      }
      scores.set(headBias);
      for (let h = 0; h < hidden; h++) {
        const value = values[h]!;
        if (value <= 0) continue;
        for (let c = 0; c < length; c++) scores[c]! += value * head[h * length + c]!;
      }
      result.data.set(scores, i * length);
    }
    return result;
  }

  /** Probability of every class: n × classes, every row sums to 1. */
  predictProba(x: CsrMatrix): Matrix {
    return softmaxRows(this.decide(x));
  }

  /** The model for JSON, its numbers packed. */
  toJSON() {
    const { table, hiddenBias, head, headBias } = this.#weights;
    return {
      kind: 'distilled-student' as const,
      version: 1 as const,
      classes: this.classes,
      width: this.#width,
      hidden: this.#hidden,
      losses: this.losses,
      table: new PackedArray(table),
      hiddenBias: new PackedArray(hiddenBias),
      head: new PackedArray(head),
      headBias: new PackedArray(headBias),
    };
  }
}

function checkTraining({ x, classes, codes, teacher }: StudentLessons, options: StudentTraining): void {
  const { hidden = 64, epochs = 10, batchSize = 16, learningRate = 0.01, alpha = 0.3, temperature = 2 } = options;
  const caller = 'DistilledStudent.train';
  for (const [name, value] of Object.entries({ hidden, epochs, batchSize }))
    checkInteger(caller, name, value, { min: 1 });
  checkNumber(caller, 'learningRate', learningRate, { min: 0, exclusiveMin: true });
  checkNumber(caller, 'alpha', alpha, { min: 0, max: 1 });
  checkNumber(caller, 'temperature', temperature, { min: 0, exclusiveMin: true });
  checkNumber(caller, 'dropoutRate', options.dropoutRate ?? 0.2, { min: 0, max: 0.9 });
  if (x.rows === 0 || codes.length !== x.rows) {
    throw new RangeError(`${caller} needs rows and as many labels. Got ${x.rows} and ${codes.length}.`);
  }
  if (teacher && (teacher.rows !== x.rows || teacher.cols !== classes.length)) {
    throw new RangeError(
      `The teacher of ${caller} must be ${x.rows} × ${classes.length}. Got ${teacher.rows} × ${teacher.cols}.`,
    );
  }
}

/** The graph: bag of columns, hidden layer, scores, and the loss of labels and teacher. */
async function createStep(
  { x, classes }: StudentLessons,
  options: StudentTraining,
  totalSteps: number,
  random: RandomSource,
): Promise<{ step: TrainStep; table: EmbeddingTable }> {
  const { runtime, hidden = 64, learningRate = 0.01, alpha = 0.3, temperature = 2 } = options;
  const normal = (size: number, spread: number) =>
    Float32Array.from({ length: size }, () => spread * normalSample(random));
  const table = new EmbeddingTable({
    name: 'columns',
    rows: x.cols,
    cols: hidden,
    values: normal(x.cols * hidden, 0.1),
  });
  const graph = new Graph();
  const pooled = table.bag(graph, 'bags', 'batch');
  const bias = graph.parameter('hiddenBias', [hidden], new Float32Array(hidden));
  const mask = graph.input('mask', ['batch', hidden]);
  const head = graph.parameter(
    'head',
    [hidden, classes.length],
    normal(hidden * classes.length, 1 / Math.sqrt(hidden)),
  );
  const headBias = graph.parameter('headBias', [classes.length], new Float32Array(classes.length));
  const scores = gemm(dropout(relu(add(pooled, bias)), mask), head, {}, headBias);
  // Targets are 0 in every class where label or teacher is silent, so that silence costs nothing.
  const labels = graph.input('labels', ['batch', classes.length]);
  const soft = graph.input('soft', ['batch', classes.length]);
  const loss = add(
    multiply(crossEntropy(labels, scores), 1 - alpha),
    multiply(crossEntropy(soft, multiply(scores, 1 / temperature)), alpha * temperature * temperature),
  );
  const warmupSteps = Math.min(100, Math.floor(totalSteps / 4));
  const optimizer = adamW({
    learningRate: linearSchedule({ learningRate, totalSteps, warmupSteps }),
    weightDecay: 0.01,
  });
  return { step: await createTrainStep({ runtime, loss, optimizer, tables: [table], clipNorm: 1 }), table };
}

/** Mean over the batch of −Σ target · log probability: Kullback and Leibler's divergence up to a constant. */
function crossEntropy(target: GraphValue, scores: GraphValue): GraphValue {
  return multiply(reduceMean(reduceSum(multiply(target, logSoftmax(scores)), { axes: [1], keepDims: false })), -1);
}

function batchFeeds(
  { x, classes, codes, teacher }: StudentLessons,
  options: StudentTraining,
  rows: readonly number[],
  random: RandomSource,
) {
  const { hidden = 64, temperature = 2, dropoutRate = 0.2 } = options;
  const size = [rows.length, classes.length] as const;
  const labels = new Float32Array(rows.length * classes.length);
  const soft = new Float32Array(labels.length);
  const taught = teacher && softmaxRows(takeRowsOf(teacher, rows), temperature);
  rows.forEach((row, i) => {
    if (codes[row]! >= 0) labels[i * classes.length + codes[row]!] = 1;
    if (!taught || Number.isNaN(taught.data[i * classes.length]!)) return;
    soft.set(taught.data.subarray(i * classes.length, (i + 1) * classes.length), i * classes.length);
  });
  return {
    bags: takeSparseRows(x, rows),
    labels: floatTensor(size, labels),
    soft: floatTensor(size, soft),
    mask: floatTensor([rows.length, hidden], dropoutMask(new Float32Array(rows.length * hidden), dropoutRate, random)),
  };
}

function takeRowsOf(matrix: Matrix, rows: readonly number[]): Matrix {
  const taken = createMatrix(rows.length, matrix.cols);
  rows.forEach((row, i) => {
    taken.data.set(matrix.data.subarray(row * matrix.cols, (row + 1) * matrix.cols), i * matrix.cols);
  });
  return taken;
}
