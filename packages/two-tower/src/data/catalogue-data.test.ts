import { loadOnnxRuntime } from '@matome/primitives/onnx';
import { createRandom } from '@matome/primitives/random';
import { describe, expect, it } from 'vitest';
import { fitTwoTower } from '../training/fit.js';
import { embedCatalogue, prepareCatalogue } from './catalogue-data.js';
import type { Catalogue, DecisionRecord, VideoRecord } from './records.js';

const day = (n: number) => new Date(Date.UTC(2024, 0, 1 + n));

/** Users who like items of one tag. */
function tagCatalogue(users = 24, items = 40): Catalogue {
  const random = createRandom(5);
  const videos: VideoRecord[] = Array.from({ length: items }, (_, i) => ({
    id: `v${String(i).padStart(2, '0')}`,
    price: 100 + i,
    durationSeconds: 60 * i,
    productReleasedAt: day(-i),
    tags: [`t${i % 4}`],
    performers: [`p${i % 4}`],
  }));
  const decisions: DecisionRecord[] = [];
  for (let u = 0; u < users; u++) {
    for (let n = 0; n < 16; n++) {
      const like = random() < 0.6;
      const place = Math.floor((random() * items) / 4) * 4 + (like ? u % 4 : (u + 1 + Math.floor(random() * 3)) % 4);
      decisions.push({ userId: `u${u}`, videoId: videos[place]!.id, decisionType: like ? 'like' : 'nope', createdAt: day(10 + n) });
    }
  }
  return { profiles: Array.from({ length: users }, (_, u) => ({ userId: `u${u}`, createdAt: day(u % 5) })), videos, decisions };
}

describe('prepareCatalogue', () => {
  const catalogue = tagCatalogue();

  it('makes one user row a training sample, as of just before it', () => {
    const { data, samples, userEncoder } = prepareCatalogue(catalogue);
    expect(data.users.dense.rows).toBe(samples.train);
    // The first sample is the first like of a user, who had liked nothing before: the mean of counts says so.
    const likes = userEncoder.schema.segments[0]!.features!.indexOf('like_count');
    const column = Array.from({ length: samples.train }, (_, i) => data.users.dense.data[i * data.users.dense.cols + likes]!);
    expect(column[0]).toBe(Math.min(...column));
  });

  it('learns nothing from what is held out', () => {
    for (const split of ['per-user', 'time'] as const) {
      const { userEncoder, samples } = prepareCatalogue(catalogue, { split });
      expect(samples.validation).toBeGreaterThan(0);
      const later = catalogue.decisions.map((decision) =>
        // What comes last of every user is held out: its kind must not matter to the statistics.
        decision.createdAt! >= day(25) ? { ...decision, decisionType: 'like', videoId: 'v00' } : decision,
      );
      const changed = prepareCatalogue({ ...catalogue, decisions: later }, { split, negativeRatio: 0 });
      const same = prepareCatalogue(catalogue, { split, negativeRatio: 0 });
      if (split === 'time') expect(JSON.stringify(changed.userEncoder.toJSON())).toBe(JSON.stringify(same.userEncoder.toJSON()));
      expect(userEncoder.schema.width).toBe(changed.userEncoder.schema.width);
    }
  });

  it('holds out likes and knows what was judged before them', () => {
    const { validation } = prepareCatalogue(catalogue);
    expect(validation!.relevant.rows).toBe(24);
    expect(validation!.users.dense.rows).toBe(24);
    expect(validation!.relevant.indices.length).toBeGreaterThan(0);
    const { relevant, seen } = validation!;
    expect(seen!.indices.length).toBeGreaterThan(relevant.indices.length);
    for (let u = 0; u < relevant.rows; u++) {
      const judged = new Set(seen!.indices.subarray(seen!.indptr[u]!, seen!.indptr[u + 1]!));
      expect([...relevant.indices.subarray(relevant.indptr[u]!, relevant.indptr[u + 1]!)].filter((i) => judged.has(i))).toEqual([]);
    }
    expect(prepareCatalogue(catalogue, { validationRatio: 0 }).validation).toBeUndefined();
  });

  it('gives data that a model learns the taste from', async () => {
    const runtime = await loadOnnxRuntime({ threads: 1 });
    const prepared = prepareCatalogue(catalogue);
    const model = await fitTwoTower(prepared.data, {
      runtime,
      embeddingDim: 16,
      epochs: 30,
      batchSize: 64,
      learningRate: 0.005,
      user: { hidden: [32] },
      item: { hidden: [32] },
      validation: { ...prepared.validation!, k: 10, patience: 10 },
    });
    expect(model.history[model.parts.bestEpoch - 1]!.recall).toBeGreaterThan(0.9);
    const batches = [];
    for await (const batch of embedCatalogue(model, prepared.itemEncoder, catalogue.videos, prepared.newestRelease, { batchSize: 16 })) {
      batches.push(batch);
    }
    expect(batches.map(({ ids }) => ids.length)).toEqual([16, 16, 8]);
    expect(batches.flatMap(({ ids }) => ids)).toEqual(catalogue.videos.map(({ id }) => id));
    const whole = await model.embedItems(prepared.data.items);
    expect(batches[1]!.vectors.data[3]).toBeCloseTo(whole.data[16 * 16 + 3]!, 6);
    await model.dispose();
  });

  it('accepts one user, unknown items, NaN prices, dates in the future and no words', () => {
    const one: Catalogue = {
      profiles: [{ userId: 'u', createdAt: new Date('2999-01-01') }],
      videos: [
        { id: 'a', price: Number.NaN, durationSeconds: null, productReleasedAt: new Date('2999-01-01'), tags: [], performers: [] },
        { id: 'b', price: null, durationSeconds: null, productReleasedAt: null, tags: [], performers: [] },
      ],
      decisions: [
        { userId: 'u', videoId: 'a', decisionType: 'like', createdAt: new Date('2998-01-01') },
        { userId: 'u', videoId: 'gone', decisionType: 'like', createdAt: day(1) },
        { userId: 'stranger', videoId: 'a', decisionType: 'like', createdAt: null },
      ],
    };
    const { data, itemEncoder } = prepareCatalogue(one);
    expect(itemEncoder.schema.width).toBe(3);
    expect([...data.users.dense.data, ...data.items.dense.data].every(Number.isFinite)).toBe(true);
  });

  it('says what is missing', () => {
    expect(() => prepareCatalogue({ profiles: [], videos: [], decisions: [] })).toThrow(
      'The catalogue of prepareCatalogue must hold at least one like of a known user on a known item.',
    );
    expect(() => prepareCatalogue(catalogue, { validationRatio: 1 })).toThrow('validationRatio');
    expect(() => prepareCatalogue(catalogue, { split: 'x' as never })).toThrow("one of 'per-user', 'time', 'random'");
  });
});
