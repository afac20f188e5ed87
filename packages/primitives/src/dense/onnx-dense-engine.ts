import { nextTurn } from '../async/index.js';
import { type Matrix, takeRows } from '../linalg/index.js';
import { buildModel, Graph, gemm, integerTensor, type OnnxRuntime, type OnnxSession } from '../onnx/index.js';
import type { DenseEngine, NearestRows, NearestRowsOptions } from './dense-engine.js';
import { createExactScores } from './exact-scores.js';
import { checkNearestRows, checkSameWidth } from './nearest-rows-options.js';
import { searchPairs } from './pair-search.js';
import { NeighborRefiner } from './refine-neighbors.js';
import { rowsTensor } from './rows-tensor.js';
import { createScoreSpace, type ScoreSpace } from './score-space.js';

type Program = 'product' | 'best';

/** Scores of a block of queries: 64 MB in float32. */
const blockFloats = 2 ** 24;

/** Below it half of the products is not worth a kernel. */
const fewestForPairs = 512;

function program(kind: Program): Uint8Array {
  const graph = new Graph();
  const a = graph.input('a', ['rows', 'width']);
  const b = graph.input('b', ['columns', 'width']);
  const y = gemm(a, b, { transposeB: true });
  if (kind === 'product') return buildModel(graph, { y });
  const count = graph.input('count', [1], 'int64');
  const outputs = [
    { type: 'float32', shape: ['rows', 'count'] },
    { type: 'int64', shape: ['rows', 'count'] },
  ] as const;
  const [values, indices] = graph.node('TopK', [y, count], { attributes: { axis: -1 }, outputs });
  return buildModel(graph, { values: values!, indices: indices! });
}

/**
 * A dense engine on onnxruntime: matrix products at the speed of the machine, neighbours re-ranked in float64.
 *
 * Neighbours are exact: the rounding of the float32 product is bounded, and a row whose last neighbour lies within the
 * bound of a target left out is searched again.
 *
 * @param runtime - whose threads are used.
 * @example
 * createOnnxDenseEngine(await loadOnnxRuntime({ threads: 1 })).name // => 'onnx'
 */
export function createOnnxDenseEngine(runtime: OnnxRuntime): DenseEngine {
  const sessions = new Map<Program, Promise<OnnxSession>>();
  const session = (kind: Program): Promise<OnnxSession> => {
    const known = sessions.get(kind) ?? runtime.createSession(program(kind));
    sessions.set(kind, known);
    return known;
  };
  return {
    name: 'onnx',
    async multiplyTransposed(a, b) {
      checkSameWidth('multiplyTransposed', a, b);
      if (a.rows === 0 || b.rows === 0 || a.cols === 0) {
        return { data: new Float32Array(a.rows * b.rows), rows: a.rows, cols: b.rows };
      }
      const { y } = await (await session('product')).run({
        a: rowsTensor(a, 0, a.rows),
        b: rowsTensor(b, 0, b.rows),
      });
      return { data: y!.data as Float32Array, rows: a.rows, cols: b.rows };
    },
    nearestRows: (queries, targets, options) => nearestRows(session, queries, targets, options),
    async dispose() {
      const open = [...sessions.values()];
      sessions.clear();
      for (const one of open) await (await one).dispose();
    },
  };
}

interface Search {
  readonly session: (kind: Program) => Promise<OnnxSession>;
  readonly space: ScoreSpace;
  readonly refiner: NeighborRefiner;
  readonly n: number;
  /** Candidates asked for a row. */
  readonly count: number;
  readonly excludeSelf: boolean;
  readonly blockSize: number;
  readonly signal: AbortSignal | undefined;
}

async function nearestRows(
  session: Search['session'],
  queries: Matrix,
  targets: Matrix,
  options: NearestRowsOptions,
): Promise<NearestRows> {
  const { k, metric, excludeSelf } = checkNearestRows(queries, targets, options);
  const n = targets.rows;
  const out = { indices: new Uint32Array(queries.rows * k), distances: new Float32Array(queries.rows * k), k };
  const result = { ...out, rows: queries.rows };
  if (queries.rows === 0) return result;
  const exact = createExactScores(queries, targets, metric);
  await nextTurn(options.signal);
  const space = createScoreSpace(exact);
  await nextTurn(options.signal);
  const search: Search = {
    session,
    space,
    refiner: new NeighborRefiner(exact, space, out),
    n,
    count: Math.min(n, k + Math.max(4, Math.ceil(k / 4)) + (excludeSelf ? 1 : 0)),
    excludeSelf,
    blockSize: options.blockSize ?? Math.max(1, Math.floor(blockFloats / n)),
    signal: options.signal,
  };
  const pairs = queries === targets && n >= fewestForPairs;
  const unsure = pairs
    ? await searchPairs({ ...search, product: await session('product') })
    : await searchBlocks(search);
  await searchAgain(search, unsure);
  return result;
}

/** Rows whose candidates may miss a neighbour, with the score that a missing one would have. */
type Unsure = Map<number, number>;

async function searchBlocks(search: Search): Promise<Unsure> {
  const { space, n, count, excludeSelf, blockSize, refiner } = search;
  const unsure: Unsure = new Map();
  const session = await search.session('best');
  const b = rowsTensor(space.targets, 0, n);
  const candidates = { ids: new Int32Array(count), scores: new Float32Array(count), count: 0, complete: count === n };
  for (let start = 0; start < space.queries.rows; start += blockSize) {
    search.signal?.throwIfAborted();
    const end = Math.min(space.queries.rows, start + blockSize);
    const a = rowsTensor(space.queries, start, end);
    const { values, indices } = await session.run({ a, b, count: integerTensor([1], [count]) });
    const { buffer, byteOffset } = indices!.data as BigInt64Array;
    // Two halves a number, the low one first: reading it makes no BigInt.
    const halves = new Int32Array(buffer, byteOffset);
    const scores = values!.data as Float32Array;
    for (let row = start; row < end; row++) {
      const at = (row - start) * count;
      let found = 0;
      for (let c = at; c < at + count; c++) {
        const id = halves[2 * c]!;
        if (excludeSelf && id === row) continue;
        candidates.ids[found] = id;
        candidates.scores[found++] = scores[c]!;
      }
      candidates.count = found;
      const needed = refiner.refine(row, candidates);
      if (needed !== undefined) unsure.set(row, needed);
    }
  }
  return unsure;
}

/** Ranks every target that could belong to the neighbours of the unsure rows exactly. */
async function searchAgain(search: Search, unsure: Unsure): Promise<void> {
  if (unsure.size === 0) return;
  const { space, n, refiner, excludeSelf, blockSize } = search;
  const session = await search.session('product');
  const b = rowsTensor(space.targets, 0, n);
  const rows = [...unsure.keys()];
  const candidates = { ids: new Int32Array(n), scores: new Float32Array(n), count: 0, complete: true };
  for (let start = 0; start < rows.length; start += blockSize) {
    search.signal?.throwIfAborted();
    const block = rows.slice(start, start + blockSize);
    const a = takeRows(space.queries, block);
    const { y } = await session.run({ a: rowsTensor(a, 0, a.rows), b });
    const scores = y!.data as Float32Array;
    for (const [i, row] of block.entries()) {
      const needed = unsure.get(row)!;
      let found = 0;
      for (let j = 0; j < n; j++) {
        const score = scores[i * n + j]!;
        if (score < needed || (excludeSelf && j === row)) continue;
        candidates.ids[found] = j;
        candidates.scores[found++] = score;
      }
      candidates.count = found;
      // The candidates come in the order of the targets, so none may be skipped.
      candidates.scores.fill(Number.POSITIVE_INFINITY, 0, found);
      refiner.refine(row, candidates);
    }
  }
}
