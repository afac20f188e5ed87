import { createRandom } from '@matome/primitives/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Catalogue, DecisionRecord, VideoRecord } from '../data/records.js';
import { drawNegatives } from './negatives.js';
import { splitAtRandom, splitByTime, splitPerUser } from './split.js';
import { buildTrainingSamples } from './training-samples.js';

const day = (n: number) => new Date(Date.UTC(2024, 0, n));
const video = (id: string, released: Date | null = null): VideoRecord => ({
  id,
  price: 1,
  durationSeconds: 1,
  productReleasedAt: released,
  tags: [],
  performers: [],
});
const decision = (userId: string, videoId: string, decisionType: string, n = 5): DecisionRecord => ({
  userId,
  videoId,
  decisionType,
  createdAt: day(n),
});

function catalogue(decisions: DecisionRecord[], users = ['u1', 'u2']): Catalogue {
  return {
    profiles: users.map((userId) => ({ userId, createdAt: null })),
    videos: Array.from({ length: 30 }, (_, i) => video(`v${i}`)),
    decisions,
  };
}

describe('buildTrainingSamples', () => {
  it('orders users by id and gives likes, nopes, then sampled negatives', () => {
    const given = catalogue([
      decision('u2', 'v0', 'like'),
      decision('u1', 'v1', 'nope'),
      decision('u1', 'v2', 'like'),
      decision('u1', 'v3', 'viewed'),
    ]);
    const samples = buildTrainingSamples(given);
    expect(samples.map(({ userId, decisionType }) => `${userId} ${decisionType}`)).toEqual([
      'u1 like',
      'u1 nope',
      'u1 sampled_negative',
      'u1 sampled_negative',
      'u2 like',
      'u2 sampled_negative',
      'u2 sampled_negative',
      'u2 sampled_negative',
    ]);
  });

  it('leaves out users without a profile and unknown items, but does not draw judged items', () => {
    const judged = Array.from({ length: 29 }, (_, i) => decision('u1', `v${i}`, 'nope'));
    const given = catalogue([...judged, decision('u1', 'gone', 'like'), decision('stranger', 'v1', 'like')]);
    const samples = buildTrainingSamples(given, { negativeRatio: 40 });
    expect(samples.filter(({ decisionType }) => decisionType === 'like')).toEqual([]);
    expect(samples.filter((s) => s.decisionType === 'sampled_negative').map(({ videoId }) => videoId)).toEqual(['v29']);
    expect(samples.some(({ userId }) => userId === 'stranger')).toBe(false);
  });

  it('draws for a user without likes as for one like', () => {
    expect(buildTrainingSamples(catalogue([decision('u1', 'v1', 'viewed')]))).toHaveLength(3);
  });

  it('gives dated negatives the time of a like and only items released by then', () => {
    const videos = [video('old', day(1)), video('new', day(20)), video('liked', day(1))];
    const given = { ...catalogue([decision('u1', 'liked', 'like', 10)]), videos };
    const negatives = buildTrainingSamples(given).filter(({ label }) => label === 0);
    expect(negatives).toEqual([
      { userId: 'u1', videoId: 'old', label: 0, decisionType: 'sampled_negative', decisionTs: day(10) },
    ]);
  });

  it('gives no time where that of the like cannot be read', () => {
    const like = { ...decision('u1', 'v0', 'like'), createdAt: new Date(Number.NaN) };
    const samples = buildTrainingSamples(catalogue([like]));
    expect(samples.map(({ decisionTs }) => decisionTs)).toEqual([null, null, null, null]);
  });

  it('draws with replacement and without a time where asked', () => {
    const given = { ...catalogue([decision('u1', 'liked', 'like')]), videos: [video('liked'), video('other')] };
    const drawn = buildTrainingSamples(given, { negatives: 'with-replacement' }).slice(1);
    expect(drawn.map(({ videoId, decisionTs }) => [videoId, decisionTs])).toEqual([
      ['other', null],
      ['other', null],
      ['other', null],
    ]);
  });

  it('accepts empty tables and a user who judged everything', () => {
    expect(buildTrainingSamples({ profiles: [], videos: [], decisions: [] })).toEqual([]);
    const all = { ...catalogue([decision('u1', 'v', 'like')]), videos: [video('v')] };
    expect(buildTrainingSamples(all)).toHaveLength(1);
  });

  it('repeats itself for one seed', () => {
    const given = catalogue([decision('u1', 'v1', 'like'), decision('u2', 'v2', 'like')]);
    const draw = (seed: number) => buildTrainingSamples(given, { random: createRandom(seed) });
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it('refuses a negative ratio below 0', () => {
    expect(() => buildTrainingSamples(catalogue([]), { negativeRatio: -1 })).toThrow('negativeRatio');
  });
});

describe('drawNegatives', () => {
  it('never draws an excluded place and, without replacement, none twice', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 0, max: 60 }),
        fc.nat(),
        fc.boolean(),
        (size, count, seed, replacement) => {
          const random = createRandom(seed);
          const excluded = new Set(Array.from({ length: size }, (_, i) => i).filter(() => random() < 0.5));
          const drawn = drawNegatives(size, count, excluded, replacement, random);
          expect(drawn.every((place) => place >= 0 && place < size && !excluded.has(place))).toBe(true);
          if (!replacement) expect(new Set(drawn).size).toBe(drawn.length);
          const eligible = size - excluded.size;
          expect(drawn.length).toBe(replacement ? (eligible > 0 ? count : 0) : Math.min(count, eligible));
        },
      ),
    );
  });

  it('draws every eligible place about equally often', () => {
    const random = createRandom(3);
    const hits = new Array<number>(5).fill(0);
    for (let i = 0; i < 4000; i++)
      for (const place of drawNegatives(5, 2, new Set([4]), false, random)) hits[place]! += 1;
    expect(hits[4]).toBe(0);
    for (const count of hits.slice(0, 4)) expect(Math.abs(count - 2000)).toBeLessThan(150);
  });
});

describe('splits', () => {
  const rows = Array.from({ length: 20 }, (_, i) => ({ userId: `u${i % 3}`, decisionTs: day(1 + ((i * 7) % 20)), i }));

  it('lose no row and repeat none', () => {
    for (const { train, validation } of [splitAtRandom(rows, 0.3), splitByTime(rows, 0.3), splitPerUser(rows, 0.3)]) {
      expect([...train, ...validation].map(({ i }) => i).sort((a, b) => a - b)).toEqual(rows.map(({ i }) => i));
      expect(validation.length).toBeGreaterThan(0);
    }
  });

  it('by time never train on what comes after the cut', () => {
    const { train, validation } = splitByTime(rows, 0.25);
    const last = Math.max(...train.map(({ decisionTs }) => decisionTs.getTime()));
    expect(validation.every(({ decisionTs }) => decisionTs.getTime() > last)).toBe(true);
    expect(validation).toHaveLength(5);
  });

  it('per user hold the last rows and leave at least one', () => {
    const { train, validation } = splitPerUser(rows, 0.9);
    for (const user of ['u0', 'u1', 'u2']) {
      const own = train.filter(({ userId }) => userId === user);
      const held = validation.filter(({ userId }) => userId === user);
      expect(own.length).toBe(1);
      expect(held.every(({ decisionTs }) => decisionTs >= own[0]!.decisionTs)).toBe(true);
    }
    expect(splitPerUser([rows[0]!], 0.5).validation).toEqual([]);
  });

  it('take a date that cannot be read for none', () => {
    const unread = { userId: 'u0', decisionTs: new Date(Number.NaN), i: 20 };
    for (const split of [splitByTime, splitPerUser]) {
      const { train, validation } = split([unread, ...rows], 0.3);
      expect(train.length + validation.length).toBe(21);
      expect(train).toContain(unread);
    }
  });

  it('leave validation empty for a ratio of 0 or too few rows', () => {
    expect(splitAtRandom(rows, 0).train).toBe(rows);
    expect(splitAtRandom([1], 0.1).validation).toEqual([]);
    expect(splitByTime([{ userId: 'u', decisionTs: null }], 1).validation).toEqual([]);
    expect(splitPerUser(rows, 0).validation).toEqual([]);
    expect(() => splitByTime(rows, 1.5)).toThrow('The ratio option of splitByTime');
  });
});
