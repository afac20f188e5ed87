import { describe, expect, it } from 'vitest';
import type { DecisionRecord, VideoRecord } from '../data/records.js';
import { itemFeatureRow, itemFeatureSpecs, userFeatureRow, userFeatureSpecs } from './catalogue-features.js';
import { FeatureEncoder } from './feature-encoder.js';
import { itemFeaturePayload, userFeaturePayload } from './feature-payloads.js';
import { UserHistory } from './user-history.js';

const at = (text: string) => new Date(`2024-03-${text}Z`);
const video = (id: string, price: number | null, tags: string[] = []): VideoRecord => ({
  id,
  price,
  durationSeconds: 60,
  productReleasedAt: at('01T00:00:00'),
  tags,
  performers: [],
});
const like = (videoId: string, createdAt: Date | null, decisionType = 'like'): DecisionRecord => ({
  userId: 'u',
  videoId,
  decisionType,
  createdAt,
});
const videos = new Map([video('a', 10, ['x', 'y']), video('b', 20, ['x']), video('c', null)].map((v) => [v.id, v]));

describe('userFeaturePayload', () => {
  it('takes any number of likes', () => {
    const likes = Array.from({ length: 300_000 }, () => like('a', at('10T23:30:00')));
    const { decision_stats: stats } = userFeaturePayload('u', undefined, likes, new Map());
    expect(stats).toMatchObject({ like_count: 300_000, recent_like_at: at('10T23:30:00').toISOString() });
  });

  it('aggregates the liked items', () => {
    const decisions = [
      like('a', at('10T23:30:00')),
      like('b', at('11T01:10:00')),
      like('c', at('09T00:00:00')),
      like('a', at('12T05:00:00'), 'nope'),
      like('a', at('12T06:00:00'), 'viewed'),
    ];
    const payload = userFeaturePayload('u', { userId: 'u', createdAt: at('01T00:00:00') }, decisions, videos);
    expect(payload.decision_stats).toEqual({
      like_count: 3,
      nope_count: 1,
      decision_count: 5,
      recent_like_at: '2024-03-11T01:10:00.000Z',
      average_like_hour: 0,
    });
    expect(payload.price_stats).toEqual({ mean: 15, median: 15 });
    expect([...payload.tags].sort()).toEqual(['x', 'x', 'y']);
  });

  it('takes the mean of hours on the clock face', () => {
    const hourOf = (...hours: number[]) =>
      userFeaturePayload(
        'u',
        undefined,
        hours.map((h) => like('a', new Date(Date.UTC(2024, 0, 1, h)))),
        videos,
      ).decision_stats.average_like_hour;
    expect(hourOf(22, 2)).toBe(0);
    expect(hourOf(22, 0)).toBe(23);
    expect(hourOf(8, 10)).toBe(9);
    expect(hourOf(0, 12)).toBe(12);
    expect(hourOf(0, 6, 12, 18)).toBe(12);
    expect(hourOf()).toBe(12);
  });

  it('ignores NaN prices, unknown items and decisions of unknown time before a moment', () => {
    const odd = new Map([...videos, ['n', video('n', Number.NaN, ['z', ''])]]);
    const decisions = [like('n', at('10T00:00:00')), like('gone', at('10T00:00:00')), like('a', null)];
    const payload = userFeaturePayload('u', undefined, decisions, odd, { before: at('20T00:00:00') });
    expect(payload.price_stats).toEqual({ mean: 0, median: 0 });
    expect(payload.tags).toEqual(['z']);
    expect(payload.decision_stats.decision_count).toBe(2);
  });
});

describe('userFeatureRow', () => {
  it('never lets a decision see itself', () => {
    const decisions = [like('a', at('10T00:00:00')), like('b', at('11T00:00:00'))];
    const history = new UserHistory({
      profiles: [{ userId: 'u', createdAt: at('01T00:00:00') }],
      videos: [...videos.values()],
      decisions,
    });
    const first = history.row({ userId: 'u', decisionTs: at('10T00:00:00') });
    expect(first).toMatchObject({ like_count: 0, like_ratio: 0.5, tags: [], account_age_days: 9, recent_like_days: 0 });
    const second = history.row({ userId: 'u', decisionTs: at('11T00:00:00') });
    expect(second).toMatchObject({ like_count: 1, mean_price: 10, recent_like_days: 1, tags: ['x', 'y'] });
    expect(history.row({ userId: 'u', decisionTs: null })).toMatchObject({ like_count: 2, recent_like_days: 0 });
  });

  it('counts dates in the future as now', () => {
    const row = userFeatureRow(
      {
        profile: { created_at: '2999-01-01T00:00:00Z' },
        decision_stats: {
          like_count: 1,
          nope_count: 0,
          decision_count: 1,
          recent_like_at: '2999-01-01',
          average_like_hour: 3,
        },
      },
      at('01T00:00:00'),
    );
    expect(row).toMatchObject({ account_age_days: 0, recent_like_days: 0, like_ratio: 1, hour_of_day: 3 });
  });

  it('makes a vector of any payload, wrong types included', () => {
    for (const wrong of [
      {},
      { profile: null, tags: 'x', decision_stats: { like_count: 'NaN' } },
      { price_stats: { mean: '12.5' } },
    ]) {
      const row = userFeatureRow(wrong as never, at('01T00:00:00'));
      const vector = FeatureEncoder.fit([row], userFeatureSpecs()).transform([row]);
      expect([...vector.data].every(Number.isFinite)).toBe(true);
    }
    expect(userFeatureRow({ price_stats: { mean: '12.5' } } as never, at('01T00:00:00')).mean_price).toBe(12.5);
  });

  it('fills decisions from likes and nopes where the count is missing, and clips the ratio', () => {
    const stats = { like_count: 3, nope_count: 1, decision_count: 0, recent_like_at: null, average_like_hour: 30 };
    expect(userFeatureRow({ decision_stats: stats }, at('01T00:00:00'))).toMatchObject({
      decision_count: 4,
      like_ratio: 0.75,
      hour_of_day: 23,
    });
    expect(userFeatureRow({ decision_stats: { ...stats, decision_count: 1 } }, at('01T00:00:00')).like_ratio).toBe(1);
  });
});

describe('itemFeatureRow', () => {
  it('counts recency in days with fractions', () => {
    const row = itemFeatureRow(itemFeaturePayload(video('a', 5)), at('02T06:00:00'));
    expect(row).toMatchObject({ price: 5, recency_days: 1.25, duration_seconds: 60 });
    expect(itemFeatureRow({ product_released_at: null }, at('02T06:00:00')).recency_days).toBe(0);
    expect(itemFeatureRow(itemFeaturePayload(video('a', 5)), null).recency_days).toBe(0);
  });

  it('has the width of its numbers and vocabularies', () => {
    const rows = [itemFeatureRow(itemFeaturePayload(video('a', 5, ['t'])), null)];
    expect(FeatureEncoder.fit(rows, itemFeatureSpecs()).schema.width).toBe(4);
    expect(FeatureEncoder.fit(rows, userFeatureSpecs()).schema.width).toBe(10);
  });
});
