/** What a column may hold; null, undefined, NaN and numbers beyond ±3.4e38 mean "not known". */
export type FeatureValue = number | string | readonly string[] | Date | null | undefined;

/** One user or item by column name. */
export type FeatureRow = Readonly<Record<string, FeatureValue>>;

/** Numbers brought to standard score; unknown ones count as 0 before scaling. Dates are milliseconds since the epoch. */
export interface NumericSpec {
  readonly kind: 'numeric';
  /** Name of the segment. */
  readonly name: string;
  readonly columns: readonly string[];
  /** Takes log(1 + x) first, of negative numbers -log(1 - x). @default false */
  readonly log1p?: boolean;
}

/** A number in [0, buckets - 1] scaled to [0, 1]; others are clipped, unknown ones take the middle. */
export interface ScaledBucketSpec {
  readonly kind: 'scaled-bucket';
  readonly name: string;
  readonly column: string;
  /** Number of buckets, 24 for an hour of the day. */
  readonly buckets: number;
}

/** A number that comes round (hour, weekday) as sine and cosine; unknown ones are the centre, (0, 0). */
export interface CyclicSpec {
  readonly kind: 'cyclic';
  readonly name: string;
  readonly column: string;
  /** After which the value is the same again, 24 for an hour of the day. */
  readonly period: number;
}

/** Counts of known tokens divided by their length; unknown tokens are left out. */
export interface BagOfWordsSpec {
  readonly kind: 'bag-of-words';
  readonly name: string;
  /** A list of strings. */
  readonly column: string;
  /** Which vocabulary; two specs may share one. @default the column */
  readonly vocabulary?: string;
}

/** One of many names, as a place of a vocabulary; an unknown name is no place at all. */
export interface IdSpec {
  readonly kind: 'id';
  readonly name: string;
  readonly column: string;
  /** @default the column */
  readonly vocabulary?: string;
}

/** How a segment of a feature vector is made of columns. */
export type FeatureSpec = NumericSpec | ScaledBucketSpec | CyclicSpec | BagOfWordsSpec | IdSpec;

/** The vocabulary a spec reads, or undefined when it needs none. */
export function vocabularyOf(spec: FeatureSpec): string | undefined {
  return spec.kind === 'bag-of-words' || spec.kind === 'id' ? (spec.vocabulary ?? spec.column) : undefined;
}

/** Beyond this a number does not fit float32, and its square would not fit float64. */
const largest = 3.4e38;

/** A number of a row; unknown or too large to compute with gives undefined. */
export function numberIn(row: FeatureRow, column: string): number | undefined {
  const value = row[column];
  const number = value instanceof Date ? value.getTime() : value;
  return typeof number === 'number' && Math.abs(number) <= largest ? number : undefined;
}

/** The tokens of a row; a single string is a list of one, and what is no string is not known. */
export function tokensIn(row: FeatureRow, column: string): readonly string[] {
  const value = row[column];
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((token): token is string => typeof token === 'string') : [];
}
