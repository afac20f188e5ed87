import type { Cooperative } from '@matome/primitives/async';
import { normalSample, type RandomSource } from '@matome/primitives/random';
import type { FuzzyGraph } from './fuzzy-graph.js';
import { graphComponents } from './graph-components.js';
import { type Eigenpairs, largestEigenpairSteps } from './lanczos.js';

/** Options of `laplacianEigenpairSteps`. */
export interface SpectralOptions {
  readonly random: RandomSource;
  /** Largest residual of an eigenvector. @default 1e-4 */
  readonly tolerance?: number;
  /** Most products with the graph. @default 200 */
  readonly maxProducts?: number;
}

/**
 * The eigenvectors of the `count` smallest eigenvalues above the trivial 0 of the normalised Laplacian of a connected
 * graph, I - D^-1/2 W D^-1/2.
 *
 * @returns eigenvalues of the Laplacian, smallest first, and unit vectors.
 * @see Belkin, Niyogi (2003), Laplacian eigenmaps, doi:10.1162/089976603321780317
 */
export function* laplacianEigenpairSteps(
  graph: FuzzyGraph,
  count: number,
  options: SpectralOptions,
): Cooperative<Eigenpairs> {
  const { starts, targets, weights, rows } = graph;
  const root = new Float64Array(rows);
  let total = 0;
  for (let i = 0; i < rows; i++) {
    let degree = 0;
    for (let at = starts[i]!; at < starts[i + 1]!; at++) degree += weights[at]!;
    root[i] = Math.sqrt(degree);
    total += degree;
  }
  const scaled = new Float64Array(weights.length);
  for (let i = 0; i < rows; i++) {
    for (let at = starts[i]!; at < starts[i + 1]!; at++) scaled[at] = weights[at]! / (root[i]! * root[targets[at]!]!);
  }
  const multiply = (x: Float64Array, into: Float64Array) => {
    for (let i = 0, at = 0; i < rows; i++) {
      const end = starts[i + 1]!;
      let sum = 0;
      for (; at < end; at++) sum += scaled[at]! * x[targets[at]!]!;
      into[i] = sum;
    }
  };
  const trivial = root.map((value) => value / Math.sqrt(total));
  const { random, tolerance = 1e-4, maxProducts = 200 } = options;
  const limits = { random, deflated: [trivial], tolerance, maxProducts };
  const pairs = yield* largestEigenpairSteps(multiply, rows, count, limits);
  return { ...pairs, values: pairs.values.map((value) => 1 - value) };
}

/**
 * A start layout that puts rows connected by many short paths together.
 *
 * Components of the graph are laid out each for itself, side by side: their own eigenvectors around places far enough
 * apart, with room in proportion to their size.
 *
 * @returns `n × dimensions`, at most 10 in absolute value.
 */
export function* spectralLayoutSteps(
  graph: FuzzyGraph,
  dimensions: number,
  options: SpectralOptions,
): Cooperative<Float64Array> {
  const { rows } = graph;
  const { count, labels } = graphComponents(graph);
  const layout = new Float64Array(rows * dimensions);
  const members: number[][] = Array.from({ length: count }, () => []);
  labels.forEach((label, i) => {
    members[label]!.push(i);
  });
  const places = count === 1 ? new Float64Array(dimensions) : componentPlaces(count, dimensions, options.random);
  for (const [c, own] of members.entries()) {
    const radius = count === 1 ? 10 : 5 * (own.length / rows) ** (1 / dimensions);
    const coordinates = yield* componentLayout(graph, own, labels, dimensions, options);
    let largest = 0;
    for (const value of coordinates) largest = Math.max(largest, Math.abs(value));
    const scale = largest > 0 ? radius / largest : 0;
    for (const [at, i] of own.entries()) {
      for (let t = 0; t < dimensions; t++) {
        layout[i * dimensions + t] = places[c * dimensions + t]! + scale * coordinates[at * dimensions + t]!;
      }
    }
  }
  return layout;
}

/** Random places in [-5, 5], pushed apart so that no two components start on top of each other. */
function componentPlaces(count: number, dimensions: number, random: RandomSource): Float64Array {
  const places = Float64Array.from({ length: count * dimensions }, () => 10 * random() - 5);
  const tries = 16;
  for (let c = 1; c < count && count <= 1000; c++) {
    let best = -1;
    let kept = places.slice(c * dimensions, (c + 1) * dimensions);
    for (let attempt = 0; attempt < tries; attempt++) {
      const place = Float64Array.from({ length: dimensions }, () => 10 * random() - 5);
      let nearest = Number.POSITIVE_INFINITY;
      for (let other = 0; other < c; other++) {
        let squared = 0;
        for (let t = 0; t < dimensions; t++) squared += (place[t]! - places[other * dimensions + t]!) ** 2;
        nearest = Math.min(nearest, squared);
      }
      if (nearest > best) {
        best = nearest;
        kept = place;
      }
    }
    places.set(kept, c * dimensions);
  }
  return places;
}

/** Eigenvectors of one component, or noise where it is too small to have enough of them. */
function* componentLayout(
  graph: FuzzyGraph,
  members: readonly number[],
  labels: Uint32Array,
  dimensions: number,
  options: SpectralOptions,
): Cooperative<Float64Array> {
  const size = members.length;
  if (size < dimensions + 2) {
    return Float64Array.from({ length: size * dimensions }, () => normalSample(options.random));
  }
  const whole = size === graph.rows;
  const own = whole ? graph : inducedGraph(graph, members, labels);
  const { vectors } = yield* laplacianEigenpairSteps(own, dimensions, options);
  const layout = new Float64Array(size * dimensions);
  for (const [t, vector] of vectors.entries()) {
    for (let i = 0; i < size; i++) layout[i * dimensions + t] = vector[i]!;
  }
  return layout;
}

function inducedGraph(graph: FuzzyGraph, members: readonly number[], labels: Uint32Array): FuzzyGraph {
  const place = new Map(members.map((i, at) => [i, at]));
  const starts = new Uint32Array(members.length + 1);
  const targets: number[] = [];
  const weights: number[] = [];
  for (const [at, i] of members.entries()) {
    for (let edge = graph.starts[i]!; edge < graph.starts[i + 1]!; edge++) {
      // A component is closed: every edge of a member leads to a member.
      if (labels[graph.targets[edge]!] !== labels[i]) continue;
      targets.push(place.get(graph.targets[edge]!)!);
      weights.push(graph.weights[edge]!);
    }
    starts[at + 1] = targets.length;
  }
  return { starts, targets: Uint32Array.from(targets), weights: Float32Array.from(weights), rows: members.length };
}
