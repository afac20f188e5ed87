import { type CsrMatrix, type Matrix, takeRows } from '@matome/primitives/linalg';
import {
  adamW,
  add,
  createTrainStep,
  type EmbeddingTable,
  floatTensor,
  Graph,
  type GraphValue,
  l2Normalize,
  linearSchedule,
  logSoftmax,
  matMul,
  multiply,
  negate,
  type OnnxRuntime,
  reduceMean,
  reduceSum,
  subtract,
  transpose,
} from '@matome/primitives/onnx';
import { createRandom } from '@matome/primitives/random';
import { takeBags } from './bags.js';
import { neighbourBatches } from './neighbour-batches.js';

/** The texts of the pairs as bags of terms, and what the teacher makes of the English side. */
export interface DistillationData {
  /** pairs × English terms. */
  readonly english: CsrMatrix;
  /** pairs × Japanese terms. */
  readonly japanese: CsrMatrix;
  /** pairs × English terms: the Latin words of the Japanese side. */
  readonly latin: CsrMatrix;
  /** pairs × dimensions, unit rows. */
  readonly teacher: Matrix;
}

/** How the tables are trained. */
export interface DistillationOptions {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  /** Divides cosines before the softmax of the contrastive loss. */
  readonly temperature: number;
  /** Weight of the contrastive losses beside the cosine losses. */
  readonly contrastWeight: number;
  /** Weight of the loss on similarities within a batch. */
  readonly relationWeight: number;
  /** Share of the terms of a text that is left out in a step. */
  readonly dropout: number;
  readonly seed: number;
  readonly onEpoch: (epoch: number, loss: number) => void;
}

/**
 * Trains both tables so that the sum of a text's rows points where the teacher's vector points: cosine loss for every
 * text, a contrastive loss that tells it from the rest of the batch, and a loss on the similarities within the batch.
 *
 * @param tables - changed in place.
 * @see Reimers, Gurevych (2020), Making monolingual sentence embeddings multilingual using knowledge distillation,
 * arXiv:2004.09813
 */
export async function distil(
  runtime: OnnxRuntime,
  tables: { readonly english: EmbeddingTable; readonly japanese: EmbeddingTable },
  data: DistillationData,
  options: DistillationOptions,
): Promise<void> {
  const { batchSize, epochs, seed } = options;
  const loss = distillationLoss(tables, data.teacher.cols, options);
  const stepsPerEpoch = Math.floor(data.teacher.rows / batchSize);
  const schedule = linearSchedule({
    learningRate: options.learningRate,
    totalSteps: epochs * stepsPerEpoch,
    finalShare: 0.01,
  });
  const optimizer = adamW({ learningRate: schedule, weightDecay: 0 });
  const step = await createTrainStep({ runtime, loss, optimizer, tables: [tables.english, tables.japanese] });
  const random = createRandom(seed);
  const identity = new Float32Array(batchSize * batchSize);
  for (let i = 0; i < batchSize; i++) identity[i * batchSize + i] = 1;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    let sum = 0;
    for (const batch of neighbourBatches(data.teacher, batchSize, random)) {
      const { loss: value } = await step.run({
        english: thin(takeBags(data.english, batch), options.dropout, random),
        japanese: thin(takeBags(data.japanese, batch), options.dropout, random),
        latin: takeBags(data.latin, batch),
        teacher: floatTensor([batchSize, data.teacher.cols], takeRows(data.teacher, batch).data),
        identity: floatTensor([batchSize, batchSize], identity),
      });
      sum += value;
    }
    options.onEpoch(epoch, sum / stepsPerEpoch);
  }
  await step.dispose();
}

function distillationLoss(
  tables: { readonly english: EmbeddingTable; readonly japanese: EmbeddingTable },
  dimensions: number,
  { batchSize, temperature, contrastWeight, relationWeight }: DistillationOptions,
): GraphValue {
  const graph = new Graph();
  const english = l2Normalize(tables.english.bag(graph, 'english', batchSize));
  const japaneseSum = add(
    tables.japanese.bag(graph, 'japanese', batchSize),
    tables.english.bag(graph, 'latin', batchSize),
  );
  const japanese = l2Normalize(japaneseSum);
  const teacher = graph.input('teacher', [batchSize, dimensions]);
  const identity = graph.input('identity', [batchSize, batchSize]);
  const cosineLoss = (x: GraphValue) => subtract(1, reduceMean(reduceSum(multiply(x, teacher), { axes: [1] })));
  const contrast = (x: GraphValue, y: GraphValue) => {
    const logits = multiply(matMul(x, transpose(y)), 1 / temperature);
    const hit = (scores: GraphValue) => reduceSum(multiply(logSoftmax(scores), identity));
    return multiply(negate(add(hit(logits), hit(transpose(logits)))), 1 / (2 * batchSize));
  };
  const taught = matMul(teacher, transpose(teacher));
  const relation = (x: GraphValue, y: GraphValue) => {
    const difference = subtract(matMul(x, transpose(y)), taught);
    return reduceMean(multiply(difference, difference));
  };
  let loss = add(cosineLoss(english), cosineLoss(japanese));
  const contrasts = add(contrast(english, teacher), add(contrast(japanese, teacher), contrast(english, japanese)));
  loss = add(loss, multiply(contrasts, contrastWeight));
  if (relationWeight === 0) return loss;
  const relations = add(relation(english, english), add(relation(japanese, japanese), relation(english, japanese)));
  return add(loss, multiply(relations, relationWeight));
}

/** Leaves a share of the entries out, but never all of a bag. */
function thin(bags: CsrMatrix, share: number, random: () => number): CsrMatrix {
  if (share === 0) return bags;
  const data = bags.data.slice();
  for (let i = 0; i < bags.rows; i++) {
    let left = bags.indptr[i + 1]! - bags.indptr[i]!;
    for (let k = bags.indptr[i]!; k < bags.indptr[i + 1]!; k++) {
      if (left > 1 && random() < share) {
        data[k] = 0;
        left--;
      }
    }
  }
  return { ...bags, data };
}
