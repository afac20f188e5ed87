import {
  adamW,
  createTrainStep,
  floatTensor,
  Graph,
  type GraphValue,
  loadOnnxRuntime,
  type OnnxRuntime,
  type OnnxTensor,
  sgd,
} from '@matome/primitives/onnx';
import { beforeAll, describe, expect, it } from 'vitest';
import { readFixture } from '../../../../test/support/read-fixture.js';
import { addTowerParameters, buildTower, type TowerShape, type TowerSide } from '../model/tower.js';
import { cosineCrossEntropy, sampledSoftmax } from './losses.js';

type Numbers = readonly number[] | readonly (readonly number[])[];
type Layers = Record<'w1' | 'b1' | 'w2' | 'b2' | 'w3' | 'b3', Numbers>;
interface Case {
  readonly loss: number;
  readonly grads: Record<TowerSide, Layers>;
}
interface SoftmaxCase extends Case {
  readonly name: string;
  readonly temperature: number;
  readonly logQ: boolean;
  readonly maskAccidentalHits: boolean;
  readonly itemProbability: readonly number[];
}
interface Reference {
  readonly weights: Record<TowerSide, Layers>;
  readonly userFeatures: readonly (readonly number[])[];
  readonly itemFeatures: readonly (readonly number[])[];
  readonly labels: readonly number[];
  readonly itemIds: readonly number[];
  readonly userVectors: readonly (readonly number[])[];
  readonly itemVectors: readonly (readonly number[])[];
  readonly bceCosine: Case & { readonly gradNorm: number };
  readonly bceScaled10: Case;
  readonly inBatchSoftmax: readonly SoftmaxCase[];
  readonly inBatchSoftmaxPositiveUncorrected: Case & { readonly temperature: number };
  readonly adamw: Steps;
  readonly adamwClipped: Steps & { readonly clipNorm: number };
}
interface Steps {
  readonly losses: readonly number[];
  readonly normsBeforeClip: readonly number[];
  readonly after3: Record<TowerSide, Layers>;
}

const reference = readFixture<Reference>('two-tower/reference');
const batch = 8;
const shapes: Record<TowerSide, TowerShape> = {
  user: { dense: 7, bags: [], hidden: [6, 4], embeddingDim: 3 },
  item: { dense: 5, bags: [], hidden: [6, 4], embeddingDim: 3 },
};

const layerNames = { w1: 'dense', b1: 'bias0', w2: 'weight1', b2: 'bias1', w3: 'weight2', b3: 'bias2' } as const;

/** PyTorch keeps a layer as `out × in`, we as `in × out`. */
function flat(values: Numbers): Float32Array {
  if (typeof values[0] === 'number') return Float32Array.from(values as number[]);
  const rows = values as readonly (readonly number[])[];
  return Float32Array.from(rows[0]!.flatMap((_, column) => rows.map((row) => row[column]!)));
}

function weightsOf(side: TowerSide, layers: Layers): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(layerNames).map(([theirs, ours]) => [`${side}.${ours}`, flat(layers[theirs as keyof Layers])]),
  );
}

interface Towers {
  readonly graph: Graph;
  readonly users: GraphValue;
  readonly items: GraphValue;
}

function towers(): Towers {
  const graph = new Graph();
  const tower = (side: TowerSide) => {
    const parameters = addTowerParameters(graph, side, shapes[side], weightsOf(side, reference.weights[side]));
    const dense = graph.input(`${side}.features`, [batch, shapes[side].dense]);
    return buildTower(side, shapes[side], parameters, { dense, bags: [] });
  };
  return { graph, users: tower('user'), items: tower('item') };
}

const rowsTensor = (rows: readonly (readonly number[])[]) =>
  floatTensor([rows.length, rows[0]!.length], Float32Array.from(rows.flat()));
const features = (): Record<string, OnnxTensor> => ({
  'user.features': rowsTensor(reference.userFeatures),
  'item.features': rowsTensor(reference.itemFeatures),
  labels: floatTensor([batch], Float32Array.from(reference.labels)),
});

let runtime: OnnxRuntime;
beforeAll(async () => {
  runtime = await loadOnnxRuntime({ threads: 1 });
});

/** One step of plain descent with rate 1 leaves `weight - gradient`. */
async function lossAndGradients(loss: GraphValue, feeds: Record<string, OnnxTensor>) {
  const step = await createTrainStep({ runtime, loss, optimizer: sgd({ learningRate: 1 }), clipNorm: 1e9 });
  const before = step.parameters();
  const result = await step.run(feeds);
  const after = step.parameters();
  const gradients = Object.fromEntries(
    Object.entries(before).map(([name, values]) => [name, values.map((value, i) => value - after[name]![i]!)]),
  );
  await step.dispose();
  return { ...result, gradients };
}

function expectClose(got: Float32Array, expected: Float32Array, tolerance = 1e-5): void {
  expect(got.length).toBe(expected.length);
  got.forEach((value, i) => {
    expect(Math.abs(value - expected[i]!)).toBeLessThan(tolerance);
  });
}

function expectCase(got: Awaited<ReturnType<typeof lossAndGradients>>, expected: Case): void {
  expect(Math.abs(got.loss - expected.loss)).toBeLessThan(1e-5);
  for (const side of ['user', 'item'] as const) {
    for (const [name, values] of Object.entries(weightsOf(side, expected.grads[side]))) {
      expectClose(got.gradients[name]!, values);
    }
  }
}

describe('towers', () => {
  it('give the vectors of the float64 reference', async () => {
    const { users, items, graph } = towers();
    const loss = cosineCrossEntropy(users, items, graph.input('labels', [batch]));
    const step = await createTrainStep({
      runtime,
      loss,
      optimizer: sgd({ learningRate: 0 }),
      outputs: { users, items },
    });
    const { outputs } = await step.run(features());
    expectClose(outputs.users!.data as Float32Array, Float32Array.from(reference.userVectors.flat()));
    expectClose(outputs.items!.data as Float32Array, Float32Array.from(reference.itemVectors.flat()));
  });
});

describe('cosineCrossEntropy', () => {
  it.each([
    ['bceCosine', 1],
    ['bceScaled10', 10],
  ] as const)('has loss and gradients of %s', async (name, scale) => {
    const { graph, users, items } = towers();
    const loss = cosineCrossEntropy(users, items, graph.input('labels', [batch]), scale);
    const got = await lossAndGradients(loss, features());
    expectCase(got, reference[name]);
    if (name === 'bceCosine') expect(got.gradientNorm).toBeCloseTo(reference.bceCosine.gradNorm, 5);
  });

  it.each([
    ['adamw', undefined],
    ['adamwClipped', 0.05],
  ] as const)('is led the same way by three steps of %s', async (name, clipNorm) => {
    for (const updates of ['graph', 'host'] as const) {
      const { graph, users, items } = towers();
      const loss = cosineCrossEntropy(users, items, graph.input('labels', [batch]));
      const optimizer = adamW({ learningRate: 1e-3, weightDecay: 1e-2 });
      const step = await createTrainStep({ runtime, loss, optimizer, updates, ...(clipNorm ? { clipNorm } : {}) });
      const { losses, normsBeforeClip, after3 } = reference[name];
      for (let i = 0; i < 3; i++) {
        const result = await step.run(features());
        expect(Math.abs(result.loss - losses[i]!)).toBeLessThan(1e-5);
        if (clipNorm) expect(Math.abs(result.gradientNorm - normsBeforeClip[i]!)).toBeLessThan(1e-5);
      }
      const parameters = step.parameters();
      for (const side of ['user', 'item'] as const) {
        for (const [key, values] of Object.entries(weightsOf(side, after3[side])))
          expectClose(parameters[key]!, values);
      }
    }
  });
});

describe('sampledSoftmax', () => {
  const excludedFeed = (sameItemToo: boolean): OnnxTensor => {
    const data = new Uint8Array(batch * batch);
    for (let a = 0; a < batch; a++) {
      for (let b = 0; b < batch; b++) {
        const same = reference.itemIds[a] === reference.itemIds[b];
        if (a === b || (sameItemToo && same)) data[a * batch + b] = 1;
      }
    }
    return { type: 'bool', dims: [batch, batch], data };
  };

  function lossOf(temperature: number, logQ: 'none' | 'standard' | 'corrected'): GraphValue {
    const { graph, users, items } = towers();
    const excluded = graph.input('excluded', [batch, batch], 'bool');
    const correction = logQ === 'none' ? undefined : graph.input('logQ', [1, batch]);
    const positiveCorrection = logQ === 'standard' ? graph.input('ownLogQ', [batch, 1]) : undefined;
    return sampledSoftmax({
      users,
      positives: items,
      candidates: [{ vectors: items, excluded, ...(correction ? { correction } : {}) }],
      inverseTemperature: 1 / temperature,
      ...(positiveCorrection ? { positiveCorrection } : {}),
    });
  }

  const logQ = Float32Array.from(reference.inBatchSoftmax[0]!.itemProbability, Math.log);

  it.each(reference.inBatchSoftmax.map((c) => [c.name, c] as const))('has loss and gradients of %s', async (_, c) => {
    const loss = lossOf(c.temperature, c.logQ ? 'standard' : 'none');
    const feeds = {
      ...features(),
      excluded: excludedFeed(c.maskAccidentalHits),
      ...(c.logQ ? { logQ: floatTensor([1, batch], logQ), ownLogQ: floatTensor([batch, 1], logQ) } : {}),
    };
    expectCase(await lossAndGradients(loss, feeds), c);
  });

  it('has loss and gradients of the corrected form, which leaves the positive alone', async () => {
    const expected = reference.inBatchSoftmaxPositiveUncorrected;
    const feeds = { ...features(), excluded: excludedFeed(false), logQ: floatTensor([1, batch], logQ) };
    expectCase(await lossAndGradients(lossOf(expected.temperature, 'corrected'), feeds), expected);
  });

  it('is 0 and has no gradient where every candidate is excluded', async () => {
    const everything: OnnxTensor = { type: 'bool', dims: [batch, batch], data: new Uint8Array(batch * batch).fill(1) };
    const { loss, gradients } = await lossAndGradients(lossOf(0.1, 'none'), { ...features(), excluded: everything });
    expect(loss).toBe(0);
    for (const values of Object.values(gradients)) expect(values.every((value) => value === 0)).toBe(true);
  });
});
