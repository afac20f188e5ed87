import {
  add,
  dropout,
  type Graph,
  type GraphValue,
  gemm,
  l2Normalize,
  relu,
  reluDropout,
} from '@matome/primitives/onnx';
import { checkInteger, checkNumber } from '@matome/primitives/options';
import { createRandom, normalSample, type RandomSource } from '@matome/primitives/random';

/** A sparse input of a tower. */
export interface TowerBag {
  readonly name: string;
  /** Columns of the bag: size of the vocabulary, number of ids. */
  readonly rows: number;
}

/** What goes into a tower and how wide its layers are. */
export interface TowerShape {
  /** Width of the dense part of the features. */
  readonly dense: number;
  readonly bags: readonly TowerBag[];
  /** Widths of the hidden layers; none makes the tower linear. */
  readonly hidden: readonly number[];
  readonly embeddingDim: number;
}

/** Layers of a tower as the caller may choose them. */
export interface TowerOptions {
  /** Widths of the hidden layers. @default [512, 256] */
  readonly hidden?: readonly number[];
  /** Share of the values set to 0 after each hidden layer while training. @default 0.2 after the first, 0.1 after others */
  readonly dropout?: readonly number[];
  /** The same before the vector is brought to length 1. @default 0 */
  readonly outputDropout?: number;
  /**
   * How often a row goes without a bag while training, by bag: dropping ids now and then teaches the other features to
   * stand in for them, which is what a new item needs.
   *
   * @see Volkovs et al. (2017), DropoutNet, https://papers.nips.cc/paper/7081
   * @default never
   */
  readonly bagDropout?: Readonly<Record<string, number>>;
}

/** Weights of a tower by name; bags are tables of `rows × first width`, layers `in × out`. */
export type TowerWeights = Readonly<Record<string, Float32Array>>;

/** Which of the two towers. */
export type TowerSide = 'user' | 'item';

/** Names of the weights of a tower. */
export const weightNames = {
  dense: (side: TowerSide) => `${side}.dense`,
  bag: (side: TowerSide, bag: string) => `${side}.bag.${bag}`,
  weight: (side: TowerSide, layer: number) => `${side}.weight${layer}`,
  bias: (side: TowerSide, layer: number) => `${side}.bias${layer}`,
} as const;

/** Width of every layer's output, the vector included. */
export function layerWidths(shape: TowerShape): readonly number[] {
  return [...shape.hidden, shape.embeddingDim];
}

/** Names and sizes of the weights of a tower, in a fixed order. */
export function weightShapes(side: TowerSide, shape: TowerShape): [name: string, dims: readonly number[]][] {
  const widths = layerWidths(shape);
  const first = widths[0]!;
  const shapes: [string, readonly number[]][] = [];
  if (shape.dense > 0) shapes.push([weightNames.dense(side), [shape.dense, first]]);
  for (const { name, rows } of shape.bags) shapes.push([weightNames.bag(side, name), [rows, first]]);
  shapes.push([weightNames.bias(side, 0), [first]]);
  for (let layer = 1; layer < widths.length; layer++) {
    shapes.push([weightNames.weight(side, layer), [widths[layer - 1]!, widths[layer]!]]);
    shapes.push([weightNames.bias(side, layer), [widths[layer]!]]);
  }
  return shapes;
}

/** Standard deviation of the first vectors of ids and histories in a linear tower. */
const tableDeviation = 0.05;

/**
 * First weights of a tower: uniform within ±1/√inputs, as linear layers of PyTorch begin; tables of a linear tower, whose
 * rows are vectors of their own, normal with deviation 0.05.
 *
 * @see He et al. (2015), Delving deep into rectifiers, arXiv:1502.01852
 */
export function initialWeights(side: TowerSide, shape: TowerShape, seed: number): Record<string, Float32Array> {
  const random = createRandom(seed);
  const inputs = shape.dense + shape.bags.reduce((sum, { rows }) => sum + rows, 0);
  const widths = layerWidths(shape);
  const weights: Record<string, Float32Array> = {};
  for (const [name, dims] of weightShapes(side, shape)) {
    const values = new Float32Array(dims.reduce((a, b) => a * b, 1));
    const layer = /(\d+)$/.exec(name)?.[1];
    const fanIn = !layer || layer === '0' ? inputs : widths[Number(layer) - 1]!;
    if (shape.hidden.length === 0 && name.includes('.bag.')) fillNormal(values, random);
    else fillUniform(values, 1 / Math.sqrt(Math.max(1, fanIn)), random);
    // Without hidden layers the bias moves all vectors of a side alike, which only begins to help when it is learned.
    if (shape.hidden.length === 0 && dims.length === 1) values.fill(0);
    weights[name] = values;
  }
  return weights;
}

function fillUniform(values: Float32Array, bound: number, random: RandomSource): void {
  for (let i = 0; i < values.length; i++) values[i] = (2 * random() - 1) * bound;
}

function fillNormal(values: Float32Array, random: RandomSource): void {
  for (let i = 0; i < values.length; i++) values[i] = tableDeviation * normalSample(random);
}

/** What is dropped after a layer. */
export interface TowerDropout {
  /** 0 or 1, [rows, width]. */
  readonly mask: GraphValue;
  /** 1 / (1 - rate). */
  readonly scale: number;
}

/** Inputs of a tower inside a graph. */
export interface TowerInputs {
  /** [rows, dense]; absent when the tower has no dense part. */
  readonly dense?: GraphValue;
  /** One [rows, first width] a bag: the sums of the rows of its table. */
  readonly bags: readonly GraphValue[];
  /** One a layer; undefined where nothing is dropped. */
  readonly dropouts?: readonly (TowerDropout | undefined)[];
}

/** Weights of a tower inside a graph, by name. */
export type TowerParameters = ReadonlyMap<string, GraphValue>;

/** Adds the weights of a tower to a graph, without the tables. */
export function addTowerParameters(
  graph: Graph,
  side: TowerSide,
  shape: TowerShape,
  weights: TowerWeights,
): TowerParameters {
  const tables = new Set(shape.bags.map(({ name }) => weightNames.bag(side, name)));
  return new Map(
    weightShapes(side, shape)
      .filter(([name]) => !tables.has(name))
      .map(([name, dims]) => [name, graph.parameter(name, dims, weights[name]!)]),
  );
}

/**
 * The layers of a tower: a first linear layer over the dense part and the bags together, ReLU between layers, length 1
 * at the end.
 *
 * @returns [rows, embeddingDim].
 */
export function buildTower(
  side: TowerSide,
  shape: TowerShape,
  parameters: TowerParameters,
  inputs: TowerInputs,
  normalize: (x: GraphValue) => GraphValue = l2Normalize,
): GraphValue {
  const bias = parameters.get(weightNames.bias(side, 0))!;
  const [firstBag, ...otherBags] = inputs.bags;
  let x = inputs.dense ? gemm(inputs.dense, parameters.get(weightNames.dense(side))!, {}, bias) : add(firstBag!, bias);
  for (const bag of inputs.dense ? inputs.bags : otherBags) x = add(x, bag);
  for (let layer = 1; layer <= shape.hidden.length; layer++) {
    const dropped = inputs.dropouts?.[layer - 1];
    const [weight, layerBias] = [weightNames.weight(side, layer), weightNames.bias(side, layer)];
    const scale = dropped?.scale ?? 1;
    x = gemm(
      dropped ? reluDropout(x, dropped.mask) : relu(x),
      parameters.get(weight)!,
      { scale },
      parameters.get(layerBias)!,
    );
  }
  // The vector is brought to length 1, so that nothing has to make up for what is dropped.
  const dropped = inputs.dropouts?.[shape.hidden.length];
  return normalize(dropped ? dropout(x, dropped.mask) : x);
}

/** Rates of the dropouts of a tower in the order of `TowerInputs.dropouts`. */
export function dropoutRates(caller: string, options: TowerOptions, hidden: readonly number[]): number[] {
  const { outputDropout = 0 } = options;
  const rates = options.dropout ?? hidden.map((_, i) => (i === 0 ? 0.2 : 0.1));
  if (rates.length !== hidden.length) {
    throw new RangeError(
      `The dropout option of ${caller} must have one rate for each of the ${hidden.length} hidden layers. Got ${rates.length}.`,
    );
  }
  for (const rate of rates) checkNumber(caller, 'dropout', rate, { min: 0, max: 0.99 });
  checkNumber(caller, 'outputDropout', outputDropout, { min: 0, max: 0.99 });
  return [...rates, outputDropout];
}

/** Rates by bag, checked. */
export function bagDropoutRates(caller: string, options: TowerOptions, shape: TowerShape): Record<string, number> {
  const rates = options.bagDropout ?? {};
  for (const [name, rate] of Object.entries(rates)) {
    checkNumber(caller, 'bagDropout', rate, { min: 0, max: 1 });
    if (!shape.bags.some((bag) => bag.name === name)) {
      throw new RangeError(`The bagDropout option of ${caller} names no bag ${JSON.stringify(name)}.`);
    }
  }
  return { ...rates };
}

/** Checks the layers of a tower and that something goes in. */
export function checkTowerShape(caller: string, side: TowerSide, shape: TowerShape): void {
  for (const width of shape.hidden) checkInteger(caller, 'hidden', width, { min: 1 });
  checkInteger(caller, 'embeddingDim', shape.embeddingDim, { min: 1 });
  if (shape.dense + shape.bags.reduce((sum, { rows }) => sum + rows, 0) === 0) {
    throw new RangeError(`The ${side} features of ${caller} must have at least one column. Got none.`);
  }
}

/** Sizes of the inputs that encoded rows bring; bags without columns are left out. */
export function inputShape(rows: {
  readonly dense: { readonly cols: number };
  readonly bags: Readonly<Record<string, { readonly cols: number }>>;
}): Pick<TowerShape, 'dense' | 'bags'> {
  const bags = Object.entries(rows.bags)
    .filter(([, { cols }]) => cols > 0)
    .map(([name, { cols }]) => ({ name, rows: cols }));
  return { dense: rows.dense.cols, bags };
}
