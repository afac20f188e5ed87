import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  add,
  buildModel,
  concat,
  floatTensor,
  Graph,
  gather,
  gemm,
  integerTensor,
  loadOnnxRuntime,
  matMul,
  multiply,
  type OnnxRuntime,
  reduceMean,
  relu,
  reshape,
  softmax,
  transpose,
} from './index.js';

let runtime: OnnxRuntime;
beforeAll(async () => {
  runtime = await loadOnnxRuntime({ threads: 1 });
});
afterAll(() => runtime.dispose());

describe('Graph', () => {
  it('works shapes out with names for sizes known later', () => {
    const graph = new Graph();
    const x = graph.input('x', ['n', 'length', 8]);
    const w = graph.parameter('w', [8, 4], new Float32Array(32));
    expect(matMul(x, w).shape).toEqual(['n', 'length', 4]);
    expect(transpose(x).shape).toEqual(['n', 8, 'length']);
    expect(reshape(x, ['n', 'length', 2, 4]).shape).toEqual(['n', 'length', 2, 4]);
    expect(add(x, graph.input('row', [1, 8])).shape).toEqual(['n', 'length', 8]);
    expect(concat([x, x], 1).shape).toEqual(['n', 'length+length', 8]);
    expect(reduceMean(x, { axes: [1] }).shape).toEqual(['n', 8]);
  });

  it('refuses shapes that do not fit in one sentence', () => {
    const graph = new Graph();
    const a = graph.input('a', ['n', 3]);
    const b = graph.input('b', ['n', 4]);
    expect(() => add(a, b)).toThrow('The shapes [n, 3] and [n, 4] do not broadcast.');
    expect(() => matMul(a, b)).toThrow('The inner sizes of gemm must agree. Got [n, 3] and [n, 4].');
    expect(() => gemm(graph.input('c', [2]), b)).toThrow(/must be matrices/);
    expect(() => softmax(a, 2)).toThrow('The axis of softmax must be an integer in [-2, 1]. Got 2.');
    expect(() => transpose(a, [0, 0])).toThrow(/must name each axis/);
    expect(() => gather(a, b)).toThrow('The indices of gather must be int64. Got float32.');
    expect(() => reshape(a, ['p', 'q'])).toThrow(/work out one size only/);
    expect(() => reshape(graph.input('d', [2, 3]), [7])).toThrow(
      'reshape must keep the number of values. Got [2, 3] to [7].',
    );
    expect(() => concat([graph.input('e', [2, 3]), graph.input('f', [4, 3])], 1)).toThrow(
      'The values of concat must agree in all axes but 1. Got [2, 3] and [4, 3].',
    );
    expect(() => concat([], 0)).toThrow('The values of concat must be at least one. Got none.');
    expect(() => graph.input('g', [-1])).toThrow('must be names or integers from 0 on. Got [-1].');
  });

  it('refuses a name that stands twice, values that do not fill a shape, and values of another graph', () => {
    const graph = new Graph();
    const a = graph.input('a', [2]);
    expect(() => graph.input('a', [2])).toThrow('The name "a" stands twice in one graph.');
    expect(() => graph.parameter('w', [2, 2], new Float32Array(3))).toThrow(
      'The values of w given to Graph.parameter must fill [2, 2], 4 in all. Got 3.',
    );
    expect(() => add(a, new Graph().input('b', [2]))).toThrow(/b of Add belongs to another graph/);
    expect(() => floatTensor([2, 2], new Float32Array(3))).toThrow(/must fill \[2, 2\]/);
  });
});

describe('buildModel', () => {
  it('keeps only what the outputs need and fixes the weights given', async () => {
    const graph = new Graph();
    const x = graph.input('x', ['n', 2]);
    graph.input('unused', [1]);
    const w = graph.parameter('w', [2, 1], new Float32Array([1, 1]));
    const y = relu(matMul(x, w));
    multiply(y, 3);
    const free = await runtime.createSession(buildModel(graph, { y }));
    expect(free.inputs.map(({ name }) => name)).toEqual(['x', 'w']);
    const weights = { w: new Float32Array([2, -1]) };
    const fixed = await runtime.createSession(buildModel(graph, { y }, { weights, metadata: { made: 'here' } }));
    expect(fixed.inputs.map(({ name }) => name)).toEqual(['x']);
    expect(fixed.outputs).toEqual([{ name: 'y', type: 'float32', shape: ['n', 1] }]);
    const result = await fixed.run({ x: floatTensor([2, 2], new Float32Array([1, 1, 0, 5])) });
    expect([...(result.y!.data as Float32Array)]).toEqual([1, 0]);
  });

  it('writes the same bytes for the same graph', () => {
    const build = () => {
      const graph = new Graph();
      return buildModel(graph, { y: softmax(add(graph.input('x', ['n', 2]), 1)) });
    };
    expect(build()).toEqual(build());
  });

  it('writes a file for older operators', async () => {
    const graph = new Graph();
    const model = { y: relu(graph.input('x', [1])) };
    const session = await runtime.createSession(buildModel(graph, model, { opset: 17 }));
    expect([...((await session.run({ x: floatTensor([1], new Float32Array([-1])) })).y!.data as Float32Array)]).toEqual(
      [0],
    );
    // Opset 99 does not exist, so that the refusal shows that the number reaches the file.
    await expect(runtime.createSession(buildModel(graph, model, { opset: 99 }))).rejects.toThrow(/99/);
  });

  it('hands an input or a parameter on as an output', async () => {
    const graph = new Graph();
    const x = graph.input('x', [1]);
    const session = await runtime.createSession(buildModel(graph, { same: x, twice: add(x, x) }));
    const { same, twice } = await session.run({ x: floatTensor([1], new Float32Array([4])) });
    expect([same!.data[0], twice!.data[0]]).toEqual([4, 8]);
    expect(() => buildModel(graph, {})).toThrow('A model of buildModel needs at least one output.');
    expect(() => buildModel(graph, { x })).toThrow(/The output name "x" of buildModel/);
  });
});

describe('integerTensor', () => {
  it('holds negative and large numbers', () => {
    expect([...(integerTensor([3], [-1, 0, 2147483647]).data as BigInt64Array)]).toEqual([-1n, 0n, 2147483647n]);
  });
});
