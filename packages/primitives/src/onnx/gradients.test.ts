import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../random/index.js';
import {
  absolute,
  add,
  atLeast,
  buildModel,
  cast,
  concat,
  divide,
  dropout,
  exp,
  floatTensor,
  Graph,
  type GraphValue,
  gather,
  gelu,
  gemm,
  gradients,
  l2Normalize,
  layerNorm,
  loadOnnxRuntime,
  log,
  logSoftmax,
  matMul,
  multiply,
  negate,
  type OnnxRuntime,
  type OnnxTensor,
  reduceMean,
  reduceSum,
  relu,
  reluDropout,
  reshape,
  rowCosine,
  sigmoid,
  softmax,
  softplus,
  sqrt,
  squeeze,
  subtract,
  tanh,
  transpose,
} from './index.js';

let runtime: OnnxRuntime;
beforeAll(async () => {
  runtime = await loadOnnxRuntime({ threads: 2 });
});
afterAll(() => runtime.dispose());

/** Values in ±[0.2, 1.2]: no kink of relu or |x| and no pole of a quotient lies within a difference step. */
function values(size: number, seed: number, positive = false): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length: size }, () => (0.2 + random()) * (positive || random() < 0.5 ? 1 : -1));
}

type Dims = readonly number[];
type Build = (graph: Graph, parameters: GraphValue[]) => GraphValue;

/** Largest difference between derived and numeric gradient, relative to the largest gradient of the parameter. */
async function gradientError(shapes: readonly Dims[], build: Build, positive = false): Promise<number> {
  const graph = new Graph();
  const size = (dims: Dims) => dims.reduce((a, b) => a * b, 1);
  const parameters = shapes.map((dims, i) => graph.parameter(`p${i}`, dims, values(size(dims), i + 1, positive)));
  const y = build(graph, parameters);
  const dims = y.shape.map(Number);
  const loss = reduceSum(multiply(y, graph.constant(dims, values(size(dims), 99))));
  const derived = gradients(loss, parameters);
  const outputs = Object.fromEntries(derived.map((gradient, i) => [`g${i}`, gradient]));
  const session = await runtime.createSession(buildModel(graph, { loss, ...outputs }));
  const feeds: Record<string, OnnxTensor> = {};
  for (const p of graph.parameters) feeds[p.name] = floatTensor(p.dims, p.initial.slice());
  const analytic = await session.run(feeds);
  const lossAt = async () => (await session.run(feeds, ['loss'])).loss!.data[0] as number;
  let worst = 0;
  for (let p = 0; p < parameters.length; p++) {
    const data = feeds[`p${p}`]!.data as Float32Array;
    const gradient = analytic[`g${p}`]!;
    expect(gradient.dims).toEqual(shapes[p]);
    const largest = Math.max(...Array.from(gradient.data as Float32Array, Math.abs));
    for (let i = 0; i < data.length; i++) {
      const numeric = await derivative(data, i, lossAt);
      worst = Math.max(worst, Math.abs(numeric - (gradient.data[i] as number)) / largest);
    }
  }
  await session.dispose();
  return worst;
}

/** Five-point difference: its error is of the fourth order, so a wide step keeps float32 rounding small. */
async function derivative(data: Float32Array, i: number, lossAt: () => Promise<number>): Promise<number> {
  const start = data[i]!;
  const h = 0.03;
  const at = async (offset: number) => {
    data[i] = start + offset;
    return lossAt();
  };
  const numeric = (8 * ((await at(h)) - (await at(-h))) - ((await at(2 * h)) - (await at(-2 * h)))) / (12 * h);
  data[i] = start;
  return numeric;
}

const cases: readonly [string, readonly Dims[], Build, boolean?][] = [
  [
    'add',
    [
      [3, 4],
      [3, 4],
    ],
    (_, [a, b]) => add(a!, b!),
  ],
  ['add with a broadcast row', [[3, 4], [4]], (_, [a, b]) => add(a!, b!)],
  [
    'add with a broadcast column',
    [
      [3, 1],
      [3, 4],
    ],
    (_, [a, b]) => add(a!, b!),
  ],
  ['add of a number', [[3]], (_, [a]) => add(2, a!)],
  [
    'subtract with a broadcast leading axis',
    [
      [2, 3, 4],
      [3, 4],
    ],
    (_, [a, b]) => subtract(a!, b!),
  ],
  [
    'multiply with a broadcast row',
    [
      [3, 4],
      [1, 4],
    ],
    (_, [a, b]) => multiply(a!, b!),
  ],
  ['multiply of a value with itself', [[5]], (_, [a]) => multiply(a!, a!)],
  [
    'divide with a broadcast column',
    [
      [3, 4],
      [3, 1],
    ],
    (_, [a, b]) => divide(a!, b!),
  ],
  ['divide of a number', [[4]], (_, [a]) => divide(1, a!)],
  ['negate', [[4]], (_, [a]) => negate(a!)],
  ['atLeast', [[6]], (_, [a]) => atLeast(a!, 0)],
  [
    'matMul of matrices',
    [
      [3, 4],
      [4, 2],
    ],
    (_, [a, b]) => matMul(a!, b!),
  ],
  [
    'matMul with a shared right matrix',
    [
      [2, 3, 4],
      [4, 2],
    ],
    (_, [a, b]) => matMul(a!, b!),
  ],
  [
    'matMul of two batches',
    [
      [2, 3, 4],
      [2, 4, 2],
    ],
    (_, [a, b]) => matMul(a!, b!),
  ],
  [
    'matMul with a broadcast batch',
    [
      [2, 2, 3, 4],
      [2, 4, 2],
    ],
    (_, [a, b]) => matMul(a!, b!),
  ],
  [
    'scaled gemm with bias',
    [[4, 3], [2, 4], [2]],
    (_, [a, b, c]) => gemm(a!, b!, { transposeA: true, transposeB: true, scale: 1.25 }, c),
  ],
  [
    'cosine of rows',
    [
      [3, 4],
      [3, 4],
    ],
    (_, [a, b]) => rowCosine(a!, b!),
  ],
  ['cosine of a row with itself', [[3, 4]], (_, [a]) => multiply(rowCosine(a!, multiply(a!, a!)), 2)],
  ['gemm with bias', [[3, 4], [4, 2], [2]], (_, [a, b, c]) => gemm(a!, b!, {}, c)],
  [
    'gemm, a transposed',
    [
      [4, 3],
      [4, 2],
    ],
    (_, [a, b]) => gemm(a!, b!, { transposeA: true }),
  ],
  [
    'gemm, b transposed',
    [
      [3, 4],
      [2, 4],
    ],
    (_, [a, b]) => gemm(a!, b!, { transposeB: true }),
  ],
  [
    'gemm, both transposed',
    [
      [4, 3],
      [2, 4],
    ],
    (_, [a, b]) => gemm(a!, b!, { transposeA: true, transposeB: true }),
  ],
  ['relu', [[3, 4]], (_, [a]) => relu(a!)],
  ['gelu', [[3, 4]], (_, [a]) => gelu(a!)],
  ['tanh', [[3, 4]], (_, [a]) => tanh(a!)],
  ['sigmoid', [[3, 4]], (_, [a]) => sigmoid(a!)],
  ['softplus', [[3, 4]], (_, [a]) => softplus(a!)],
  ['exp', [[3, 4]], (_, [a]) => exp(a!)],
  ['log', [[3, 4]], (_, [a]) => log(a!), true],
  ['sqrt', [[3, 4]], (_, [a]) => sqrt(a!), true],
  ['absolute', [[3, 4]], (_, [a]) => absolute(a!)],
  ['softmax', [[3, 5]], (_, [a]) => softmax(a!)],
  ['softmax over the first axis', [[3, 5]], (_, [a]) => softmax(a!, 0)],
  ['logSoftmax', [[3, 5]], (_, [a]) => logSoftmax(a!)],
  ['layerNorm', [[3, 6], [6], [6]], (_, [a, b, c]) => layerNorm(a!, b!, c!)],
  ['layerNorm of three axes', [[2, 2, 5], [5], [5]], (_, [a, b, c]) => layerNorm(a!, b!, c!, 1e-3)],
  ['l2Normalize', [[3, 5]], (_, [a]) => l2Normalize(a!)],
  ['reduceSum over one axis', [[3, 4]], (_, [a]) => reduceSum(multiply(a!, a!), { axes: [0] })],
  ['reduceSum, axes kept', [[3, 4]], (_, [a]) => reduceSum(multiply(a!, a!), { axes: [-1], keepDims: true })],
  ['reduceMean of all', [[3, 4]], (_, [a]) => reduceMean(multiply(a!, a!))],
  ['reduceMean over one axis', [[2, 3, 4]], (_, [a]) => reduceMean(multiply(a!, a!), { axes: [1] })],
  [
    'concat',
    [
      [3, 2],
      [3, 4],
    ],
    (_, [a, b]) => multiply(concat([a!, b!], 1), concat([b!, a!], 1)),
  ],
  ['transpose', [[3, 4]], (_, [a]) => multiply(transpose(a!), transpose(a!))],
  ['transpose of three axes', [[2, 3, 4]], (_, [a]) => multiply(transpose(a!, [1, 2, 0]), 2)],
  ['reshape', [[3, 4]], (_, [a]) => multiply(reshape(a!, [2, 6]), reshape(a!, [2, 6]))],
  ['squeeze', [[3, 1]], (_, [a]) => multiply(squeeze(a!, 1), 3)],
  [
    'relu with dropout by mask',
    [[3, 4]],
    (graph, [a]) => reluDropout(a!, graph.constant([3, 4], new Float32Array([0, 1, 1, 0, 1, 0, 1, 1, 0, 0, 1, 1]))),
  ],
  [
    'dropout by mask',
    [[3, 4]],
    (graph, [a]) => dropout(a!, graph.constant([3, 4], new Float32Array([0, 2, 2, 0, 2, 0, 2, 2, 0, 0, 2, 2]))),
  ],
  [
    'gather with rows read several times',
    [[4, 3]],
    (graph, [a]) => {
      const rows = gather(a!, graph.constant([2, 3], BigInt64Array.from([1n, 1n, 3n, 0n, 1n, 3n]), 'int64'));
      return multiply(rows, rows);
    },
  ],
];

describe('gradients', () => {
  for (const [name, shapes, build, positive] of cases) {
    it(`matches finite differences within 1e-3: ${name}`, async () => {
      expect(await gradientError(shapes, build, positive)).toBeLessThan(1e-3);
    });
  }

  it('notices a wrong gradient', async () => {
    const wrong: Build = (_, [a]) => {
      const y = tanh(a!);
      y.derivation = { parents: [a!], backward: (dy) => [multiply(dy, 0.5)] };
      return y;
    };
    expect(await gradientError([[4]], wrong)).toBeGreaterThan(0.1);
  });

  it('adds up the gradients of a value that is used in several places', async () => {
    const twoLayers: Build = (_, [x, w]) => {
      const hidden = tanh(matMul(x!, w!));
      return add(matMul(hidden, w!), multiply(hidden, hidden));
    };
    expect(
      await gradientError(
        [
          [3, 4],
          [4, 4],
        ],
        twoLayers,
      ),
    ).toBeLessThan(1e-3);
  });

  it('differentiates self-attention', async () => {
    const attention: Build = (_, [x, q, k, v]) => {
      const scores = matMul(matMul(x!, q!), transpose(matMul(x!, k!)));
      return matMul(softmax(multiply(scores, 0.5)), matMul(x!, v!));
    };
    expect(
      await gradientError(
        [
          [2, 3, 4],
          [4, 4],
          [4, 4],
          [4, 4],
        ],
        attention,
      ),
    ).toBeLessThan(1e-3);
  });

  it('reduces over axes whose size is known only when the graph runs', async () => {
    const graph = new Graph();
    const w = graph.parameter('w', [2], new Float32Array([1, 2]));
    const x = graph.input('x', ['n', 2]);
    const loss = reduceMean(multiply(x, w));
    const session = await runtime.createSession(buildModel(graph, { g: gradients(loss, [w])[0]! }));
    const feed = floatTensor([4, 2], Float32Array.from([1, 2, 1, 2, 1, 2, 1, 2]));
    const { g } = await session.run({ w: floatTensor([2], new Float32Array([1, 2])), x: feed });
    expect([...(g!.data as Float32Array)]).toEqual([0.5, 1]);
  });

  it('passes through a change of the float type', async () => {
    const graph = new Graph();
    const w = graph.parameter('w', [2], new Float32Array([1, 2]));
    const loss = reduceSum(
      multiply(cast(cast(w, 'float16'), 'float32'), graph.constant([2], new Float32Array([3, 4]))),
    );
    const session = await runtime.createSession(buildModel(graph, { g: gradients(loss, [w])[0]! }));
    const { g } = await session.run({ w: floatTensor([2], new Float32Array([1, 2])) });
    expect([...(g!.data as Float32Array)]).toEqual([3, 4]);
    expect(cast(w, 'float32')).toBe(w);
  });

  it('refuses a loss that is not a scalar, and a target that the loss does not reach', () => {
    const graph = new Graph();
    const w = graph.parameter('w', [2], new Float32Array(2));
    const other = graph.parameter('other', [2], new Float32Array(2));
    expect(() => gradients(w, [w])).toThrow('The loss of gradients must be a scalar. Got the shape [2].');
    expect(() => gradients(reduceSum(w), [other])).toThrow(/does not depend on other/);
  });
});
