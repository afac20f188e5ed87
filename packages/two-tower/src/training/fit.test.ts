import { type CsrMatrix, createMatrix, csrFromRows, row } from '@matome/primitives/linalg';
import { loadOnnxRuntime, type OnnxRuntime } from '@matome/primitives/onnx';
import { createRandom } from '@matome/primitives/random';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeTensorFile } from '../artifacts/tensor-file.js';
import { collaborativeData } from '../data/collaborative-data.js';
import { interactionMatrix } from '../data/interactions.js';
import { productScorer } from '../evaluation/product-scorer.js';
import { evaluateRetrieval } from '../evaluation/retrieval.js';
import type { EncodedRows } from '../features/encoded-rows.js';
import { TwoTowerModel } from '../model/two-tower-model.js';
import { fitTwoTower } from './fit.js';
import type { TwoTowerOptions } from './training-options.js';

let runtime: OnnxRuntime;
beforeAll(async () => {
  runtime = await loadOnnxRuntime({ threads: 1 });
});

/** Users and items of four tastes; a user has half of the items of its taste, the other half is to be found. */
function tastes(): { train: CsrMatrix; test: CsrMatrix; items: EncodedRows } {
  const random = createRandom(11);
  const lists = { train: [[], []] as number[][], test: [[], []] as number[][] };
  for (let u = 0; u < 40; u++) {
    for (let i = u % 4; i < 48; i += 4) {
      const [users, items] = random() < 0.5 ? lists.train : lists.test;
      users!.push(u);
      items!.push(i);
    }
  }
  const matrix = ([userRows, itemRows]: number[][]) =>
    interactionMatrix({ userRows: userRows!, itemRows: itemRows! }, 40, 48);
  const tag = csrFromRows(
    Array.from({ length: 48 }, (_, i) => new Map([[i % 4, 1]])),
    4,
  );
  return { train: matrix(lists.train), test: matrix(lists.test), items: { dense: createMatrix(48, 0), bags: { tag } } };
}

const linear = { user: { hidden: [] }, item: { hidden: [] } };
const small = (): TwoTowerOptions => ({
  runtime,
  embeddingDim: 8,
  epochs: 4,
  batchSize: 64,
  learningRate: 0.02,
  ...linear,
});

describe('fitTwoTower', () => {
  const { train, test, items } = tastes();
  const data = collaborativeData(train, { items });
  const validation = { users: data.users, relevant: test, seen: train, k: 12 };

  it('learns what users of a taste have in common', async () => {
    const model = await fitTwoTower(data, { ...small(), epochs: 8, validation });
    expect(model.history[model.parts.bestEpoch - 1]!.recall).toBeGreaterThan(0.95);
    expect(model.history.at(-1)!.loss).toBeLessThan(model.history[0]!.loss);
    await model.dispose();
  });

  it.each(['corrected', 'standard', 'none'] as const)(
    'learns with drawn negatives, layers and logQ %s',
    async (logQ) => {
      const model = await fitTwoTower(data, {
        ...small(),
        epochs: 10,
        learningRate: 0.005,
        user: { hidden: [16], dropout: [0.1], bagDropout: { id: 0.2, history: 0.1 } },
        item: { hidden: [16], dropout: [0.1], bagDropout: { id: 0.5 } },
        loss: { kind: 'softmax', logQ, uniformNegatives: 16, learnTemperature: true, excludeKnown: logQ !== 'none' },
        schedule: 'linear',
        validation,
      });
      expect(model.history[model.parts.bestEpoch - 1]!.recall).toBeGreaterThan(0.8);
      expect(model.parts.temperature).not.toBe(0.1);
      expect(model.parts.temperature).toBeGreaterThan(0);
      await model.dispose();
    },
  );

  it('learns labelled pairs with the loss of the Python pipeline', async () => {
    const userRows: number[] = [];
    const itemRows: number[] = [];
    const labels: number[] = [];
    for (let u = 0; u < 40; u++) {
      for (let i = u % 3; i < 48; i += 1 + (u % 3)) {
        userRows.push(u);
        itemRows.push(i);
        labels.push(i % 4 === u % 4 ? 1 : 0);
      }
    }
    const labelled = { users: data.users, items, interactions: { userRows, itemRows }, labels };
    const options = {
      ...small(),
      epochs: 12,
      loss: { kind: 'bce' as const },
      user: { hidden: [16] },
      item: { hidden: [32] },
    };
    const model = await fitTwoTower(labelled, { ...options, validation });
    expect(model.history.at(-1)!.loss).toBeLessThan(0.58);
    expect(model.history[model.parts.bestEpoch - 1]!.recall).toBeGreaterThan(0.8);
    await model.dispose();
  });

  it('gives the same bytes for the same seed and others for another', async () => {
    const options = { ...small(), epochs: 2, user: { hidden: [8] }, item: { hidden: [8] }, validation };
    const [a, b, c] = [
      (await fitTwoTower(data, options)).toBytes(),
      (await fitTwoTower(data, options)).toBytes(),
      (await fitTwoTower(data, { ...options, seed: 43 })).toBytes(),
    ];
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
  });

  it('gives the bytes of an uninterrupted run when resumed', async () => {
    const options = {
      ...small(),
      user: { hidden: [8] },
      loss: { kind: 'softmax' as const, uniformNegatives: 4, learnTemperature: true },
      validation,
      historyDropout: 0.3,
      averageEpochs: 1.5,
    };
    const checkpoints: Uint8Array[] = [];
    const whole = await fitTwoTower(data, { ...options, onCheckpoint: (bytes) => void checkpoints.push(bytes) });
    const stop = new AbortController();
    const interrupted = fitTwoTower(data, {
      ...options,
      signal: stop.signal,
      onCheckpoint: (_, { epoch }) => {
        if (epoch === 2) stop.abort(new Error('killed'));
      },
    });
    await expect(interrupted).rejects.toThrow('killed');
    for (const resume of [checkpoints[1]!, checkpoints.at(-1)!]) {
      expect((await fitTwoTower(data, { ...options, resume })).toBytes()).toEqual(whole.toBytes());
    }
  });

  it('refuses to resume what is not its own', async () => {
    const checkpoints: Uint8Array[] = [];
    await fitTwoTower(data, { ...small(), epochs: 1, onCheckpoint: (bytes) => void checkpoints.push(bytes) });
    const resume = checkpoints[0]!;
    await expect(fitTwoTower(data, { ...small(), seed: 7, resume })).rejects.toThrow(
      'The checkpoint given to resume belongs to a run of other data or options.',
    );
    const { history: _, ...plain } = data;
    for (const other of [plain, { ...data, userGroups: new Uint32Array(40) }]) {
      await expect(fitTwoTower(other, { ...small(), epochs: 1, resume })).rejects.toThrow('a run of other data or');
    }
    await expect(fitTwoTower(data, { ...small(), resume: resume.slice(0, 100) })).rejects.toThrow(
      'not a whole safetensors',
    );
    const model = await fitTwoTower(data, { ...small(), epochs: 1 });
    await expect(fitTwoTower(data, { ...small(), resume: model.toBytes() })).rejects.toThrow('not a checkpoint');
  });

  it('keeps the weights of the best epoch, not of the last', async () => {
    // A rate this high lets later epochs undo what the first ones learned.
    const options = {
      ...small(),
      epochs: 12,
      learningRate: 3,
      weightDecay: 0.3,
      validation: { ...validation, patience: 3 },
    };
    const model = await fitTwoTower(data, options);
    const recalls = model.history.map(({ recall }) => recall!);
    const best = Math.max(...recalls);
    expect(recalls.at(-1)).toBeLessThan(best);
    const users = await model.embedUsers(data.users);
    const vectors = await model.embedItems(data.items);
    const { scorer, dispose } = await productScorer(runtime, users, vectors);
    const { at } = await evaluateRetrieval(scorer, { relevant: test, seen: train }, { ks: [12] });
    expect(at[12]!.recall).toBeCloseTo(recalls[model.parts.bestEpoch - 1]!, 12);
    expect(model.history.length).toBe(Math.min(12, model.parts.bestEpoch + 3));
    await dispose();
    await model.dispose();
  });

  it('gives back the mean of the weights of several epochs', async () => {
    const checkpoints: Uint8Array[] = [];
    const options = { ...small(), batchSize: 10_000, averageEpochs: 9 };
    const means = await fitTwoTower(data, { ...options, onCheckpoint: (bytes) => void checkpoints.push(bytes) });
    const moments: TwoTowerModel[] = [];
    // Of one step each: the weights after 1, 2, 3 and 4 steps.
    for (const epochs of [1, 2, 3, 4]) moments.push(await fitTwoTower(data, { ...small(), batchSize: 10_000, epochs }));
    for (const [name, mean] of Object.entries(means.parts.weights)) {
      mean.forEach((value, i) => {
        const sum = moments.reduce((total, { parts }) => total + parts.weights[name]![i]!, 0);
        expect(value).toBeCloseTo(sum / 4, 5);
      });
    }
    expect(checkpoints).toHaveLength(4);
  });

  it('leaves the item of a pair out of the history of its user', async () => {
    // With next to no learning the loss of the only epoch is that of the first weights.
    const bce = { kind: 'bce' as const };
    const still = { ...small(), epochs: 1, learningRate: 1e-20, weightDecay: 0, batchSize: 100_000, loss: bce };
    const model = await fitTwoTower(data, still);
    const { userRows, itemRows } = data.interactions;
    const histories = Array.from(userRows, (u, pair) => {
      const own = [...train.indices.subarray(train.indptr[u]!, train.indptr[u + 1]!)].filter(
        (i) => i !== itemRows[pair],
      );
      return new Map(own.map((i) => [i, 1 / Math.sqrt(own.length)]));
    });
    const rows: EncodedRows = {
      dense: createMatrix(userRows.length, 0),
      bags: {
        id: csrFromRows(
          Array.from(userRows, (u) => new Map([[u, 1]])),
          40,
        ),
        history: csrFromRows(histories, 48),
      },
    };
    const users = await model.embedUsers(rows);
    const vectors = await model.embedItems(data.items);
    let expected = 0;
    for (let pair = 0; pair < userRows.length; pair++) {
      const a = row(users, pair);
      const b = row(vectors, itemRows[pair]!);
      const cosine = a.reduce((sum, value, j) => sum + value * b[j]!, 0);
      expected += Math.log1p(Math.exp(-cosine)) / userRows.length;
    }
    expect(model.history[0]!.loss).toBeCloseTo(expected, 5);
    await model.dispose();
  });

  it('puts a bag where the columns of a dense matrix would stand', async () => {
    const bags = await fitTwoTower(data, { ...small(), epochs: 1 });
    const onehot = createMatrix(48, 4);
    for (let i = 0; i < 48; i++) onehot.data[i * 4 + (i % 4)] = 1;
    const { weights, item } = bags.parts;
    const dense = new TwoTowerModel(runtime, {
      ...bags.parts,
      item: { ...item, dense: 4, bags: item.bags.filter(({ name }) => name !== 'tag') },
      weights: { ...weights, 'item.dense': weights['item.bag.tag']! },
    });
    const a = await bags.embedItems(data.items);
    const b = await dense.embedItems({ dense: onehot, bags: { id: data.items.bags.id! } });
    a.data.forEach((value, i) => {
      expect(value).toBeCloseTo(b.data[i]!, 6);
    });
  });

  it('says how far it has come and stops when told to', async () => {
    const epochs: number[] = [];
    const stages = new Set<string>();
    let time = 0;
    await fitTwoTower(data, {
      ...small(),
      epochs: 2,
      onEpoch: ({ epoch }) => epochs.push(epoch),
      onProgress: ({ stage }) => stages.add(stage),
      now: () => (time += 100),
    });
    expect(epochs).toEqual([1, 2]);
    expect(stages).toEqual(new Set(['train', 'validate']));
    await expect(fitTwoTower(data, { ...small(), signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow(
      'stop',
    );
    expect(runtime.sessionCount).toBeLessThan(20);
  });

  it('accepts one user, one item and a batch larger than the data', async () => {
    const one = collaborativeData(interactionMatrix({ userRows: [0], itemRows: [0] }, 1, 1));
    const model = await fitTwoTower(one, { ...small(), epochs: 1 });
    expect((await model.embedUsers(one.users)).data.every(Number.isFinite)).toBe(true);
    await model.dispose();
  });

  it('refuses data and options that make no sense', async () => {
    const fit = (change: object, options: object = {}) =>
      fitTwoTower({ ...data, ...change }, { ...small(), ...options });
    const pairs = data.interactions.userRows.length;
    await expect(fit({ interactions: { userRows: [], itemRows: [] } })).rejects.toThrow(
      'must hold at least one pair. Got none.',
    );
    await expect(fit({ interactions: { userRows: [40], itemRows: [0] } })).rejects.toThrow('Pair 0 is (40, 0).');
    await expect(fit({ labels: [1] })).rejects.toThrow(`must be 0 or 1, one for each of the ${pairs} pairs.`);
    await expect(fit({ labels: new Array(pairs).fill(0) })).rejects.toThrow('at least one 1 for the softmax loss');
    await expect(fit({ history: 'nothing' })).rejects.toThrow('must be a user bag with 48 columns');
    await expect(fit({ userGroups: [0] })).rejects.toThrow('must name 40 groups. Got 1.');
    const nan = { dense: { data: new Float32Array(48).fill(Number.NaN), rows: 48, cols: 1 }, bags: {} };
    await expect(fit({ items: nan })).rejects.toThrow('The item features of fitTwoTower must hold finite numbers.');
    const none = { dense: createMatrix(48, 0), bags: {} };
    await expect(fit({ items: none })).rejects.toThrow(
      'The item features of fitTwoTower must have at least one column.',
    );
    await expect(fit({}, { epochs: 0 })).rejects.toThrow(
      'The epochs option of fitTwoTower must be an integer in [1, ∞). Got 0.',
    );
    await expect(fit({}, { user: { hidden: [4], dropout: [] } })).rejects.toThrow(
      'one rate for each of the 1 hidden layers',
    );
    await expect(fit({}, { user: { hidden: [], bagDropout: { x: 0.5 } } })).rejects.toThrow('names no bag "x"');
    await expect(fit({}, { loss: { kind: 'softmax', temperature: 0 } })).rejects.toThrow('loss.temperature');
    await expect(
      fit({}, { validation: { ...validation, relevant: interactionMatrix({ userRows: [], itemRows: [] }, 1, 48) } }),
    ).rejects.toThrow('The validation users of fitTwoTower must number 1');
    const nothing = interactionMatrix({ userRows: [], itemRows: [] }, 40, 48);
    await expect(fit({}, { validation: { ...validation, relevant: nothing } })).rejects.toThrow(
      'The validation of fitTwoTower must hold at least one relevant item. Got none.',
    );
    const narrow = interactionMatrix({ userRows: [0], itemRows: [0] }, 40, 47);
    await expect(fit({}, { validation: { users: data.users, relevant: narrow } })).rejects.toThrow(
      'The validation of fitTwoTower must be over the 48 items. Got 47.',
    );
    const unknown = csrFromRows([...Array(47).fill(new Map()), new Map([[0, Number.NaN]])], 1);
    await expect(fit({ items: { dense: createMatrix(48, 1), bags: { unknown } } })).rejects.toThrow(
      'The item features of fitTwoTower must hold finite numbers.',
    );
  });

  it('refuses infinite options, and a loss that is no number any more', async () => {
    for (const option of ['learningRate', 'weightDecay', 'clipNorm', 'averageEpochs']) {
      await expect(fitTwoTower(data, { ...small(), [option]: Number.POSITIVE_INFINITY })).rejects.toThrow(
        `The ${option} option of fitTwoTower must be a number in`,
      );
    }
    await expect(fitTwoTower(data, { ...small(), betas: [1, 0.9] })).rejects.toThrow(
      'The betas[0] option of fitTwoTower must be a number in [0, 1). Got 1.',
    );
    await expect(fitTwoTower(data, { ...small(), learningRate: 1e30 })).rejects.toThrow(
      /The loss of fitTwoTower must stay a finite number\. It is NaN in epoch \d: try a lower learningRate\./,
    );
  });

  it('takes any numbers for groups of users', async () => {
    const groups = Array.from({ length: 40 }, (_, u) => u >> 1);
    const bytes = async (userGroups: number[]) =>
      (await fitTwoTower({ ...data, userGroups }, { ...small(), epochs: 1 })).toBytes();
    expect(await bytes(groups.map((group) => 4e9 - 7 * group))).toEqual(await bytes(groups));
  });
});

describe('TwoTowerModel', () => {
  const { train, items } = tastes();
  const data = collaborativeData(train, { items, userIds: false });

  it('survives its file', async () => {
    const model = await fitTwoTower(data, { ...small(), epochs: 1 });
    const bytes = model.toBytes();
    const copy = TwoTowerModel.fromBytes(bytes, runtime);
    expect(copy.toBytes()).toEqual(bytes);
    expect((await copy.embedItems(data.items)).data).toEqual(
      (await model.embedItems(data.items, { batchSize: 7 })).data,
    );
    expect(copy.history).toEqual(model.history);
  });

  it('refuses files that are not models and features that do not fit', async () => {
    const model = await fitTwoTower(data, { ...small(), epochs: 1 });
    const bytes = model.toBytes();
    expect(() => TwoTowerModel.fromBytes(bytes.slice(0, -1), runtime)).toThrow('not a whole safetensors file');
    expect(() => TwoTowerModel.fromBytes(new Uint8Array(3), runtime)).toThrow(
      expect.objectContaining({ code: 'MALFORMED' }),
    );
    const text = new TextDecoder('latin1').decode(bytes).replace('"version":"1"', '"version":"9"');
    expect(() =>
      TwoTowerModel.fromBytes(
        Uint8Array.from(text, (c) => c.charCodeAt(0)),
        runtime,
      ),
    ).toThrow('of version 1 can be read. Got "9".');
    for (const description of [undefined, '{', 'null', '{"user":{}}']) {
      const metadata = {
        kind: 'two-tower',
        version: '1',
        ...(description === undefined ? {} : { model: description }),
      };
      expect(() => TwoTowerModel.fromBytes(writeTensorFile({ tensors: {}, metadata }), runtime)).toThrow(
        'The model file does not describe its towers.',
      );
    }
    await expect(model.embedItems(data.users)).rejects.toThrow('The bag tag of the item features must have 4 columns.');
    await expect(model.embedUsers({ dense: createMatrix(1, 2), bags: {} })).rejects.toThrow('0 dense columns. Got 2.');
  });
});
