import type { Cooperative } from '@matome/primitives/async';
import type { Curve } from './curve-parameters.js';
import { createDensityTerm, type DensityTarget } from './density-term.js';
import type { FuzzyGraph } from './fuzzy-graph.js';
import { createLayoutMemory, type LayoutMemory, layoutStep, positionViews, readPositions } from './layout-memory.js';
import type { LayoutTeam } from './layout-team.js';

/** How a layout is optimised. */
export interface LayoutOptions {
  readonly dimensions: number;
  readonly nEpochs: number;
  readonly curve: Curve;
  readonly learningRate: number;
  /** Random rows that a row is pushed from for every neighbour that pulls it. */
  readonly negativeSampleRate: number;
  readonly repulsionStrength: number;
  /** 32-bit integer; the same seed gives the same bits. */
  readonly seed: number;
  /** Rows below this one stay where they are, and only they push and pull. @default 0: all rows move */
  readonly fixedRows?: number;
  /** Local radii that the layout is to follow; only when all rows move. @default none */
  readonly densities?: DensityTarget;
}

/** Rows of one call of the kernel: a few milliseconds at most. */
export const chunkRows = 1024;

/**
 * Moves the rows of a graph until neighbours are close and others apart: epochs of pulls along edges and pushes from random
 * rows, with a learning rate that falls to zero.
 *
 * Every epoch reads the positions of the one before, so neither the order of rows nor the number of threads matters.
 *
 * @param start - n × dimensions.
 * @param team - threads that share the work; this one alone when absent.
 * @returns n × dimensions.
 * @remarks O(epochs · edges · (1 + negatives) · dimensions); memory 12 bytes an edge.
 * @see McInnes, Healy, Melville (2018), UMAP, section 3.2, arXiv:1802.03426
 */
export function* layoutSteps(
  graph: FuzzyGraph,
  start: ArrayLike<number>,
  options: LayoutOptions,
  team?: LayoutTeam,
): Cooperative<Float32Array> {
  const { dimensions, nEpochs, curve, densities, fixedRows = 0 } = options;
  const layout = createLayoutMemory(graph, start, dimensions, nEpochs, team?.threads ?? 1);
  const run = team ? team.attach(layout) : undefined;
  const step = layoutStep(layout);
  const views = positionViews(layout);
  const stride = layout.width / 4;
  const term = densities && createDensityTerm(graph, densities, { dimensions, stride, nEpochs, curve });
  for (let epoch = 0; epoch < nEpochs; epoch++) {
    const progress = { stage: 'umap', completed: epoch, total: nEpochs };
    const values = epochArguments(layout, options, epoch);
    if (run) {
      run(values);
      yield progress;
    } else {
      for (let from = fixedRows; from < layout.rows; from += chunkRows) {
        step(from, Math.min(layout.rows, from + chunkRows), ...values);
        yield progress;
      }
    }
    if (!term?.isActive(epoch)) continue;
    const [before, after] = (epoch & 1) === 0 ? views : [views[1], views[0]];
    yield* term.moveSteps(before, after, stepLength(options, epoch), progress);
  }
  return readPositions(layout, (nEpochs & 1) as 0 | 1);
}

/** The kernel's arguments behind the range of rows, for the first thread. */
function epochArguments(layout: LayoutMemory, options: LayoutOptions, epoch: number): number[] {
  const { curve, negativeSampleRate, repulsionStrength, seed } = options;
  const { fixedRows = 0 } = options;
  const { addresses, width, rows } = layout;
  // Between two moving rows an edge pulls at both ends, and each end moves for both.
  const pulls = fixedRows > 0 ? 2 : 4;
  const rate = stepLength(options, epoch);
  return [
    width,
    addresses.positions[epoch & 1]!,
    addresses.positions[(epoch & 1) ^ 1]!,
    addresses.starts,
    addresses.targets,
    addresses.periods,
    addresses.next,
    addresses.scratch[0]!,
    fixedRows > 0 ? fixedRows : rows,
    negativeSampleRate,
    (seed + Math.imul(epoch, 0x85ebca6b)) | 0,
    epoch,
    curve.a,
    curve.b,
    pulls * curve.a * curve.b * rate,
    2 * curve.b * repulsionStrength,
    rate,
  ];
}

/** Falls linearly to zero. */
function stepLength({ learningRate, nEpochs }: LayoutOptions, epoch: number): number {
  return learningRate * (1 - epoch / nEpochs);
}
