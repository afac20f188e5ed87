import {
  adamW,
  add,
  createTrainStep,
  EmbeddingTable,
  Graph,
  type GraphValue,
  gemm,
  l2Normalize,
  linearSchedule,
  type OnnxRuntime,
  type TrainStep,
} from '@matome/primitives/onnx';
import {
  addTowerParameters,
  buildTower,
  layerWidths,
  type TowerInputs,
  type TowerParameters,
  type TowerShape,
  type TowerSide,
  type TowerWeights,
  weightNames,
} from '../model/tower.js';
import { type Candidates, cosineCrossEntropy, positiveParameter, sampledSoftmax } from './losses.js';
import type { TrainingPlan } from './training-options.js';

/** A tower as it is trained. */
export interface TrainedTower {
  readonly shape: TowerShape;
  /** Dropout rates, one a hidden layer and one for the output. */
  readonly rates: readonly number[];
  readonly bagRates: Readonly<Record<string, number>>;
  /** By bag. */
  readonly tables: ReadonlyMap<string, EmbeddingTable>;
}

/** A compiled training step and what has to be fed to it. */
export interface TrainingGraph {
  readonly step: TrainStep;
  readonly user: TrainedTower;
  readonly item: TrainedTower;
}

/** Name of the parameter that holds the logarithm of the inverse temperature. */
export const temperatureName = 'logInverseTemperature';

/** What a tower is built of. */
export interface TowerPlan {
  readonly shape: TowerShape;
  readonly rates: readonly number[];
  /** How often a row goes without a bag, by bag. */
  readonly bagRates: Readonly<Record<string, number>>;
}

/** Writes forward pass, loss and update as one graph and loads it. */
export async function createTrainingGraph(
  runtime: OnnxRuntime,
  towers: Readonly<Record<TowerSide, TowerPlan>>,
  weights: TowerWeights,
  plan: TrainingPlan,
  totalSteps: number,
  history?: string,
): Promise<TrainingGraph> {
  const graph = new Graph();
  const trained = (side: TowerSide) => ({ ...towers[side], tables: tablesOf(side, towers[side].shape, weights) });
  const user = trained('user');
  const item = trained('item');
  const userParameters = addTowerParameters(graph, 'user', user.shape, weights);
  const itemParameters = addTowerParameters(graph, 'item', item.shape, weights);
  // The cosine of the binary loss divides by the lengths itself.
  const normalize = plan.loss.kind === 'bce' ? (x: GraphValue) => x : l2Normalize;
  const users = runTower(graph, 'user', 'user', 'batch', user, userParameters, normalize, history);
  const items = runTower(graph, 'item', 'item', 'batch', item, itemParameters, normalize);
  const negatives =
    plan.loss.kind === 'softmax' && (plan.loss.uniformNegatives > 0 || plan.loss.candidates === 'all')
      ? runTower(graph, 'item', 'negative', 'negatives', item, itemParameters, normalize)
      : undefined;
  const loss = lossOf(graph, plan.loss, users, items, negatives);
  const { learningRate, schedule, weightDecay, betas, clipNorm } = plan;
  const rate = schedule === 'linear' ? linearSchedule({ learningRate, totalSteps }) : learningRate;
  const step = await createTrainStep({
    runtime,
    loss,
    optimizer: adamW({ learningRate: rate, beta1: betas[0], beta2: betas[1], weightDecay }),
    tables: [...user.tables.values(), ...item.tables.values()],
    ...(clipNorm === null ? {} : { clipNorm }),
  });
  return { step, user, item };
}

function tablesOf(side: TowerSide, shape: TowerShape, weights: TowerWeights): Map<string, EmbeddingTable> {
  const cols = layerWidths(shape)[0]!;
  return new Map(
    shape.bags.map(({ name, rows }) => {
      const full = weightNames.bag(side, name);
      return [name, new EmbeddingTable({ name: full, rows, cols, values: weights[full]! })];
    }),
  );
}

/** One pass through a tower; `prefix` names its inputs, as the item tower is passed twice with drawn negatives. */
function runTower(
  graph: Graph,
  side: TowerSide,
  prefix: string,
  rows: string,
  { shape, rates, tables }: TrainedTower,
  parameters: TowerParameters,
  normalize: (x: GraphValue) => GraphValue,
  history?: string,
): GraphValue {
  const widths = layerWidths(shape);
  const inputs: TowerInputs = {
    ...(shape.dense > 0 ? { dense: graph.input(inputNames.dense(prefix), [rows, shape.dense]) } : {}),
    bags: shape.bags.map(({ name }) => {
      const table = tables.get(name)!;
      return name === history
        ? sharedBag(graph, prefix, name, rows, table)
        : table.bag(graph, inputNames.bag(prefix, name), rows);
    }),
    dropouts: rates.map((rate, i) =>
      rate > 0
        ? { mask: graph.input(inputNames.mask(prefix, i), [rows, widths[i]!]), scale: 1 / (1 - rate) }
        : undefined,
    ),
  };
  return buildTower(side, shape, parameters, inputs, normalize);
}

/**
 * A bag that several rows of a batch share but for one entry: the sums are made once for each different bag, given to the
 * rows by a product with a matrix of one entry a row, and what is the row's own is added.
 */
function sharedBag(graph: Graph, prefix: string, name: string, rows: string, table: EmbeddingTable): GraphValue {
  const shared = table.bag(graph, inputNames.bag(prefix, name), `${name}-rows`);
  const own = table.bag(graph, inputNames.ownBag(prefix, name), rows);
  return add(gemm(graph.input(inputNames.share(prefix, name), [rows, `${name}-rows`]), shared), own);
}

/** Names of the inputs of a pass through a tower. */
export const inputNames = {
  dense: (prefix: string) => `${prefix}:dense`,
  bag: (prefix: string, bag: string) => `${prefix}:bag:${bag}`,
  ownBag: (prefix: string, bag: string) => `${prefix}:own:${bag}`,
  share: (prefix: string, bag: string) => `${prefix}:share:${bag}`,
  mask: (prefix: string, layer: number) => `${prefix}:mask${layer}`,
} as const;

function lossOf(
  graph: Graph,
  loss: TrainingPlan['loss'],
  users: GraphValue,
  positives: GraphValue,
  negatives: GraphValue | undefined,
): GraphValue {
  if (loss.kind === 'bce') return cosineCrossEntropy(users, positives, graph.input('labels', ['batch']), loss.scale);
  const inverse = 1 / loss.temperature;
  const corrected = loss.logQ !== 'none';
  const candidates = (vectors: GraphValue, name: string, count: string): Candidates => ({
    vectors,
    excluded: graph.input(`${name}:excluded`, ['batch', count], 'bool'),
    ...(corrected ? { correction: graph.input(`${name}:correction`, [1, count]) } : {}),
  });
  return sampledSoftmax({
    users,
    positives,
    candidates: [
      ...(loss.candidates === 'all' ? [] : [candidates(positives, 'batch', 'batch')]),
      ...(negatives ? [candidates(negatives, 'negatives', 'negatives')] : []),
    ],
    inverseTemperature: loss.learnTemperature
      ? positiveParameter(graph.parameter(temperatureName, [1], Float32Array.of(Math.log(inverse))))
      : inverse,
    ...(loss.balanceUsers > 0 ? { weights: graph.input('weights', ['batch', 1]) } : {}),
    ...(loss.logQ === 'standard' ? { positiveCorrection: graph.input('positive:correction', ['batch', 1]) } : {}),
  });
}
