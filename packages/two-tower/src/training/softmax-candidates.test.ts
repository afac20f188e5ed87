import { row } from '@matome/primitives/linalg';
import { loadOnnxRuntime, type OnnxRuntime } from '@matome/primitives/onnx';
import { createRandom } from '@matome/primitives/random';
import { beforeAll, describe, expect, it } from 'vitest';
import { collaborativeData } from '../data/collaborative-data.js';
import { interactionMatrix } from '../data/interactions.js';
import { fitTwoTower } from './fit.js';
import type { SoftmaxLossOptions } from './training-options.js';

let runtime: OnnxRuntime;
beforeAll(async () => {
  runtime = await loadOnnxRuntime({ threads: 1 });
});

/** 12 users with 1 to 12 of 20 items. */
const random = createRandom(4);
const pairs = Array.from({ length: 12 }, (_, u) =>
  Array.from({ length: u + 1 }, () => [u, Math.floor(random() * 20)] as const),
).flat();
const train = interactionMatrix({ userRows: pairs.map(([u]) => u), itemRows: pairs.map(([, i]) => i) }, 12, 20);
const data = collaborativeData(train, { histories: false });
const itemsOf = (u: number) => [...train.indices.subarray(train.indptr[u]!, train.indptr[u + 1]!)];

const options = (loss: Partial<SoftmaxLossOptions>) => ({
  runtime,
  embeddingDim: 6,
  epochs: 1,
  batchSize: 7,
  // With next to no learning the loss of the only epoch is that of the first weights.
  learningRate: 1e-20,
  weightDecay: 0,
  user: { hidden: [] },
  item: { hidden: [] },
  loss: { kind: 'softmax' as const, temperature: 0.2, ...loss },
});

/** The mean over pairs of -log of the share of an item among itself and all that the user has not. */
async function byHand(loss: Partial<SoftmaxLossOptions>, weightOf: (user: number) => number): Promise<number> {
  const model = await fitTwoTower(data, options(loss));
  const users = await model.embedUsers(data.users);
  const items = await model.embedItems(data.items);
  const score = (u: number, i: number) =>
    row(users, u).reduce((sum, value, j) => sum + value * row(items, i)[j]!, 0) / 0.2;
  let total = 0;
  let weights = 0;
  for (let u = 0; u < 12; u++) {
    const own = itemsOf(u);
    const others = Array.from({ length: 20 }, (_, i) => i).filter((i) => !own.includes(i));
    const below = others.reduce((sum, i) => sum + Math.exp(score(u, i)), 0);
    for (const item of own) {
      total += weightOf(u) * (Math.log(below + Math.exp(score(u, item))) - score(u, item));
      weights += weightOf(u);
    }
  }
  await model.dispose();
  return total / weights;
}

describe('the softmax over all items', () => {
  it('is exact', async () => {
    const loss = { candidates: 'all' } as const;
    const model = await fitTwoTower(data, options(loss));
    expect(model.history[0]!.loss).toBeCloseTo(await byHand(loss, () => 1), 5);
    await model.dispose();
  });

  it.each([0.5, 1])('counts a pair of a user with n items n^-%d', async (balanceUsers) => {
    const loss = { candidates: 'all', balanceUsers } as const;
    const model = await fitTwoTower(data, options(loss));
    const expected = await byHand(loss, (u) => itemsOf(u).length ** -balanceUsers);
    expect(model.history[0]!.loss).toBeCloseTo(expected, 5);
    await model.dispose();
  });

  it('learns, and draws nothing whatever it is told to draw', async () => {
    const learning = { learningRate: 0.05, epochs: 6, batchSize: 32 };
    const [a, b] = await Promise.all(
      [0, 500].map((uniformNegatives) =>
        fitTwoTower(data, { ...options({ candidates: 'all', uniformNegatives }), ...learning }),
      ),
    );
    expect(a!.history.at(-1)!.loss).toBeLessThan(0.7 * a!.history[0]!.loss);
    expect(b!.toBytes()).toEqual(a!.toBytes());
  });
});
