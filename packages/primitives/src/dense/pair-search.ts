import { type Cooperative, runAsync } from '../async/index.js';
import { floatTensor, type OnnxSession } from '../onnx/index.js';
import { type BetterScoresKernel, createBetterScoresKernel } from './better-scores-kernel.js';
import { CandidateHeaps } from './candidate-heaps.js';
import type { NeighborRefiner } from './refine-neighbors.js';
import { rowsTensor } from './rows-tensor.js';
import type { ScoreSpace } from './score-space.js';

/** What `searchPairs` is given. */
export interface PairSearch {
  /** A model with the inputs a and b and the output y = a · bᵀ. */
  readonly product: OnnxSession;
  readonly space: ScoreSpace;
  readonly refiner: NeighborRefiner;
  /** Candidates kept a row. */
  readonly count: number;
  readonly excludeSelf: boolean;
  /** Most rows of a block. */
  readonly blockSize: number;
  readonly signal: AbortSignal | undefined;
}

/** Rows of the first block: enough that all rows have candidates to compare with, few as every pair of it is looked at. */
const firstBlock = 32;
/** More rows of a block leave the nearest caches before every target has been multiplied with them. */
const mostRows = 256;
/** Scores compared with one limit of the row: it rises between two stretches. */
const stretch = 4096;

/**
 * Searches rows among themselves, every pair once: a score is a candidate of both its rows. That halves the products; the
 * scores are compared with the worst candidates of both rows, and most pass neither.
 *
 * @returns rows whose candidates may miss a neighbour, with the score that a missing one would have.
 * @remarks Memory: the scores of a block, and `count` candidates a row.
 */
export async function searchPairs(search: PairSearch): Promise<Map<number, number>> {
  const { space, refiner, count, excludeSelf, signal } = search;
  const n = space.targets.rows;
  const blockSize = Math.min(n, mostRows, search.blockSize);
  const kernel = createBetterScoresKernel(n, blockSize * n, stretch);
  const heaps = new CandidateHeaps(count, kernel.limits);
  for (let start = 0, size = firstBlock; start < n; size *= 2) {
    signal?.throwIfAborted();
    const end = Math.min(n, start + Math.min(size, blockSize));
    const width = n - start;
    const y = floatTensor([end - start, width], kernel.scores.subarray(0, (end - start) * width));
    const feeds = { a: rowsTensor(space.queries, start, end), b: rowsTensor(space.targets, start, n) };
    await search.product.run(feeds, undefined, { y });
    for (let row = start; row < end; row++) {
      offerPairs(kernel, heaps, row, {
        from: row + (excludeSelf ? 1 : 0),
        to: n,
        offset: (row - start) * width - start,
      });
    }
    start = end;
  }
  return runAsync(refineSteps(heaps, refiner, { rows: n, count }), { signal });
}

/** Rows between two turns of others: a fraction of a millisecond. */
const rowsPerStep = 64;

/** Turns the candidates of all rows into exact neighbours; the rows that are not sure of theirs. */
function* refineSteps(
  heaps: CandidateHeaps,
  refiner: NeighborRefiner,
  { rows, count }: { readonly rows: number; readonly count: number },
): Cooperative<Map<number, number>> {
  const unsure = new Map<number, number>();
  const candidates = {
    ids: new Int32Array(count),
    scores: new Float32Array(count),
    count: 0,
    complete: count === rows,
  };
  for (let row = 0; row < rows; row++) {
    if (row % rowsPerStep === 0) yield { stage: 'neighbors', completed: row, total: rows };
    heaps.sorted(row, candidates);
    const needed = refiner.refine(row, candidates);
    if (needed !== undefined) unsure.set(row, needed);
  }
  return unsure;
}

/** Where the scores of a row stand: that of column c at `offset` + c of the block. */
interface ScoreRange {
  readonly from: number;
  readonly to: number;
  readonly offset: number;
}

/** Offers the scores of a row to it and to the rows that its columns stand for. */
function offerPairs(
  kernel: BetterScoresKernel,
  heaps: CandidateHeaps,
  row: number,
  { from, to, offset }: ScoreRange,
): void {
  for (let start = from; start < to; start += stretch) {
    const length = Math.min(stretch, to - start);
    const found = kernel.find(offset + start, start, length, kernel.limits[row]!);
    for (let f = 0; f < found; f++) {
      const column = start + kernel.found[f]! / 4;
      // The last vector reaches past the end.
      if (column >= start + length) break;
      const score = kernel.scores[offset + column]!;
      heaps.offer(row, column, score);
      if (column !== row) heaps.offer(column, row, score);
    }
  }
}
