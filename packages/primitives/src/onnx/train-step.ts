import type { CsrMatrix } from '../linalg/index.js';
import { checkNumber, checkOneOf } from '../options/index.js';
import type { EmbeddingTable } from './embedding-table.js';
import { gradients } from './gradients.js';
import type { Graph, GraphParameter, GraphValue } from './graph.js';
import { buildModel } from './model.js';
import { atLeast, divide, multiply, reduceSum, sqrt } from './operators/index.js';
import type { Optimizer } from './optimizers.js';
import type { OnnxRuntime } from './runtime.js';
import type { OnnxSession } from './session.js';
import { floatTensor, type OnnxTensor } from './tensor-types.js';
import { UpdateMemory } from './update-memory.js';

/** Options of `createTrainStep`. */
export interface TrainStepOptions {
  readonly runtime: OnnxRuntime;
  /** A float32 scalar. */
  readonly loss: GraphValue;
  readonly optimizer: Optimizer;
  /** Longest gradient over all parameters together; longer ones are scaled down. @default no limit */
  readonly clipNorm?: number;
  /** Further values to give back from every step. */
  readonly outputs?: Readonly<Record<string, GraphValue>>;
  /** Tables trained beside the graph's parameters; needs `updates: 'host'`. */
  readonly tables?: readonly EmbeddingTable[];
  /**
   * Where the optimiser runs: as nodes of the graph, whose weights and state go in and come out, or as a loop over
   * arrays that change in place.
   *
   * @default 'host' for AdamW, whose update is one pass there, and when there are tables; else 'graph'
   */
  readonly updates?: 'graph' | 'host';
}

/** What one step gives. */
export interface StepResult {
  /** The loss before the update. */
  readonly loss: number;
  /** Length of the gradient over all parameters before clipping; NaN without `clipNorm`. */
  readonly gradientNorm: number;
  readonly outputs: Readonly<Record<string, OnnxTensor>>;
}

/** Everything a training run needs to go on later. */
export interface TrainState {
  readonly step: number;
  readonly parameters: Readonly<Record<string, Float32Array>>;
  /** Optimiser state by `parameter.slot`. */
  readonly slots: Readonly<Record<string, Float32Array>>;
}

/** What a step is fed: a tensor per graph input, a sparse matrix per bag of a table. */
export type StepFeeds = Readonly<Record<string, OnnxTensor | CsrMatrix>>;

/** A training run in progress: forward pass, backward pass and update in one call. */
export interface TrainStep {
  /** Steps done. */
  readonly step: number;
  /**
   * One step; the next one must wait for it, since it begins with the weights that this one leaves.
   *
   * @throws Error with one sentence when a feed is missing or does not fit, or while another step runs.
   */
  run(feeds: StepFeeds): Promise<StepResult>;
  /** Copies of the current parameters by name. */
  parameters(): Record<string, Float32Array>;
  /** A copy of the state of the graph's parameters, to be given to `restore`. */
  state(): TrainState;
  /** @throws RangeError if the state is of other parameters. */
  restore(state: TrainState): void;
  dispose(): Promise<void>;
}

interface Plan {
  readonly graph: Graph;
  readonly parameters: readonly GraphParameter[];
  readonly optimizer: Optimizer;
  readonly clipNorm: number | undefined;
  readonly tables: readonly EmbeddingTable[];
  readonly session: OnnxSession;
  readonly outputNames: readonly string[];
}

interface Weights {
  step: number;
  /** Where the update runs over all parameters at once; absent when it runs in the graph. */
  readonly memory: UpdateMemory | undefined;
  readonly values: Map<string, Float32Array>;
  readonly slots: Map<string, Float32Array[]>;
}

/**
 * Compiles a loss into a training step: the backward graph is derived, an ONNX model is written and loaded, and each
 * `run` does forward, backward, clipping and update.
 *
 * The same feeds in the same order give the same bytes for one number of threads.
 *
 * @throws RangeError if the loss depends on no parameter or table, or tables are asked for with `updates: 'graph'`.
 * @example
 * const runtime = await loadOnnxRuntime({ threads: 1 });
 * const graph = new Graph();
 * const w = graph.parameter('w', [1], new Float32Array([5]));
 * const x = graph.input('x', ['n', 1]);
 * const error = subtract(multiply(x, w), 3);
 * const loss = reduceMean(multiply(error, error));
 * const step = await createTrainStep({ runtime, loss, optimizer: sgd({ learningRate: 0.25 }) });
 * (await step.run({ x: floatTensor([1, 1], new Float32Array([1])) })).loss // => 4
 * [...step.parameters().w!] // => [4]
 */
export async function createTrainStep(options: TrainStepOptions): Promise<TrainStep> {
  const { runtime, loss, optimizer, clipNorm, outputs = {}, tables = [] } = options;
  const updates = options.updates ?? (tables.length > 0 || optimizer.fused ? 'host' : 'graph');
  const { graph } = loss;
  checkOneOf('createTrainStep', 'updates', updates, ['graph', 'host']);
  if (clipNorm !== undefined) checkNumber('createTrainStep', 'clipNorm', clipNorm, { min: 0, exclusiveMin: true });
  if (updates === 'graph' && tables.length > 0) {
    throw new RangeError("The tables option of createTrainStep needs updates: 'host'. Got 'graph'.");
  }
  const parameters = graph.parameters;
  const bags = tables.flatMap((table) => table.bags.filter(({ value }) => value.graph === graph));
  if (parameters.length + bags.length === 0) {
    throw new RangeError('The loss of createTrainStep must depend on a parameter or table. The graph has none.');
  }
  const derived = gradients(loss, [...parameters.map(({ value }) => value), ...bags.map(({ value }) => value)]);
  const wanted: Record<string, GraphValue> = { 'step:loss': loss };
  for (const [name, value] of Object.entries(outputs)) wanted[`out:${name}`] = value;
  if (updates === 'graph') addUpdates(graph, parameters, derived, optimizer, clipNorm, wanted);
  else {
    const names = [...parameters, ...bags].map(({ name }) => name);
    for (const [i, name] of names.entries()) wanted[`gradient:${name}`] = derived[i]!;
  }
  const session = await runtime.createSession(buildModel(graph, wanted));
  const plan: Plan = { graph, parameters, optimizer, clipNorm, tables, session, outputNames: Object.keys(outputs) };
  return trainStep(plan, initialWeights(parameters, optimizer, updates), updates);
}

function initialWeights(
  parameters: readonly GraphParameter[],
  optimizer: Optimizer,
  updates: 'graph' | 'host',
): Weights {
  const sizes = parameters.map(({ initial }) => initial.length);
  const memory = updates === 'host' ? new UpdateMemory(sizes, optimizer.slots.length) : undefined;
  const values = new Map<string, Float32Array>();
  const slots = new Map<string, Float32Array[]>();
  for (const [i, { name, initial }] of parameters.entries()) {
    const parameter = memory ? memory.parameters[i]! : new Float32Array(initial.length);
    parameter.set(initial);
    values.set(name, parameter);
    const slotOf = (s: number) => (memory ? memory.slots[s]![i]! : new Float32Array(initial.length));
    slots.set(
      name,
      optimizer.slots.map((_, s) => slotOf(s)),
    );
  }
  return { step: 0, memory, values, slots };
}

/** Adds clipping and the optimiser as nodes, with weights and state going in and coming out. */
function addUpdates(
  graph: Graph,
  parameters: readonly GraphParameter[],
  derived: readonly GraphValue[],
  optimizer: Optimizer,
  clipNorm: number | undefined,
  wanted: Record<string, GraphValue>,
): void {
  const scalars: Record<string, GraphValue> = {};
  for (const name of Object.keys(optimizer.scalars(1))) scalars[name] = graph.input(`scalar:${name}`, []);
  let clipped = derived.slice(0, parameters.length);
  if (clipNorm !== undefined) {
    const squares = clipped.map((g) => reduceSum(multiply(g, g)));
    const total = graph.node('Sum', squares, { outputs: [{ type: 'float32', shape: [] }] })[0]!;
    const norm = sqrt(total);
    wanted['step:norm'] = norm;
    // clip / max(norm, clip) is 1 for short gradients.
    const scale = divide(clipNorm, atLeast(norm, clipNorm));
    clipped = clipped.map((g) => multiply(g, scale));
  }
  parameters.forEach(({ name, value, dims }, i) => {
    const slots = optimizer.slots.map((slot) => graph.input(`slot:${name}.${slot}`, dims));
    const next = optimizer.update(value, clipped[i]!, slots, scalars);
    wanted[`next:${name}`] = next.parameter;
    for (const [s, slot] of optimizer.slots.entries()) wanted[`next:${name}.${slot}`] = next.slots[s]!;
  });
}

function trainStep(plan: Plan, weights: Weights, updates: 'graph' | 'host'): TrainStep {
  const { parameters, optimizer, session } = plan;
  let running = false;
  return {
    get step() {
      return weights.step;
    },
    async run(feeds) {
      if (running) throw new Error('A step of createTrainStep must end before the next one begins.');
      running = true;
      try {
        const scalars = optimizer.scalars(weights.step + 1);
        const given = bind(plan, weights, feeds, updates === 'graph' ? scalars : {});
        const results = await session.run(given, undefined, gradientsInto(plan, weights));
        const norm =
          updates === 'graph'
            ? takeNext(plan, weights, results)
            : updateInPlace(plan, weights, feeds, results, scalars);
        weights.step++;
        const outputs: Record<string, OnnxTensor> = {};
        for (const name of plan.outputNames) outputs[name] = results[`out:${name}`]!;
        return { loss: (results['step:loss']!.data as Float32Array)[0]!, gradientNorm: norm, outputs };
      } finally {
        running = false;
      }
    },
    parameters: () => Object.fromEntries([...weights.values].map(([name, data]) => [name, data.slice()])),
    state() {
      const slots: Record<string, Float32Array> = {};
      for (const { name } of parameters) {
        const held = weights.slots.get(name)!;
        for (const [s, slot] of optimizer.slots.entries()) slots[`${name}.${slot}`] = held[s]!.slice();
      }
      return { step: weights.step, parameters: this.parameters(), slots };
    },
    restore: (state) => restore(plan, weights, state),
    dispose: () => session.dispose(),
  };
}

function bind(
  plan: Plan,
  weights: Weights,
  feeds: StepFeeds,
  scalars: Readonly<Record<string, number>>,
): Record<string, OnnxTensor> {
  const given: Record<string, OnnxTensor> = {};
  for (const [name, feed] of Object.entries(feeds)) if ('dims' in feed) given[name] = feed;
  for (const table of plan.tables) {
    for (const { name, value } of table.bags) {
      if (value.graph !== plan.graph) continue;
      const bags = feeds[name];
      if (!bags || !('indptr' in bags)) {
        throw new RangeError(
          `The bags ${JSON.stringify(name)} of the table ${table.name} must be fed a sparse matrix.`,
        );
      }
      given[name] = floatTensor([bags.rows, table.cols], table.pool(bags));
    }
  }
  for (const { name, dims } of plan.parameters) {
    given[name] = floatTensor(dims, weights.values.get(name)!);
    plan.optimizer.slots.forEach((slot, s) => {
      given[`slot:${name}.${slot}`] = floatTensor(dims, weights.slots.get(name)![s]!);
    });
  }
  for (const [name, value] of Object.entries(scalars))
    given[`scalar:${name}`] = floatTensor([], new Float32Array([value]));
  return given;
}

function takeNext(plan: Plan, weights: Weights, results: Record<string, OnnxTensor>): number {
  for (const { name } of plan.parameters) {
    weights.values.set(name, results[`next:${name}`]!.data as Float32Array);
    const slots = plan.optimizer.slots.map((slot) => results[`next:${name}.${slot}`]!.data as Float32Array);
    weights.slots.set(name, slots);
  }
  return (results['step:norm']?.data as Float32Array | undefined)?.[0] ?? Number.NaN;
}

function updateInPlace(
  plan: Plan,
  weights: Weights,
  feeds: StepFeeds,
  results: Record<string, OnnxTensor>,
  scalars: Readonly<Record<string, number>>,
): number {
  const { tables, optimizer, clipNorm } = plan;
  const memory = weights.memory!;
  for (const table of tables) {
    for (const { name, value } of table.bags) {
      if (value.graph !== plan.graph) continue;
      table.accumulate(feeds[name] as CsrMatrix, results[`gradient:${name}`]!.data as Float32Array);
    }
  }
  let norm = Number.NaN;
  if (clipNorm !== undefined) {
    let total = memory.squaredNorm();
    for (const table of tables) total += table.squaredNorm();
    norm = Math.sqrt(total);
  }
  const scale = clipNorm !== undefined && norm > clipNorm ? clipNorm / norm : 1;
  memory.apply(optimizer, scalars, scale);
  for (const table of tables) table.apply(optimizer, scalars, scale);
  return norm;
}

/** The runtime writes gradients where the update reads them. */
function gradientsInto({ parameters }: Plan, { memory }: Weights): Record<string, OnnxTensor> | undefined {
  if (!memory) return undefined;
  return Object.fromEntries(
    parameters.map(({ name, dims }, i) => [`gradient:${name}`, floatTensor(dims, memory.gradients[i]!)]),
  );
}

function restore(plan: Plan, weights: Weights, state: TrainState): void {
  for (const { name } of plan.parameters) {
    const size = weights.values.get(name)!.length;
    const slots = plan.optimizer.slots.map((slot) => state.slots[`${name}.${slot}`]);
    for (const data of [state.parameters[name], ...slots]) {
      if (data?.length !== size)
        throw new RangeError(`The state given to restore does not hold ${size} values of ${name}.`);
    }
    weights.values.get(name)!.set(state.parameters[name]!);
    for (const [s, slot] of weights.slots.get(name)!.entries()) slot.set(slots[s]!);
  }
  weights.step = state.step;
}
