import type { Matrix } from '../linalg/index.js';
import type { OnnxRuntime } from '../onnx/index.js';
import { checkOneOf } from '../options/index.js';
import { createJsDenseEngine } from './js-dense-engine.js';

/** Options of `DenseEngine.nearestRows`. */
export interface NearestRowsOptions {
  /** Neighbours a row, at most the number of target rows (minus one when the row itself is left out). */
  readonly k: number;
  /** @default 'euclidean' */
  readonly metric?: 'euclidean' | 'cosine';
  /** Leaves a row out of its own neighbours; only meaningful when the queries are the targets. @default false */
  readonly excludeSelf?: boolean;
  /** Rows of the query block held at once; the score block is `blockSize × targets`. @default chosen for about 64 MB */
  readonly blockSize?: number;
  readonly signal?: AbortSignal;
}

/** The `k` nearest target rows of every query row, nearest first, ties by smaller index. */
export interface NearestRows {
  /** n × k target indices, row after row. */
  readonly indices: Uint32Array;
  /** n × k distances in the metric asked for, not squared. */
  readonly distances: Float32Array;
  readonly rows: number;
  readonly k: number;
}

/**
 * The port of heavy dense algebra. All implementations return the same neighbours: candidates of a float32 product are
 * ranked again with float64 sums.
 *
 * @example
 * const engine: DenseEngine = createJsDenseEngine();
 * const x = { data: new Float32Array([0, 1, 5]), rows: 3, cols: 1 };
 * [...(await engine.nearestRows(x, x, { k: 1, excludeSelf: true })).indices] // => [1, 0, 1]
 */
export interface DenseEngine {
  readonly name: 'js' | 'onnx';
  /** a · bᵀ: `n × d` and `m × d` give `n × m`. */
  multiplyTransposed(a: Matrix, b: Matrix): Promise<Matrix>;
  /** Exact nearest rows by blocked product. */
  nearestRows(queries: Matrix, targets: Matrix, options: NearestRowsOptions): Promise<NearestRows>;
  /** Lets native memory go; the engine can be used again. */
  dispose(): Promise<void>;
}

/** Options of `createDenseEngine`. */
export interface DenseEngineOptions {
  /** Forces an engine; `'auto'` takes `onnx` when onnxruntime-node can be loaded. @default 'auto' */
  readonly engine?: 'auto' | 'js' | 'onnx';
  /** Shares a loaded runtime and its threads. @default a runtime of its own */
  readonly runtime?: OnnxRuntime;
  /** Threads of a runtime of its own. @default those of `loadOnnxRuntime` */
  readonly threads?: number;
}

/**
 * The best engine this process can run: `onnx` when onnxruntime-node is installed, `js` otherwise.
 *
 * @throws OnnxRuntimeMissingError if `engine` is `'onnx'` and onnxruntime-node cannot be loaded.
 * @example
 * (await createDenseEngine({ engine: 'js' })).name // => 'js'
 */
export async function createDenseEngine(options: DenseEngineOptions = {}): Promise<DenseEngine> {
  const engine = checkOneOf('createDenseEngine', 'engine', options.engine ?? 'auto', ['auto', 'js', 'onnx']);
  if (engine === 'js') return createJsDenseEngine();
  try {
    const { loadOnnxRuntime } = await import('../onnx/index.js');
    const runtime = options.runtime ?? (await loadOnnxRuntime({ threads: options.threads }));
    const { createOnnxDenseEngine } = await import('./onnx-dense-engine.js');
    return createOnnxDenseEngine(runtime);
  } catch (error) {
    if (engine === 'auto' && (error as Error).name === 'OnnxRuntimeMissingError') return createJsDenseEngine();
    throw error;
  }
}
