import type { Cooperative, Progress } from '@matome/primitives/async';
import type { Curve } from './curve-parameters.js';
import type { FuzzyGraph } from './fuzzy-graph.js';
import { leastRadius, standardize } from './log-radii.js';

/** Every option of `densities` with its value. */
export interface DensitySettings {
  readonly weight: number;
  readonly fraction: number;
  readonly varianceShift: number;
}

/** What a layout needs to keep local densities. */
export interface DensityTarget extends DensitySettings {
  /** n logarithms of the radii to follow. */
  readonly logRadii: Float64Array;
}

/** How the term sees the layout. */
export interface DensityLayout {
  readonly dimensions: number;
  /** Values from one position to the next. */
  readonly stride: number;
  readonly nEpochs: number;
  readonly curve: Curve;
}

/** Moves rows until the local radii of the layout correlate with those of the data. */
export interface DensityTerm {
  /** Whether the term acts in an epoch. */
  isActive(epoch: number): boolean;
  /** Adds the term's move, computed from the positions `before` the epoch, to the positions `after` it. */
  moveSteps(before: Float32Array, after: Float32Array, rate: number, progress: Progress): Cooperative<void>;
}

/** Pairs between two yields: about a millisecond. */
const pairsPerStep = 1 << 15;
/** Nearer points have no direction to be moved in. */
const leastSquare = 1e-12;
/** Moves of a pair in an epoch. Umap-learn makes 4 on average, each clipped; so many unclipped ones correlate as well. */
const movesPerEpoch = 2.5;
/** What a coefficient that moves a pair apart counts in the bound of the move: there is no mean at which such rows stop. */
const apartBound = 1.5;

/**
 * The term of densMAP: the gradient of the correlation between the wanted radii and those of the layout.
 *
 * Taken over all edges at once instead of sampled ones, and divided by 1 + the sum of the sizes of its coefficients on the row: the
 * move of a row is then bounded by its distance to its neighbours, however dense they lie.
 *
 * @remarks An epoch costs one power and about 40 other operations an edge; memory 32 bytes an edge. Always in this thread.
 * @see Narayan, Berger, Cho (2021), densMAP, doi:10.1038/s41587-020-00801-7
 */
export function createDensityTerm(graph: FuzzyGraph, target: DensityTarget, layout: DensityLayout): DensityTerm {
  const state = createState(graph, target, layout);
  const { nEpochs } = layout;
  const idle = target.weight === 0 || state.heaviest === 0;
  return {
    isActive: (epoch) => !idle && (epoch + 1) / nEpochs > 1 - target.fraction,
    *moveSteps(before, after, rate, progress) {
      yield* measurePairs(state, before, progress);
      const deviation = correlationShares(state, target.varianceShift);
      if (deviation === 0) return;
      const pull = target.weight * state.totalWeight;
      const strength = (movesPerEpoch * rate * pull) / (state.heaviest * deviation * graph.rows);
      yield* sumForces(state, before, strength, progress);
      applyForces(state, after);
    },
  };
}

/** The pairs of the graph, each once, and what an epoch computes of pairs and rows. */
interface TermState extends DensityLayout {
  readonly rows: number;
  readonly heads: Uint32Array;
  readonly tails: Uint32Array;
  readonly heaviest: number;
  readonly totalWeight: number;
  /** Wanted radii with mean 0 and deviation 1; all 0 when they do not differ. */
  readonly wanted: Float64Array;
  /** Similarity and squared distance of each pair. */
  readonly similarities: Float64Array;
  readonly squares: Float64Array;
  /** Mean squared distance of each row, weighted by similarity, and the sum of its similarities. */
  readonly radii: Float64Array;
  readonly sums: Float64Array;
  /** Slope of the correlation along the logarithm of each radius, without the factors that all rows share. */
  readonly shares: Float64Array;
  /** n × dimensions, and the sum of the sizes of the coefficients. */
  readonly forces: Float64Array;
  readonly sizes: Float64Array;
}

function createState(graph: FuzzyGraph, target: DensityTarget, layout: DensityLayout): TermState {
  const { starts, targets, weights, rows } = graph;
  const heaviest = weights.reduce((most, weight) => Math.max(most, weight), 0);
  const heads = new Uint32Array(targets.length);
  const tails = new Uint32Array(targets.length);
  let count = 0;
  let totalWeight = 0;
  for (let i = 0; i < rows; i++) {
    for (let at = starts[i]!; at < starts[i + 1]!; at++) {
      // The edges that the layout uses at all; the graph is symmetric.
      if (targets[at]! <= i || weights[at]! * layout.nEpochs < heaviest) continue;
      totalWeight += 2 * weights[at]!;
      heads[count] = i;
      tails[count++] = targets[at]!;
    }
  }
  return {
    ...layout,
    ...{ rows, heaviest, totalWeight, heads: heads.slice(0, count), tails: tails.slice(0, count) },
    ...{ wanted: standardize(target.logRadii), similarities: new Float64Array(count) },
    ...{ squares: new Float64Array(count), radii: new Float64Array(rows), sums: new Float64Array(rows) },
    ...{ shares: new Float64Array(rows), sizes: new Float64Array(rows) },
    forces: new Float64Array(rows * layout.dimensions),
  };
}

/** Similarities and squared distances of all pairs, and their sums over each row. */
function* measurePairs(state: TermState, y: Float32Array, progress: Progress): Cooperative<void> {
  const { dimensions, stride, heads, tails, similarities, squares, radii, sums } = state;
  const { a, b } = state.curve;
  radii.fill(0);
  sums.fill(0);
  for (let from = 0; from < heads.length; from += pairsPerStep) {
    const to = Math.min(heads.length, from + pairsPerStep);
    for (let e = from; e < to; e++) {
      const i = heads[e]!;
      const j = tails[e]!;
      let square = 0;
      for (let t = 0; t < dimensions; t++) square += (y[i * stride + t]! - y[j * stride + t]!) ** 2;
      const similarity = 1 / (1 + a * square ** b);
      similarities[e] = similarity;
      squares[e] = square;
      radii[i]! += similarity * square;
      radii[j]! += similarity * square;
      sums[i]! += similarity;
      sums[j]! += similarity;
    }
    yield progress;
  }
}

/** Turns the sums of the rows into radii and shares; returns the shifted deviation of the logarithms. */
function correlationShares(state: TermState, varianceShift: number): number {
  const { rows, radii, sums, shares, wanted } = state;
  let mean = 0;
  for (let i = 0; i < rows; i++) {
    radii[i] = leastRadius + (sums[i]! > 0 ? radii[i]! / sums[i]! : 0);
    shares[i] = Math.log(radii[i]!);
    mean += shares[i]! / rows;
  }
  let variance = varianceShift;
  let covariance = 0;
  for (let i = 0; i < rows; i++) {
    variance += (shares[i]! - mean) ** 2 / rows;
    covariance += (shares[i]! * wanted[i]!) / (rows - 1);
  }
  if (variance === 0) return 0;
  for (let i = 0; i < rows; i++) {
    const slope = wanted[i]! - (covariance * (shares[i]! - mean)) / variance;
    shares[i] = sums[i]! > 0 ? slope / sums[i]! : 0;
  }
  return Math.sqrt(variance);
}

/** Forces on the rows, with the sizes of their coefficients. */
function* sumForces(state: TermState, y: Float32Array, strength: number, progress: Progress): Cooperative<void> {
  const { dimensions, stride, heads, tails, similarities, squares, radii, shares, forces, sizes } = state;
  const { b } = state.curve;
  forces.fill(0);
  sizes.fill(0);
  for (let from = 0; from < heads.length; from += pairsPerStep) {
    const to = Math.min(heads.length, from + pairsPerStep);
    for (let e = from; e < to; e++) {
      const square = squares[e]!;
      if (square < leastSquare) continue;
      const i = heads[e]!;
      const j = tails[e]!;
      const similarity = similarities[e]!;
      // The slope of a radius along the squared distance: that of its numerator, then that of its denominator.
      const above = similarity * (1 - b * (1 - similarity));
      const below = (b * (1 - similarity) * similarity) / square;
      const own = shares[i]! * (above / radii[i]! + below);
      const force = strength * (own + shares[j]! * (above / radii[j]! + below));
      const size = force < 0 ? -force : apartBound * force;
      sizes[i]! += size;
      sizes[j]! += size;
      for (let t = 0; t < dimensions; t++) {
        const move = force * (y[i * stride + t]! - y[j * stride + t]!);
        forces[i * dimensions + t]! += move;
        forces[j * dimensions + t]! -= move;
      }
    }
    yield progress;
  }
}

function applyForces({ rows, dimensions, stride, forces, sizes }: TermState, y: Float32Array): void {
  for (let i = 0; i < rows; i++) {
    for (let t = 0; t < dimensions; t++) y[i * stride + t]! += forces[i * dimensions + t]! / (1 + sizes[i]!);
  }
}
