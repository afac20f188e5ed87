import { type Cooperative, runAsync } from '@matome/primitives/async';
import type { Matrix } from '@matome/primitives/linalg';
import { checkInteger } from '@matome/primitives/options';
import type { RandomSource } from '@matome/primitives/random';
import type { KnnGraph } from '../neighbors/knn-graph.js';
import { exactNeighborsSteps, nearestNeighbors } from '../neighbors/nearest-neighbors.js';
import { curveParameters } from './curve-parameters.js';
import { fuzzyGraphSteps, superviseGraph } from './fuzzy-graph.js';
import { initializeLayoutSteps } from './initialize-layout.js';
import { createLayoutTeam, type LayoutTeam, mostThreads } from './layout-team.js';
import { logRadii } from './log-radii.js';
import { layoutSteps } from './optimize-layout.js';
import { type UmapOptions, type UmapRunOptions, type UmapSettings, umapSettings } from './umap-options.js';

/**
 * Embeds the rows of `x` in few dimensions, so that near rows stay near (UMAP).
 *
 * The same input, options and seed give the same bits, whatever the number of threads.
 *
 * @param x - n × d, finite; not modified.
 * @returns n × nComponents; one row or none is placed at the origin.
 * @throws RangeError if a value is not finite or an option is out of range; the signal's reason when aborted.
 * @remarks Exact neighbours, then O(epochs · n · nNeighbors · (1 + negativeSampleRate) · nComponents): about 0.5 s for
 * 1,800 × 64 and 2 s for 10,000 × 100 in two dimensions on one core. Memory about 50 bytes a neighbour.
 * With `densities` every epoch in which the term acts takes about 50 ns more for each pair of neighbours, in one thread
 * however many there are: with its 200 epochs more, a run takes twice as long.
 * Differs from umap-learn: an epoch reads the positions of the one before and takes the pulls on a row as one implicit
 * step, which is what makes threads harmless to the result.
 * @see McInnes, Healy, Melville (2018), UMAP: Uniform Manifold Approximation and Projection, arXiv:1802.03426
 * @see Narayan, Berger, Cho (2021), densMAP, doi:10.1038/s41587-020-00801-7, for `densities`
 * @example
 * const x = { data: Float32Array.from({ length: 60 }, (_, i) => (i < 30 ? i : 1000 + i)), rows: 60, cols: 1 };
 * const embedding = await umap(x, { nEpochs: 50 });
 * [embedding.rows, embedding.cols] // => [60, 2]
 */
export async function umap(x: Matrix, options: UmapRunOptions = {}): Promise<Matrix> {
  const settings = umapSettings('umap', x, options);
  const { signal, onProgress } = options;
  const threads = checkInteger('umap', 'threads', options.threads ?? 1, { min: 1, max: mostThreads });
  signal?.throwIfAborted();
  if (x.rows < 2) return atOrigin(x.rows, settings.nComponents);
  const knn = settings.knn ?? (await findNeighbors(x, settings, options));
  const team = threads > 1 ? await createLayoutTeam(threads) : undefined;
  try {
    return await runAsync(embedSteps(x, knn, settings, team), { signal, onProgress });
  } finally {
    await team?.close();
  }
}

/**
 * `umap` as a task of this thread that yields its progress, for `runSync`, `runAsync` and `withDeadline`.
 *
 * @remarks Finds neighbours without the dense engine: for many wide rows, give them as `knn`.
 * @example
 * const x = { data: Float32Array.from({ length: 60 }, (_, i) => (i < 30 ? i : 1000 + i)), rows: 60, cols: 1 };
 * runSync(umapSteps(x, { nEpochs: 50, nComponents: 3 })).cols // => 3
 */
export function* umapSteps(x: Matrix, options: UmapOptions = {}): Cooperative<Matrix> {
  const settings = umapSettings('umapSteps', x, options);
  if (x.rows < 2) return atOrigin(x.rows, settings.nComponents);
  const knn = settings.knn ?? (yield* exactNeighborsSteps(x, settings.nNeighbors - 1, settings.metric));
  return yield* embedSteps(x, knn, settings);
}

/** Neighbours through the fastest exact search. */
export async function findNeighbors(x: Matrix, settings: UmapSettings, options: UmapRunOptions): Promise<KnnGraph> {
  const { nNeighbors, metric, random } = settings;
  const { engine, signal, onProgress } = options;
  return nearestNeighbors(x, { k: nNeighbors - 1, metric, engine, random, signal, onProgress });
}

/** Graph, start and optimisation. */
export function* embedSteps(x: Matrix, knn: KnnGraph, settings: UmapSettings, team?: LayoutTeam): Cooperative<Matrix> {
  const { nComponents, nEpochs, random, target, densities } = settings;
  yield { stage: 'umap', completed: 0, total: nEpochs };
  const joined = yield* fuzzyGraphSteps(knn, settings);
  const graph = target ? superviseGraph(joined, { target }) : joined;
  yield { stage: 'umap', completed: 0, total: nEpochs };
  const start = yield* initializeLayoutSteps(graph, nComponents, settings.init, x, random);
  yield { stage: 'umap', completed: 0, total: nEpochs };
  const { minDist, spread, learningRate, negativeSampleRate, repulsionStrength } = settings;
  const options = {
    ...{ dimensions: nComponents, nEpochs, learningRate, negativeSampleRate, repulsionStrength },
    curve: curveParameters(minDist, spread),
    seed: drawSeed(random),
    densities: densities && { ...densities, logRadii: logRadii(graph, knn) },
  };
  const data = yield* layoutSteps(graph, start, options, team);
  return { data, rows: x.rows, cols: nComponents };
}

/** A 32-bit seed for the streams of the rows. */
export function drawSeed(random: RandomSource): number {
  return Math.floor(random() * 2 ** 32) | 0;
}

function atOrigin(rows: number, cols: number): Matrix {
  return { data: new Float32Array(rows * cols), rows, cols };
}
