import { type DecisionRecord, type ProfileRecord, timeOf, type VideoRecord } from '../data/records.js';

/** What `get_user_embedding_features(user_id)` returns. */
export interface UserFeaturePayload {
  readonly user_id: string;
  readonly profile: { readonly created_at: string | null };
  readonly decision_stats: {
    readonly like_count: number;
    readonly nope_count: number;
    /** Decisions of any kind. */
    readonly decision_count: number;
    readonly recent_like_at: string | null;
    /** Mean direction of the UTC hours of the likes on the clock face, in [0, 24); 12 without likes. */
    readonly average_like_hour: number;
  };
  /** Of the liked items whose price is known; 0 without any. */
  readonly price_stats: { readonly mean: number; readonly median: number };
  /** One entry per like and tag. */
  readonly tags: readonly string[];
  readonly performers: readonly string[];
}

/** What `get_item_embedding_features(video_id)` returns. */
export interface ItemFeaturePayload {
  readonly video_id: string;
  readonly price: number | null;
  readonly duration_seconds: number | null;
  readonly product_released_at: string | null;
  readonly distribution_started_at: string | null;
  readonly safety_level: number;
  readonly region_codes: readonly string[];
  readonly tags: readonly string[];
  readonly performers: readonly string[];
}

/** Options of `userFeaturePayload`. */
export interface UserPayloadOptions {
  /** Only decisions before this moment count, so that a decision never sees itself. @default all */
  readonly before?: Date;
}

/**
 * The aggregates of a user's decisions, as the SQL function `get_user_embedding_features` computes them: features made of
 * either are the same bytes.
 *
 * @param decisions - of this user; those of unknown items count as decisions, but bring no price or tags.
 * @param videos - by id.
 * @remarks O(decisions · tags + decisions · log decisions).
 * @example
 * userFeaturePayload('u', undefined, [], new Map()).decision_stats.average_like_hour // => 12
 */
export function userFeaturePayload(
  userId: string,
  profile: ProfileRecord | undefined,
  decisions: readonly DecisionRecord[],
  videos: ReadonlyMap<string, VideoRecord>,
  options: UserPayloadOptions = {},
): UserFeaturePayload {
  const before = timeOf(options.before) ?? Number.POSITIVE_INFINITY;
  // A decision of unknown time cannot be shown to lie before another.
  const known = decisions.filter(
    ({ createdAt }) => (timeOf(createdAt) ?? (options.before ? Number.POSITIVE_INFINITY : 0)) < before,
  );
  const likes = known.filter(({ decisionType }) => decisionType === 'like');
  const liked = likes.map(({ videoId }) => videos.get(videoId)).filter((video) => video !== undefined);
  const prices = liked.map(({ price }) => price).filter((price): price is number => Number.isFinite(price));
  const times = likes.map(({ createdAt }) => timeOf(createdAt)).filter((time) => time !== undefined);
  return {
    user_id: userId,
    profile: { created_at: isoOrNull(profile?.createdAt) },
    decision_stats: {
      like_count: likes.length,
      nope_count: known.filter(({ decisionType }) => decisionType === 'nope').length,
      decision_count: known.length,
      recent_like_at: times.length === 0 ? null : new Date(latestOf(times)).toISOString(),
      average_like_hour: meanHour(times),
    },
    price_stats: { mean: mean(prices), median: median(prices) },
    tags: liked.flatMap(({ tags }) => named(tags)),
    performers: liked.flatMap(({ performers }) => named(performers)),
  };
}

/**
 * The features of an item, as the SQL function `get_item_embedding_features` gives them.
 *
 * @example
 * const video = { id: 'v', price: 3, durationSeconds: null, productReleasedAt: null, tags: ['b', 'a'], performers: [] };
 * itemFeaturePayload(video).tags // => ['a', 'b']
 */
export function itemFeaturePayload(video: VideoRecord): ItemFeaturePayload {
  return {
    video_id: video.id,
    price: finiteOrNull(video.price),
    duration_seconds: finiteOrNull(video.durationSeconds),
    product_released_at: isoOrNull(video.productReleasedAt),
    distribution_started_at: isoOrNull(video.distributionStartedAt),
    safety_level: video.safetyLevel ?? 0,
    region_codes: video.regionCodes ?? [],
    tags: named(video.tags).sort(),
    performers: named(video.performers).sort(),
  };
}

/**
 * Mean direction of the hours on the clock face: the mean of 23 and 1 is 0, not 12.
 *
 * Rounded to six digits, so that the order of summation cannot show.
 *
 * @see Mardia, Jupp (2000), Directional statistics, doi:10.1002/9780470316979
 */
function meanHour(times: readonly number[]): number {
  const counts = new Array<number>(24).fill(0);
  for (const time of times) counts[new Date(time).getUTCHours()]! += 1;
  let sine = 0;
  let cosine = 0;
  counts.forEach((count, hour) => {
    sine += count * Math.sin((hour * Math.PI) / 12);
    cosine += count * Math.cos((hour * Math.PI) / 12);
  });
  // Hours spread evenly over the day have no direction.
  if (Math.hypot(sine, cosine) < 1e-9 * Math.max(1, times.length)) return 12;
  const hour = (Math.atan2(sine, cosine) * 12) / Math.PI;
  return sixDigits(hour < -5e-7 ? hour + 24 : Math.max(0, hour)) % 24;
}

/** Not `Math.max(...times)`: a hundred thousand arguments are too many for a call. */
function latestOf(times: readonly number[]): number {
  return times.reduce((latest, time) => Math.max(latest, time), Number.NEGATIVE_INFINITY);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : sixDigits(values.reduce((sum, value) => sum + value, 0) / values.length);
}

function median(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sixDigits(sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2);
}

function sixDigits(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

function named(names: readonly string[]): string[] {
  return names.filter((name) => name !== '' && name !== null && name !== undefined);
}

function isoOrNull(date: Date | null | undefined): string | null {
  const time = timeOf(date);
  return time === undefined ? null : new Date(time).toISOString();
}

function finiteOrNull(value: number | null): number | null {
  return Number.isFinite(value) ? value : null;
}
