import type { Matrix } from '@matome/primitives/linalg';
import { buildModel, floatTensor, Graph, gemm, type OnnxRuntime } from '@matome/primitives/onnx';
import { checkUserRows } from '../data/interactions.js';
import type { Scorer } from './retrieval.js';

/** A scorer that holds native memory. */
export interface DisposableScorer {
  readonly scorer: Scorer;
  dispose(): Promise<void>;
}

/**
 * Scores by the product of vectors, the cosine where they have length 1.
 *
 * @param users - users × d; `items` items × d.
 * @example
 * const runtime = await loadOnnxRuntime({ threads: 1 });
 * const { scorer } = await productScorer(runtime, matrixFromRows([[1, 2]]), matrixFromRows([[3, 0], [0, 1]]));
 * [...(await scorer(new Uint32Array([0]))).data] // => [3, 2]
 */
export async function productScorer(runtime: OnnxRuntime, users: Matrix, items: Matrix): Promise<DisposableScorer> {
  if (users.cols !== items.cols) {
    throw new RangeError(`The vectors of productScorer must have one length. Got ${users.cols} and ${items.cols}.`);
  }
  const graph = new Graph();
  const product = gemm(graph.input('users', ['users', users.cols]), graph.input('items', ['items', items.cols]), {
    transposeB: true,
  });
  const session = await runtime.createSession(buildModel(graph, { scores: product }));
  const itemTensor = floatTensor([items.rows, items.cols], items.data);
  const scorer: Scorer = async (rows) => {
    checkUserRows('productScorer', rows, users.rows);
    const data = new Float32Array(rows.length * users.cols);
    for (let r = 0; r < rows.length; r++) {
      data.set(users.data.subarray(rows[r]! * users.cols, (rows[r]! + 1) * users.cols), r * users.cols);
    }
    const { scores } = await session.run({ users: floatTensor([rows.length, users.cols], data), items: itemTensor });
    return { data: scores!.data as Float32Array, rows: rows.length, cols: items.rows };
  };
  return { scorer, dispose: () => session.dispose() };
}
