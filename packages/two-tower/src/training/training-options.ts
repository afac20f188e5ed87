import type { Clock } from '@matome/primitives/async';
import type { OnnxRuntime } from '@matome/primitives/onnx';
import { checkInteger, checkNumber, checkOneOf } from '@matome/primitives/options';
import type { RetrievalTask } from '../evaluation/retrieval.js';
import type { EncodedRows } from '../features/encoded-rows.js';
import type { TowerOptions } from '../model/tower.js';

/** Cross-entropy of every labelled pair on the cosine, as the Python pipeline trains. */
export interface CosineLossOptions {
  readonly kind: 'bce';
  /** Multiplies the cosine; 1 is what the Python pipeline does. @default 1 */
  readonly scale?: number;
}

/** Picking the item of a pair out of those of the other pairs of the batch, and drawn ones. */
export interface SoftmaxLossOptions {
  readonly kind: 'softmax';
  /** What cosines are divided by, at first. @default 0.1 */
  readonly temperature?: number;
  /** Whether training changes the temperature. @default false */
  readonly learnTemperature?: boolean;
  /**
   * How the scores make up for popular items standing in batches more often: `corrected` only for the drawn ones, `standard`
   * for the positive too, `none` not at all.
   *
   * @default 'corrected'
   */
  readonly logQ?: 'corrected' | 'standard' | 'none';
  /**
   * What the item of a pair is picked out of: the items of the batch and drawn ones, or every item there is, which is exact
   * and needs no correction, but costs a pass over all items in every step: for some thousand items.
   *
   * @default 'sampled'
   */
  readonly candidates?: 'sampled' | 'all';
  /** Items drawn uniformly beside those of the batch. @default 0 */
  readonly uniformNegatives?: number;
  /**
   * From 0, where every pair counts the same, to 1, where every user does: the means over users that lists are judged by
   * weigh somebody with ten items as much as somebody with a thousand.
   *
   * @default 0
   */
  readonly balanceUsers?: number;
  /** Keeps everything a user liked from counting as negative for it; otherwise only the same item. @default true */
  readonly excludeKnown?: boolean;
}

/** What early stopping looks at after every epoch. */
export interface ValidationOptions extends RetrievalTask {
  /** Rows in the order of `relevant`. */
  readonly users: EncodedRows;
  /** Length of the lists. @default 20 */
  readonly k?: number;
  /** @default 'recall' */
  readonly metric?: 'recall' | 'ndcg';
  /** Epochs without improvement before training stops. @default 5 */
  readonly patience?: number;
  /** An epoch is better when it gains at least this much. @default 1e-4 */
  readonly minimumGain?: number;
}

/** One epoch of a training run. */
export interface EpochRecord {
  readonly epoch: number;
  /** Mean over the pairs. */
  readonly loss: number;
  readonly recall?: number;
  readonly ndcg?: number;
}

/** How far training has come. */
export interface TrainingProgress {
  readonly stage: 'train' | 'validate';
  readonly epoch: number;
  readonly epochs: number;
  /** Steps of the epoch that are done, and of how many. */
  readonly completed: number;
  readonly total: number;
  /** Mean loss of the epoch so far. */
  readonly loss: number;
}

/** Options of `fitTwoTower`. */
export interface TwoTowerOptions {
  readonly runtime: OnnxRuntime;
  /** Length of the vectors. @default 256 */
  readonly embeddingDim?: number;
  readonly user?: TowerOptions;
  readonly item?: TowerOptions;
  /** @default { kind: 'softmax' } */
  readonly loss?: CosineLossOptions | SoftmaxLossOptions;
  /** @default 25 */
  readonly epochs?: number;
  /** @default 256 */
  readonly batchSize?: number;
  /** @default 0.001 */
  readonly learningRate?: number;
  /** `linear` falls to 0 over all epochs. @default 'constant' */
  readonly schedule?: 'constant' | 'linear';
  /** @default 1e-5 */
  readonly weightDecay?: number;
  /** Decay rates of the gradient means of AdamW, in [0, 1). @default [0.9, 0.999] */
  readonly betas?: readonly [number, number];
  /** Longest gradient; null for no limit. @default 5 */
  readonly clipNorm?: number | null;
  /**
   * Share of the items of a history that is left out, drawn anew for every batch, so that the rest learns to tell what is
   * missing.
   *
   * @see Liang et al. (2018), Variational autoencoders for collaborative filtering, doi:10.1145/3178876.3186150
   * @default 0
   */
  readonly historyDropout?: number;
  /**
   * Gives back a moving mean of the weights over about so many epochs instead of those of one moment: steps of a constant
   * learning rate jump about a good place, their mean lies in it. Early stopping looks at the mean. 0 for none.
   *
   * @default 0
   */
  readonly averageEpochs?: number;
  /** Decides first weights, order, dropout and negatives. @default 42 */
  readonly seed?: number;
  /** Without it the weights of the last epoch are kept. */
  readonly validation?: ValidationOptions;
  /** What `onCheckpoint` was given in an interrupted run of the same data and options. */
  readonly resume?: Uint8Array;
  /** Called after every epoch with everything needed to go on. */
  readonly onCheckpoint?: (checkpoint: Uint8Array, record: EpochRecord) => void | Promise<void>;
  /** Called after every epoch. */
  readonly onEpoch?: (record: EpochRecord) => void;
  /** Called every few steps; must not throw. */
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Decides only when others get their turn and `onProgress` is called. @default performance.now */
  readonly now?: Clock;
  /** Stops within a few steps. */
  readonly signal?: AbortSignal;
}

/** Keeps infinities out, which nothing can be learned with. */
const largest = 1e30;

/** The numbers of the options, filled in and checked. */
export interface TrainingPlan {
  readonly loss: Required<CosineLossOptions> | Required<SoftmaxLossOptions>;
  readonly embeddingDim: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly schedule: 'constant' | 'linear';
  readonly weightDecay: number;
  readonly betas: readonly [number, number];
  readonly clipNorm: number | null;
  readonly historyDropout: number;
  readonly averageEpochs: number;
  readonly seed: number;
}

/** @throws RangeError with one sentence for the first option out of range. */
export function planOf(caller: string, options: TwoTowerOptions): TrainingPlan {
  const { epochs = 25, batchSize = 256, learningRate = 1e-3, schedule = 'constant', weightDecay = 1e-5 } = options;
  const {
    embeddingDim = 256,
    betas = [0.9, 0.999],
    clipNorm = 5,
    historyDropout = 0,
    averageEpochs = 0,
    seed = 42,
  } = options;
  checkInteger(caller, 'embeddingDim', embeddingDim, { min: 1 });
  checkInteger(caller, 'epochs', epochs, { min: 1 });
  checkInteger(caller, 'batchSize', batchSize, { min: 1 });
  checkNumber(caller, 'learningRate', learningRate, { min: 0, exclusiveMin: true, max: largest });
  checkOneOf(caller, 'schedule', schedule, ['constant', 'linear']);
  checkNumber(caller, 'weightDecay', weightDecay, { min: 0, max: largest });
  for (const [i, beta] of betas.entries())
    checkNumber(caller, `betas[${i}]`, beta, { min: 0, max: 1, exclusiveMax: true });
  if (clipNorm !== null) checkNumber(caller, 'clipNorm', clipNorm, { min: 0, exclusiveMin: true, max: largest });
  checkNumber(caller, 'historyDropout', historyDropout, { min: 0, max: 0.99 });
  checkNumber(caller, 'averageEpochs', averageEpochs, { min: 0, max: largest });
  checkInteger(caller, 'seed', seed);
  if (options.validation) checkValidation(caller, options.validation);
  const loss = lossOf(caller, options.loss ?? { kind: 'softmax' });
  const steps = { epochs, batchSize, learningRate, schedule, weightDecay, betas, clipNorm, averageEpochs };
  return { loss, embeddingDim, ...steps, historyDropout, seed };
}

function lossOf(caller: string, loss: CosineLossOptions | SoftmaxLossOptions): TrainingPlan['loss'] {
  checkOneOf(caller, 'loss.kind', loss.kind, ['bce', 'softmax']);
  if (loss.kind === 'bce') {
    const { scale = 1 } = loss;
    checkNumber(caller, 'loss.scale', scale, { min: 0, exclusiveMin: true, max: largest });
    return { kind: 'bce', scale };
  }
  const {
    temperature = 0.1,
    learnTemperature = false,
    logQ = 'corrected',
    candidates = 'sampled',
    uniformNegatives = 0,
    balanceUsers = 0,
    excludeKnown = true,
  } = loss;
  checkNumber(caller, 'loss.temperature', temperature, { min: 1e-3, max: 1e3 });
  checkOneOf(caller, 'loss.logQ', logQ, ['corrected', 'standard', 'none']);
  checkOneOf(caller, 'loss.candidates', candidates, ['sampled', 'all']);
  checkNumber(caller, 'loss.balanceUsers', balanceUsers, { min: 0, max: 1 });
  checkInteger(caller, 'loss.uniformNegatives', uniformNegatives, { min: 0, max: 2 ** 24 });
  const sampled = candidates === 'sampled';
  return {
    ...{ kind: 'softmax', temperature, learnTemperature, candidates, excludeKnown, balanceUsers },
    // Where nothing is sampled, nothing is to be corrected.
    logQ: sampled ? logQ : 'none',
    uniformNegatives: sampled ? uniformNegatives : 0,
  };
}

function checkValidation(caller: string, { users, relevant, k, patience, metric }: ValidationOptions): void {
  checkInteger(caller, 'validation.k', k ?? 20, { min: 1 });
  checkInteger(caller, 'validation.patience', patience ?? 5, { min: 1 });
  checkOneOf(caller, 'validation.metric', metric ?? 'recall', ['recall', 'ndcg']);
  if (users.dense.rows !== relevant.rows) {
    throw new RangeError(
      `The validation users of ${caller} must number ${relevant.rows}, as the rows of relevant. Got ${users.dense.rows}.`,
    );
  }
  if (relevant.indices.length === 0) {
    throw new RangeError(`The validation of ${caller} must hold at least one relevant item. Got none.`);
  }
}
