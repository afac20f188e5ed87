import { ArtifactError } from '../artifacts/artifact-error.js';

/** How the numbers of a segment came about. */
export type SegmentType = 'standard_score' | 'scaled_bucket' | 'cyclic' | 'l2_normalized_bow' | 'id';

/** A stretch of a feature vector. */
export interface FeatureSegment {
  readonly name: string;
  readonly size: number;
  /** Place of its first number in the vector. */
  readonly offset: number;
  readonly type: SegmentType;
  /** Names of the numbers of a `standard_score` segment. */
  readonly features?: readonly string[];
  /** Applied before the standard score. */
  readonly transform?: 'log1p';
  /** Of a `scaled_bucket` segment. */
  readonly range?: readonly [number, number];
  readonly buckets?: number;
  /** Of a `cyclic` segment. */
  readonly period?: number;
  /** The column it reads; absent for `standard_score`, whose features are columns. */
  readonly column?: string;
  /** Name of the vocabulary of a `l2_normalized_bow` or `id` segment. */
  readonly vocabulary?: string;
  /** SHA-256 of the vocabulary of a `l2_normalized_bow` or `id` segment. */
  readonly vocabulary_sha256?: string;
}

/** The layout of a feature vector: what two processes must agree on. */
export interface FeatureSchema {
  readonly version: string;
  readonly width: number;
  readonly segments: readonly FeatureSegment[];
}

/** The version this code writes; it reads no other. */
export const featureSchemaVersion = 'v2';

/** The content of `feature_schema.json`. */
export interface FeatureSchemaFile {
  readonly version: string;
  readonly input_name: string;
  readonly input_dim: number;
  readonly embedding_dim: number;
  readonly segments: readonly FeatureSegment[];
}

/**
 * Reads and checks `feature_schema.json`.
 *
 * @throws ArtifactError: `UNSUPPORTED_VERSION` for another version, `MALFORMED` when segments and width do not fit.
 * @example
 * readFeatureSchema({ version: 'v2', input_name: 'x', input_dim: 0, embedding_dim: 4, segments: [] }).input_name // => 'x'
 */
export function readFeatureSchema(json: unknown): FeatureSchemaFile {
  const file = (json ?? {}) as Partial<FeatureSchemaFile>;
  if (file.version !== featureSchemaVersion) {
    throw new ArtifactError(
      'UNSUPPORTED_VERSION',
      `The feature schema must be of version ${featureSchemaVersion}. Got ${JSON.stringify(file.version)}.`,
    );
  }
  const { input_name: inputName, input_dim: width, embedding_dim: dim, segments } = file;
  if (typeof inputName !== 'string' || !Array.isArray(segments) || !isSize(width) || !isSize(dim)) {
    throw new ArtifactError(
      'MALFORMED',
      'The feature schema must hold input_name, input_dim, embedding_dim and segments.',
    );
  }
  let offset = 0;
  const placed = (segments as FeatureSegment[]).map((segment) => {
    if (!isSize(segment?.size) || typeof segment.name !== 'string' || (segment.offset ?? offset) !== offset) {
      throw new ArtifactError(
        'MALFORMED',
        `The segment ${JSON.stringify(segment?.name)} of the feature schema is out of place.`,
      );
    }
    const at = { ...segment, offset };
    offset += segment.size;
    return at;
  });
  if (offset !== width) {
    throw new ArtifactError(
      'MALFORMED',
      `The segments of the feature schema must fill ${width} places. They fill ${offset}.`,
    );
  }
  return { version: file.version, input_name: inputName, input_dim: width, embedding_dim: dim, segments: placed };
}

function isSize(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}
