import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csrFromRows } from '../linalg/index.js';
import { createRandom, normalSample } from '../random/index.js';
import {
  adamW,
  add,
  concat,
  createTrainStep,
  EmbeddingTable,
  floatTensor,
  Graph,
  type GraphValue,
  gather,
  gemm,
  integerTensor,
  l2Normalize,
  linearSchedule,
  loadOnnxRuntime,
  logSoftmax,
  matMul,
  multiply,
  negate,
  type OnnxRuntime,
  reduceMean,
  reduceSum,
  relu,
  sgd,
  softplus,
  subtract,
  type TrainStepOptions,
  transpose,
} from './index.js';

type Tower = Readonly<Record<string, number[] | number[][]>>;
interface Reference {
  readonly weights: { readonly user: Tower; readonly item: Tower };
  readonly userFeatures: number[][];
  readonly itemFeatures: number[][];
  readonly labels: number[];
  readonly bceCosine: { loss: number; gradNorm: number };
  readonly inBatchSoftmax: { name: string; temperature: number; loss: number }[];
  readonly adamw: { losses: number[]; after3: { user: Tower; item: Tower } };
  readonly adamwClipped: {
    losses: number[];
    clipNorm: number;
    normsBeforeClip: number[];
    after3: Reference['weights'];
  };
}

const fixture = new URL('../../../../test/fixtures/two-tower/reference.json.gz', import.meta.url);
const reference = JSON.parse(gunzipSync(readFileSync(fixture)).toString('utf8')) as Reference;
const flat = (values: number[] | number[][]) => Float32Array.from(values.flat());

let runtime: OnnxRuntime;
beforeAll(async () => {
  runtime = await loadOnnxRuntime({ threads: 2 });
});
afterAll(() => runtime.dispose());

function tower(graph: Graph, side: 'user' | 'item', x: GraphValue): GraphValue {
  const w = reference.weights[side];
  const layer = (input: GraphValue, i: number) => {
    const weights = w[`w${i}`] as number[][];
    const value = graph.parameter(`${side}.w${i}`, [weights.length, weights[0]!.length], flat(weights));
    const bias = graph.parameter(`${side}.b${i}`, [weights.length], flat(w[`b${i}`]!));
    return gemm(input, value, { transposeB: true }, bias);
  };
  return l2Normalize(layer(relu(layer(relu(layer(x, 1)), 2)), 3));
}

function bceOnCosine() {
  const graph = new Graph();
  const user = tower(graph, 'user', graph.input('user', ['batch', 7]));
  const item = tower(graph, 'item', graph.input('item', ['batch', 5]));
  const cosine = reduceSum(multiply(user, item), { axes: [1] });
  const loss = reduceMean(subtract(softplus(cosine), multiply(cosine, graph.input('label', ['batch']))));
  return { graph, loss };
}

const feeds = {
  user: floatTensor([8, 7], flat(reference.userFeatures)),
  item: floatTensor([8, 5], flat(reference.itemFeatures)),
  label: floatTensor([8], flat(reference.labels)),
};

function largestDifference(parameters: Record<string, Float32Array>, expected: Reference['weights']): number {
  let worst = 0;
  for (const side of ['user', 'item'] as const) {
    for (const [name, values] of Object.entries(expected[side])) {
      const got = parameters[`${side}.${name}`]!;
      flat(values).forEach((value, i) => {
        worst = Math.max(worst, Math.abs(value - got[i]!));
      });
    }
  }
  return worst;
}

async function run(options: Partial<TrainStepOptions>, steps = 3) {
  const step = await createTrainStep({
    runtime,
    loss: bceOnCosine().loss,
    optimizer: adamW({ learningRate: 1e-3 }),
    ...options,
  });
  const losses: number[] = [];
  const norms: number[] = [];
  for (let i = 0; i < steps; i++) {
    const { loss, gradientNorm } = await step.run(feeds);
    losses.push(loss);
    norms.push(gradientNorm);
  }
  const parameters = step.parameters();
  await step.dispose();
  return { losses, norms, parameters };
}

describe('createTrainStep', () => {
  for (const updates of ['graph', 'host'] as const) {
    it(`follows the reference for three AdamW steps, updates in the ${updates}`, async () => {
      const { losses, parameters } = await run({ updates });
      losses.forEach((loss, i) => {
        expect(loss).toBeCloseTo(reference.adamw.losses[i]!, 5);
      });
      expect(largestDifference(parameters, reference.adamw.after3)).toBeLessThan(2e-6);
    });

    it(`follows the reference with the gradient clipped, updates in the ${updates}`, async () => {
      const { clipNorm, normsBeforeClip, after3 } = reference.adamwClipped;
      const { norms, parameters } = await run({ updates, clipNorm });
      norms.forEach((norm, i) => {
        expect(norm).toBeCloseTo(normsBeforeClip[i]!, 5);
      });
      expect(largestDifference(parameters, after3)).toBeLessThan(2e-6);
    });

    it(`gives the same bytes for the same feeds, updates in the ${updates}`, async () => {
      const options = { updates, clipNorm: 0.1 } as const;
      expect((await run(options, 5)).parameters).toEqual((await run(options, 5)).parameters);
    });

    it(`descends with momentum, updates in the ${updates}`, async () => {
      const optimizer = sgd({ learningRate: 0.5, momentum: 0.9, weightDecay: 1e-4 });
      const { losses } = await run({ updates, optimizer }, 20);
      expect(losses[19]!).toBeLessThan(losses[0]! - 0.1);
    });
  }

  it('gives the same parameters with momentum in the graph and on the host', async () => {
    const optimizer = sgd({ learningRate: 0.1, momentum: 0.9, weightDecay: 1e-3 });
    const inGraph = await run({ optimizer, updates: 'graph' }, 5);
    const onHost = await run({ optimizer, updates: 'host' }, 5);
    for (const [name, values] of Object.entries(onHost.parameters)) {
      values.forEach((value, i) => {
        expect(Math.abs(value - inGraph.parameters[name]![i]!)).toBeLessThan(1e-6);
      });
    }
  });

  it('computes the in-batch softmax of the reference', async () => {
    const graph = new Graph();
    const user = tower(graph, 'user', graph.input('user', [8, 7]));
    const item = tower(graph, 'item', graph.input('item', [8, 5]));
    const scores = multiply(matMul(user, transpose(item)), 1 / 0.2);
    const own = graph.constant(
      [8, 8],
      Float32Array.from({ length: 64 }, (_, i) => (i % 9 === 0 ? 1 / 8 : 0)),
    );
    const loss = negate(reduceSum(multiply(logSoftmax(scores), own)));
    const step = await createTrainStep({ runtime, loss, optimizer: sgd({ learningRate: 0.1 }) });
    expect((await step.run(feeds)).loss).toBeCloseTo(reference.inBatchSoftmax[0]!.loss, 5);
    await step.dispose();
  });

  it('goes on from a saved state as if it had not stopped', async () => {
    const make = () => createTrainStep({ runtime, loss: bceOnCosine().loss, optimizer: adamW({ learningRate: 0.01 }) });
    const first = await make();
    for (let i = 0; i < 3; i++) await first.run(feeds);
    const saved = first.state();
    await first.run(feeds);
    const second = await make();
    second.restore(saved);
    await second.run(feeds);
    expect(second.step).toBe(4);
    expect(second.parameters()).toEqual(first.parameters());
    expect(() => second.restore({ ...saved, parameters: {} })).toThrow(/does not hold 42 values of user.w1/);
    await Promise.all([first.dispose(), second.dispose()]);
  });

  it('gives further outputs back and leaves the caller’s arrays alone', async () => {
    const graph = new Graph();
    const initial = new Float32Array([1, 1]);
    const w = graph.parameter('w', [2], initial);
    const loss = reduceSum(multiply(w, graph.input('x', [2])));
    const scaled = multiply(w, 10);
    const step = await createTrainStep({ runtime, loss, optimizer: sgd({ learningRate: 1 }), outputs: { scaled } });
    const { outputs } = await step.run({ x: floatTensor([2], new Float32Array([1, 2])) });
    expect([...(outputs.scaled!.data as Float32Array)]).toEqual([10, 10]);
    expect([...step.parameters().w!]).toEqual([0, -1]);
    expect([...initial]).toEqual([1, 1]);
    await step.dispose();
  });

  it('names a missing input and a bad option in one sentence', async () => {
    const step = await createTrainStep({ runtime, loss: bceOnCosine().loss, optimizer: sgd({ learningRate: 1 }) });
    await expect(step.run({ user: feeds.user })).rejects.toThrow(/The input "item" .* was not given\./);
    await step.dispose();
    const { loss } = bceOnCosine();
    const optimizer = sgd({ learningRate: 1 });
    await expect(createTrainStep({ runtime, loss, optimizer, clipNorm: 0 })).rejects.toThrow(
      'The clipNorm option of createTrainStep must be a number in (0, ∞). Got 0.',
    );
    const tables = [new EmbeddingTable({ name: 't', rows: 1, cols: 1 })];
    await expect(createTrainStep({ runtime, loss, optimizer, tables, updates: 'graph' })).rejects.toThrow(
      /needs updates: 'host'/,
    );
    const graph = new Graph();
    await expect(createTrainStep({ runtime, loss: reduceMean(graph.input('x', ['n'])), optimizer })).rejects.toThrow(
      'The loss of createTrainStep must depend on a parameter or table. The graph has none.',
    );
    expect(() => sgd({ learningRate: 1, momentum: 1 })).toThrow('must be a number in [0, 1). Got 1.');
    expect(() => adamW({ learningRate: 1, beta2: 1 })).toThrow('must be a number in [0, 1). Got 1.');
  });
  it('refuses a step while another one runs, and goes on after a failure', async () => {
    for (const updates of ['graph', 'host'] as const) {
      const optimizer = sgd({ learningRate: 1 });
      const step = await createTrainStep({ runtime, loss: bceOnCosine().loss, optimizer, updates });
      const [first, second] = await Promise.allSettled([step.run(feeds), step.run(feeds)]);
      expect(first.status).toBe('fulfilled');
      expect(second).toMatchObject({
        reason: { message: 'A step of createTrainStep must end before the next one begins.' },
      });
      await expect(step.run({})).rejects.toThrow('was not given');
      await step.run(feeds);
      expect(step.step).toBe(2);
      await step.dispose();
    }
  });
});

describe('EmbeddingTable', () => {
  const rows = 6;
  const cols = 3;
  const random = createRandom(5);
  const start = Float32Array.from({ length: rows * cols }, () => normalSample(random));
  const bags = csrFromRows(
    [
      new Map([
        [0, 1],
        [2, 2],
      ]),
      new Map([[2, 1]]),
      new Map([
        [1, 0.5],
        [5, 1],
      ]),
    ],
    rows,
  );
  const target = floatTensor(
    [3, cols],
    Float32Array.from({ length: 9 }, () => normalSample(random)),
  );
  const squaredError = (graph: Graph, y: GraphValue) => {
    const error = subtract(y, graph.input('target', [3, cols]));
    return reduceSum(multiply(error, error));
  };

  async function trainTable(optimizer = sgd({ learningRate: 0.05 }), clipNorm?: number) {
    const graph = new Graph();
    const table = new EmbeddingTable({
      name: 't',
      rows,
      cols,
      values: start,
      rowWeights: new Float32Array(rows).fill(1),
    });
    const loss = squaredError(graph, table.bag(graph, 'bags', 3));
    const step = await createTrainStep({ runtime, loss, optimizer, tables: [table], clipNorm });
    const result = await step.run({ bags, target });
    await step.dispose();
    return { table, result };
  }

  async function trainDense(optimizer = sgd({ learningRate: 0.05 }), clipNorm?: number) {
    const graph = new Graph();
    const rowWeights = graph.parameter('weights', [rows, 1], new Float32Array(rows).fill(1));
    const values = multiply(graph.parameter('values', [rows, cols], start), rowWeights);
    const dense = new Float32Array(3 * rows);
    for (let b = 0; b < 3; b++) {
      for (let k = bags.indptr[b]!; k < bags.indptr[b + 1]!; k++) dense[b * rows + bags.indices[k]!] = bags.data[k]!;
    }
    const loss = squaredError(graph, matMul(graph.constant([3, rows], dense), values));
    const step = await createTrainStep({ runtime, loss, optimizer, clipNorm });
    const result = await step.run({ target });
    const parameters = step.parameters();
    await step.dispose();
    return { parameters, result };
  }

  for (const clipNorm of [undefined, 0.5]) {
    it(`learns rows and row weights as a dense product does, clipNorm ${clipNorm}`, async () => {
      const sparse = await trainTable(undefined, clipNorm);
      const dense = await trainDense(undefined, clipNorm);
      expect(sparse.result.loss).toBeCloseTo(dense.result.loss, 4);
      if (clipNorm) expect(sparse.result.gradientNorm).toBeCloseTo(dense.result.gradientNorm, 3);
      dense.parameters.values!.forEach((value, i) => {
        expect(sparse.table.values[i]!).toBeCloseTo(value, 5);
      });
      dense.parameters.weights!.forEach((value, i) => {
        expect(sparse.table.rowWeights![i]!).toBeCloseTo(value, 5);
      });
    });
  }

  it('leaves rows that no bag reads as they are', async () => {
    const { table } = await trainTable(adamW({ learningRate: 0.1 }));
    expect([...table.values.subarray(9, 15)]).toEqual([...start.subarray(9, 15)]);
    expect(table.values[0]).not.toBe(start[0]);
  });

  it('is shared by several bags and grows past its first capacity', async () => {
    const graph = new Graph();
    const table = new EmbeddingTable({ name: 'big', rows: 5000, cols: 2, values: new Float32Array(10_000).fill(1) });
    const a = table.bag(graph, 'a', 'n');
    const b = table.bag(graph, 'b', 'n');
    const loss = reduceSum(add(reduceSum(a, { axes: [1] }), reduceSum(b, { axes: [1] })));
    const step = await createTrainStep({ runtime, loss, optimizer: sgd({ learningRate: 1 }), tables: [table] });
    const every = csrFromRows(
      Array.from({ length: 5000 }, (_, i) => new Map([[i, 1]])),
      5000,
    );
    await step.run({ a: every, b: every });
    expect(new Set(table.values)).toEqual(new Set([-1]));
    await expect(step.run({ a: every })).rejects.toThrow('The bags "b" of the table big must be fed a sparse matrix.');
    await step.dispose();
  });

  it('goes on from a state as if it had never stopped', async () => {
    const build = async () => {
      const graph = new Graph();
      const rowWeights = new Float32Array(rows).fill(1);
      const table = new EmbeddingTable({ name: 't', rows, cols, values: start, rowWeights });
      const loss = squaredError(graph, table.bag(graph, 'bags', 3));
      const optimizer = adamW({ learningRate: 0.1 });
      return { table, step: await createTrainStep({ runtime, loss, optimizer, tables: [table] }) };
    };
    const whole = await build();
    const parts = [await build(), await build()];
    await whole.step.run({ bags, target });
    await parts[0]!.step.run({ bags, target });
    parts[1]!.step.restore(parts[0]!.step.state());
    parts[1]!.table.restore(parts[0]!.table.state());
    await whole.step.run({ bags, target });
    await parts[1]!.step.run({ bags, target });
    expect(parts[1]!.table.state()).toEqual(whole.table.state());
    const other = new EmbeddingTable({ name: 'other', rows, cols: 2 });
    expect(() => other.restore(whole.table.state())).toThrow('The state given to restore is not of the table other.');
  });

  it('refuses values that do not fill it and bags that are too wide', () => {
    expect(() => new EmbeddingTable({ name: 't', rows: 2, cols: 2, values: new Float32Array(3) })).toThrow(
      'The values of the table t must number 4. Got 3.',
    );
    const table = new EmbeddingTable({ name: 't', rows: 2, cols: 2 });
    expect(() => table.pool(csrFromRows([], 3))).toThrow(/at most 2 columns. Got 3/);
  });
});

describe('gather in training', () => {
  it('moves only the rows that were read', async () => {
    const graph = new Graph();
    const table = graph.parameter('table', [4, 2], new Float32Array(8));
    const rows = gather(table, graph.input('ids', ['n'], 'int64'));
    const loss = reduceSum(subtract(concat([rows, rows], 1), 1));
    const step = await createTrainStep({ runtime, loss, optimizer: sgd({ learningRate: 1 }) });
    await step.run({ ids: integerTensor([3], [2, 0, 2]) });
    expect([...step.parameters().table!]).toEqual([-2, -2, 0, 0, -4, -4, 0, 0]);
    await step.dispose();
  });
});

describe('linearSchedule', () => {
  it('rises over the warm-up and falls to the final share', () => {
    const rate = linearSchedule({ learningRate: 2, totalSteps: 10, warmupSteps: 4, finalShare: 0.1 });
    expect([1, 4, 7, 10, 99].map(rate)).toEqual([0.5, 2, 1.1, 0.2, 0.2]);
  });

  it('refuses a warm-up longer than the run', () => {
    expect(() => linearSchedule({ learningRate: 1, totalSteps: 2, warmupSteps: 3 })).toThrow(
      'The warmupSteps option of linearSchedule must be an integer in [0, 2]. Got 3.',
    );
  });
});
