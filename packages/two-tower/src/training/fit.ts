import { type Clock, nextTurn } from '@matome/primitives/async';
import { createRandom, type RandomSource } from '@matome/primitives/random';
import { productScorer } from '../evaluation/product-scorer.js';
import { evaluateRetrieval } from '../evaluation/retrieval.js';
import {
  bagDropoutRates,
  checkTowerShape,
  dropoutRates,
  initialWeights,
  inputShape,
  type TowerSide,
  type TowerWeights,
} from '../model/tower.js';
import { TowerEncoder } from '../model/tower-encoder.js';
import { TwoTowerModel } from '../model/two-tower-model.js';
import { BatchFeeder } from './batch-feeder.js';
import { type RunState, readCheckpoint, runFingerprint, tablesOf, writeCheckpoint } from './checkpoint.js';
import { type PreparedData, prepareData, type TrainingData } from './training-data.js';
import { createTrainingGraph, type TowerPlan, type TrainingGraph, temperatureName } from './training-graph.js';
import {
  type EpochRecord,
  planOf,
  type TrainingPlan,
  type TwoTowerOptions,
  type ValidationOptions,
} from './training-options.js';
import { WeightAverage } from './weight-average.js';

const caller = 'fitTwoTower';
const defaultHidden = [512, 256];
const monotonic: Clock = () => performance.now();

/**
 * Trains a pair of towers.
 *
 * With `validation` the weights of the epoch that retrieved best are kept, and training stops when it gets no better;
 * without, those of the last epoch. The same data, options and number of threads give the same bytes, also when the run
 * was interrupted and resumed.
 *
 * @throws RangeError if data or an option make no sense, or the loss is no number any more; ArtifactError if `resume` belongs to another run; the signal's
 * reason when aborted.
 * @remarks A step costs what its dense layers and the entries of its bags cost, whatever the number of ids. The softmax
 * with a batch of b adds b² · embeddingDim operations.
 * @see Yi et al. (2019), Sampling-bias-corrected neural modeling for large corpus item recommendations,
 * doi:10.1145/3298689.3346996
 * @example
 * const bag = (n) => ({ dense: { data: new Float32Array(0), rows: n, cols: 0 }, bags: { id: identity(n) } });
 * function identity(n) {
 *   return csrFromRows(Array.from({ length: n }, (_, i) => new Map([[i, 1]])), n);
 * }
 * const interactions = { userRows: [0, 1], itemRows: [0, 1] };
 * const options = { runtime: await loadOnnxRuntime({ threads: 1 }), embeddingDim: 8, epochs: 20, user: { hidden: [] }, item: { hidden: [] } };
 * const model = await fitTwoTower({ users: bag(2), items: bag(2), interactions }, { ...options, learningRate: 0.1 });
 * model.history.at(-1).loss < 0.01 // => true
 */
export async function fitTwoTower(data: TrainingData, options: TwoTowerOptions): Promise<TwoTowerModel> {
  const plan = planOf(caller, options);
  const prepared = prepareData(caller, data);
  checkValidationItems(options.validation, prepared);
  const pairs =
    plan.loss.kind === 'bce' ? Uint32Array.from({ length: prepared.pairs }, (_, i) => i) : prepared.positives;
  if (pairs.length === 0)
    throw new RangeError(`The labels of ${caller} must hold at least one 1 for the softmax loss.`);
  const towers = { user: towerPlan('user', prepared, options, plan), item: towerPlan('item', prepared, options, plan) };
  const weights = {
    ...initialWeights('user', towers.user.shape, plan.seed),
    ...initialWeights('item', towers.item.shape, plan.seed + 1),
  };
  const steps = Math.ceil(pairs.length / plan.batchSize);
  const graph = await createTrainingGraph(options.runtime, towers, weights, plan, steps * plan.epochs, data.history);
  const validator = options.validation && (await Validator.create(options, graph, prepared, options.validation));
  try {
    const fingerprint = runFingerprint(prepared, {
      plan,
      towers,
      threads: options.runtime.threads,
      history: data.history,
    });
    const average = plan.averageEpochs > 0 ? new WeightAverage(plan.averageEpochs, steps) : undefined;
    const run: RunState = options.resume
      ? readCheckpoint(options.resume, graph, fingerprint, average)
      : { history: [], best: undefined, average };
    await trainEpochs({ graph, prepared, pairs, plan, options, validator, run, fingerprint });
    return modelOf(options, graph, run, plan);
  } finally {
    await validator?.dispose();
    await graph.step.dispose();
  }
}

function checkValidationItems(validation: ValidationOptions | undefined, { items }: PreparedData): void {
  if (validation && validation.relevant.cols !== items.dense.rows) {
    throw new RangeError(
      `The validation of ${caller} must be over the ${items.dense.rows} items. Got ${validation.relevant.cols}.`,
    );
  }
}

function towerPlan(side: TowerSide, data: PreparedData, options: TwoTowerOptions, plan: TrainingPlan): TowerPlan {
  const towerOptions = options[side] ?? {};
  const hidden = towerOptions.hidden ?? defaultHidden;
  const rows = side === 'user' ? data.users : data.items;
  const shape = { ...inputShape(rows), hidden, embeddingDim: plan.embeddingDim };
  checkTowerShape(caller, side, shape);
  return {
    shape,
    rates: dropoutRates(caller, towerOptions, hidden),
    bagRates: bagDropoutRates(caller, towerOptions, shape),
  };
}

interface Run {
  readonly graph: TrainingGraph;
  readonly prepared: PreparedData;
  readonly pairs: Uint32Array;
  readonly plan: TrainingPlan;
  readonly options: TwoTowerOptions;
  readonly validator: Validator | undefined;
  readonly run: RunState;
  readonly fingerprint: string;
}

async function trainEpochs(context: Run): Promise<void> {
  const { graph, plan, options, validator, run, fingerprint } = context;
  const feeder = new BatchFeeder(context.prepared, graph, plan);
  for (let epoch = run.history.length + 1; epoch <= plan.epochs; epoch++) {
    if (validator && isExhausted(run, validator.options)) return;
    const loss = await trainEpoch(context, feeder, epoch);
    // With weights of an earlier epoch at hand, these are only worse ones.
    if (!Number.isFinite(loss) && !run.best) {
      throw new RangeError(
        `The loss of ${caller} must stay a finite number. It is ${loss} in epoch ${epoch}: try a lower learningRate.`,
      );
    }
    options.onProgress?.({ stage: 'validate', epoch, epochs: plan.epochs, completed: 0, total: 1, loss });
    const measured = validator && (await validator.measure(weightsOf(graph, run)));
    const record: EpochRecord = { epoch, loss, ...measured };
    run.history.push(record);
    if (validator && measured) {
      const value = measured[validator.options.metric ?? 'recall'];
      const { minimumGain = 1e-4 } = validator.options;
      if (!run.best || value >= run.best.value + minimumGain)
        run.best = { epoch, value, weights: weightsOf(graph, run) };
    }
    options.onEpoch?.(record);
    await options.onCheckpoint?.(writeCheckpoint(graph, run, fingerprint), record);
  }
}

function isExhausted({ history, best }: RunState, { patience = 5 }: ValidationOptions): boolean {
  return best !== undefined && history.length - best.epoch >= patience;
}

/** @returns mean loss over the pairs. */
async function trainEpoch(
  { graph, pairs, plan, options, run }: Run,
  feeder: BatchFeeder,
  epoch: number,
): Promise<number> {
  // A source of its own for every epoch, so that a resumed run draws what the whole run would have drawn.
  const random = createRandom(Math.imul(plan.seed, 0x01000193) ^ (epoch * 0x9e3779b1));
  const order = shuffled(pairs, random);
  const total = Math.ceil(order.length / plan.batchSize);
  const { now = monotonic } = options;
  let sum = 0;
  let turn = now();
  for (let s = 0; s < total; s++) {
    const batch = order.subarray(s * plan.batchSize, (s + 1) * plan.batchSize);
    const { loss } = await graph.step.run(feeder.feeds(batch, random));
    sum += loss * batch.length;
    run.average?.afterStep(s + 1, () => liveWeights(graph));
    // onnxruntime runs on this thread: others get their turn, and an abort arrives, only between steps.
    if (now() - turn < 20) continue;
    const mean = sum / Math.min(order.length, (s + 1) * plan.batchSize);
    options.onProgress?.({ stage: 'train', epoch, epochs: plan.epochs, completed: s + 1, total, loss: mean });
    await nextTurn(options.signal);
    turn = now();
  }
  options.signal?.throwIfAborted();
  return sum / order.length;
}

function shuffled(values: Uint32Array, random: RandomSource): Uint32Array {
  const result = values.slice();
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const held = result[i]!;
    result[i] = result[j]!;
    result[j] = held;
  }
  return result;
}

/** What a run would give back now. */
function weightsOf(graph: TrainingGraph, { average }: RunState): Record<string, Float32Array> {
  return average?.mean() ?? copiedWeights(graph);
}

function copiedWeights(graph: TrainingGraph): Record<string, Float32Array> {
  const weights = graph.step.parameters();
  for (const table of tablesOf(graph)) weights[table.name] = table.values.slice();
  return weights;
}

/** Tables are views that the next step changes. */
function liveWeights(graph: TrainingGraph): Record<string, Float32Array> {
  const weights = graph.step.parameters();
  for (const table of tablesOf(graph)) weights[table.name] = table.values;
  return weights;
}

function modelOf(options: TwoTowerOptions, graph: TrainingGraph, run: RunState, plan: TrainingPlan): TwoTowerModel {
  const { [temperatureName]: logInverse, ...weights } = run.best?.weights ?? weightsOf(graph, run);
  const fixed = plan.loss.kind === 'bce' ? 1 / plan.loss.scale : plan.loss.temperature;
  return new TwoTowerModel(options.runtime, {
    user: graph.user.shape,
    item: graph.item.shape,
    weights,
    temperature: logInverse ? Math.exp(-logInverse[0]!) : fixed,
    history: run.history,
    bestEpoch: run.best?.epoch ?? run.history.length,
  });
}

/** Embeds both sides with the weights of the moment and ranks. */
class Validator {
  private constructor(
    private readonly fit: TwoTowerOptions,
    private readonly data: PreparedData,
    readonly options: ValidationOptions,
    private readonly encoders: Readonly<Record<TowerSide, TowerEncoder>>,
  ) {}

  static async create(
    fit: TwoTowerOptions,
    graph: TrainingGraph,
    data: PreparedData,
    options: ValidationOptions,
  ): Promise<Validator> {
    const weights = copiedWeights(graph);
    const user = await TowerEncoder.create(fit.runtime, 'user', graph.user.shape, weights);
    const item = await TowerEncoder.create(fit.runtime, 'item', graph.item.shape, weights);
    return new Validator(fit, data, options, { user, item });
  }

  async measure(weights: TowerWeights): Promise<{ recall: number; ndcg: number }> {
    const { encoders, options, data } = this;
    const { signal, runtime } = this.fit;
    const given = signal ? { signal } : {};
    const users = await encoders.user.embed(options.users, weights, given);
    const items = await encoders.item.embed(data.items, weights, given);
    const { scorer, dispose } = await productScorer(runtime, users, items);
    const k = options.k ?? 20;
    const { at } = await evaluateRetrieval(scorer, options, { ks: [k], auc: false, ...given }).finally(dispose);
    return { recall: at[k]!.recall, ndcg: at[k]!.ndcg };
  }

  async dispose(): Promise<void> {
    await this.encoders.user.dispose();
    await this.encoders.item.dispose();
  }
}
