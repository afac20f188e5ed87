import type { ItemFeaturePayload, UserFeaturePayload } from './feature-payloads.js';
import type { FeatureRow, FeatureSpec } from './feature-spec.js';

const millisecondsPerDay = 86_400_000;

/** Names of the vocabularies of tags and performers; files are named after them (`vocab_tag.json`). */
export interface CatalogueVocabularyNames {
  /** @default 'tag' */
  readonly tags?: string;
  /** @default 'actress' */
  readonly performers?: string;
}

const userColumns = [
  'account_age_days',
  'mean_price',
  'median_price',
  'like_ratio',
  'like_count',
  'nope_count',
  'decision_count',
  'recent_like_days',
] as const;

/**
 * The user vector: 8 numbers, hour of the likes, tags and performers of the liked items.
 *
 * @example
 * userFeatureSpecs().map(({ name }) => name) // => ['numeric', 'hour_of_day', 'tag_vector', 'actress_vector']
 */
export function userFeatureSpecs(names: CatalogueVocabularyNames = {}): FeatureSpec[] {
  return [
    { kind: 'numeric', name: 'numeric', columns: userColumns },
    { kind: 'scaled-bucket', name: 'hour_of_day', column: 'hour_of_day', buckets: 24 },
    ...namedSpecs(names),
  ];
}

/**
 * The item vector: 3 numbers, tags and performers.
 *
 * @example
 * itemFeatureSpecs({ performers: 'cast' }).map(({ name }) => name) // => ['numeric', 'tag_vector', 'cast_vector']
 */
export function itemFeatureSpecs(names: CatalogueVocabularyNames = {}): FeatureSpec[] {
  return [
    { kind: 'numeric', name: 'numeric', columns: ['price', 'recency_days', 'duration_seconds'] },
    ...namedSpecs(names),
  ];
}

function namedSpecs({ tags = 'tag', performers = 'actress' }: CatalogueVocabularyNames): FeatureSpec[] {
  return [
    { kind: 'bag-of-words', name: `${tags}_vector`, column: 'tags', vocabulary: tags },
    { kind: 'bag-of-words', name: `${performers}_vector`, column: 'performers', vocabulary: performers },
  ];
}

/**
 * Reads the columns of a user out of a payload, from a database or from `userFeaturePayload`.
 *
 * @param payload - anything: a missing or wrong part takes its default, so that a partial answer still gives a vector.
 * @param at - the moment ages are counted to; dates after it count as this moment.
 * @example
 * userFeatureRow({}, new Date(0)).like_ratio // => 0.5
 */
export function userFeatureRow(payload: Partial<UserFeaturePayload>, at: Date): FeatureRow {
  const { profile, decision_stats: decisions, price_stats: prices } = record(payload) as Partial<UserFeaturePayload>;
  const likes = count(decisions?.like_count);
  const nopes = count(decisions?.nope_count);
  const all = count(decisions?.decision_count) || likes + nopes;
  const hour = finite(decisions?.average_like_hour);
  return {
    account_age_days: daysBetween(profile?.created_at, at),
    mean_price: finite(prices?.mean) ?? 0,
    median_price: finite(prices?.median) ?? 0,
    like_ratio: all === 0 ? 0.5 : Math.min(1, likes / all),
    like_count: likes,
    nope_count: nopes,
    decision_count: all,
    recent_like_days: daysBetween(decisions?.recent_like_at, at),
    hour_of_day: hour === undefined ? 12 : Math.min(23, Math.max(0, hour)),
    tags: strings(payload.tags),
    performers: strings(payload.performers),
  };
}

/**
 * Reads the columns of an item out of a payload.
 *
 * @param newestRelease - the latest release of the catalogue; recency counts back from it in days, fractions included.
 * @example
 * const payload = { product_released_at: '2024-01-01T12:00:00Z' };
 * itemFeatureRow(payload, new Date('2024-01-03T00:00:00Z')).recency_days // => 1.5
 */
export function itemFeatureRow(payload: Partial<ItemFeaturePayload>, newestRelease: Date | null): FeatureRow {
  return {
    price: finite(payload.price) ?? 0,
    recency_days: newestRelease ? daysBetween(payload.product_released_at, newestRelease) : 0,
    duration_seconds: finite(payload.duration_seconds) ?? 0,
    tags: strings(payload.tags),
    performers: strings(payload.performers),
  };
}

function daysBetween(from: string | null | undefined, to: Date): number {
  const days = (to.getTime() - Date.parse(from ?? '')) / millisecondsPerDay;
  return Number.isFinite(days) ? Math.max(0, days) : 0;
}

function record(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

/** Numbers and the texts that databases write exact numbers as. */
function finite(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

function count(value: unknown): number {
  return Math.max(0, finite(value) ?? 0);
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string' && item !== '') : [];
}
