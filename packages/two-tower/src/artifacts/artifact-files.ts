import { FeatureEncoder } from '../features/feature-encoder.js';
import { type FeatureSchemaFile, type FeatureSegment, readFeatureSchema } from '../features/feature-schema.js';
import type { FeatureSpec } from '../features/feature-spec.js';
import { StandardScaler } from '../features/standard-scaler.js';
import { Vocabulary } from '../features/vocabulary.js';
import type { TwoTowerModel } from '../model/two-tower-model.js';
import { ArtifactError } from './artifact-error.js';
import { encodeTowerOnnx } from './export-onnx.js';

/** A file of a release. */
export interface ArtifactFile {
  /** Relative, with `/`. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The content of `model_meta.json`. */
export interface ModelMeta {
  readonly exported_at: string;
  readonly embedding_dim: number;
  readonly user_feature_dim: number;
  readonly item_feature_dim: number;
  readonly tag_vocab_size: number;
  readonly actress_vocab_size: number;
  readonly config: unknown;
  /** What cosines were divided by in training. */
  readonly temperature: number;
  readonly best_epoch: number;
  /** What the item features counted recency back from, where they did. */
  readonly newest_release?: string;
}

/** What goes into a release beside the vectors of the items. */
export interface ExportParts {
  readonly model: TwoTowerModel;
  readonly userEncoder: FeatureEncoder;
  readonly itemEncoder: FeatureEncoder;
}

/** Options of `exportArtifacts`. */
export interface ExportOptions {
  /** Stands in `model_meta.json`; the time of the newest training row makes equal runs give equal files. */
  readonly exportedAt: Date;
  /** The settings of the run, for whoever looks at the release later; must be JSON. @default null */
  readonly config?: unknown;
  /** @default 'user_features' */
  readonly userInputName?: string;
  readonly newestRelease?: Date | null;
  /** Vocabularies counted as tags and performers in `model_meta.json`. @default tag and actress */
  readonly vocabularies?: { readonly tags?: string; readonly performers?: string };
}

/** Names of the files of a release. */
export const artifactNames = {
  userTower: 'user_tower.onnx',
  itemTower: 'item_tower.onnx',
  userSchema: 'feature_schema.json',
  itemSchema: 'item_feature_schema.json',
  normalizer: 'normalizer.json',
  meta: 'model_meta.json',
  embeddings: 'video_embeddings.parquet',
  manifest: 'manifest.json',
  vocabulary: (name: string) => `vocab_${name}.json`,
} as const;

/**
 * The files that serve a model: both towers as ONNX, schemas, normaliser, vocabularies and description.
 *
 * @returns sorted by path; equal models and options give equal bytes.
 * @throws RangeError if an encoder does not fit its tower.
 * @example
 * const catalogue = {
 *   profiles: [{ userId: 'u', createdAt: null }],
 *   videos: [{ id: 'v', price: 1, durationSeconds: 1, productReleasedAt: null, tags: [], performers: [] }],
 *   decisions: [{ userId: 'u', videoId: 'v', decisionType: 'like', createdAt: new Date(0) }],
 * };
 * const { data, userEncoder, itemEncoder } = prepareCatalogue(catalogue);
 * const model = await fitTwoTower(data, { runtime: await loadOnnxRuntime({ threads: 1 }), embeddingDim: 4, epochs: 1 });
 * const files = exportArtifacts({ model, userEncoder, itemEncoder }, { exportedAt: new Date(0) });
 * files[0].path // => 'feature_schema.json'
 */
export function exportArtifacts(
  { model, userEncoder, itemEncoder }: ExportParts,
  options: ExportOptions,
): ArtifactFile[] {
  const { exportedAt, config = null, userInputName = 'user_features', newestRelease, vocabularies } = options;
  const { embeddingDim, parts } = model;
  const schemaFile = (encoder: FeatureEncoder, inputName: string): FeatureSchemaFile => ({
    version: encoder.schema.version,
    input_name: inputName,
    input_dim: encoder.schema.width,
    embedding_dim: embeddingDim,
    segments: encoder.schema.segments,
  });
  const known = new Map([...userEncoder.vocabularies, ...itemEncoder.vocabularies]);
  for (const [name, vocabulary] of userEncoder.vocabularies) {
    if (known.get(name)!.sha256 !== vocabulary.sha256) {
      throw new RangeError(
        `The encoders of exportArtifacts must share the vocabulary ${name}. They hold different ones.`,
      );
    }
  }
  const meta: ModelMeta = {
    exported_at: exportedAt.toISOString(),
    embedding_dim: embeddingDim,
    user_feature_dim: userEncoder.schema.width,
    item_feature_dim: itemEncoder.schema.width,
    tag_vocab_size: known.get(vocabularies?.tags ?? 'tag')?.size ?? 0,
    actress_vocab_size: known.get(vocabularies?.performers ?? 'actress')?.size ?? 0,
    config,
    temperature: parts.temperature,
    best_epoch: parts.bestEpoch,
    ...(newestRelease ? { newest_release: newestRelease.toISOString() } : {}),
  };
  const onnx = (encoder: FeatureEncoder, side: 'user' | 'item', inputName: string) =>
    encodeTowerOnnx(parts, side, { segments: encoder.schema.segments, inputName });
  const normalizer = { user_numeric: statisticsOf(userEncoder), item_numeric: statisticsOf(itemEncoder) };
  const files: ArtifactFile[] = [
    { path: artifactNames.userTower, bytes: onnx(userEncoder, 'user', userInputName) },
    { path: artifactNames.itemTower, bytes: onnx(itemEncoder, 'item', 'item_features') },
    jsonFile(artifactNames.userSchema, schemaFile(userEncoder, userInputName)),
    jsonFile(artifactNames.itemSchema, schemaFile(itemEncoder, 'item_features')),
    jsonFile(artifactNames.normalizer, normalizer),
    jsonFile(artifactNames.meta, meta),
    ...[...known].map(([name, vocabulary]) => jsonFile(artifactNames.vocabulary(name), vocabulary)),
  ];
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** JSON with two spaces and a line end, as all JSON files of a release are written. */
export function jsonFile(path: string, value: unknown): ArtifactFile {
  return { path, bytes: new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`) };
}

/** @throws ArtifactError (`MALFORMED`) if the bytes are not JSON. */
export function parseJsonFile(path: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ArtifactError('MALFORMED', `The artefact ${path} is not JSON.`, { cause });
  }
}

function statisticsOf(encoder: FeatureEncoder) {
  const numeric = encoder.specs.filter(({ kind }) => kind === 'numeric');
  return Object.assign({}, ...numeric.map(({ name }) => encoder.scaler(name)!.toStatistics())) as Record<
    string,
    unknown
  >;
}

/** The parts of a release that make an encoder again. */
export interface EncoderFiles {
  /** Content of the schema file. */
  readonly schema: unknown;
  /** Means and deviations by feature: one side of `normalizer.json`. */
  readonly statistics: unknown;
  /** Contents of the vocabulary files by name. */
  readonly vocabularies: Readonly<Record<string, unknown>>;
}

/**
 * Makes the encoder of training again out of the files of a release, of this package or of the Python pipeline.
 *
 * @throws ArtifactError if a file is malformed, of another version, or does not fit the schema.
 * @example
 * const segments = [{ name: 'numeric', size: 1, type: 'standard_score', features: ['price'] }];
 * const schema = { version: 'v2', input_name: 'x', input_dim: 1, embedding_dim: 4, segments };
 * const { encoder } = encoderFromFiles({ schema, statistics: { price: { mean: 1, std: 2 } }, vocabularies: {} });
 * [...encoder.transform([{ price: 5 }]).data] // => [2]
 */
export function encoderFromFiles(files: EncoderFiles): {
  readonly encoder: FeatureEncoder;
  readonly schema: FeatureSchemaFile;
} {
  const schema = readFeatureSchema(files.schema);
  const vocabularies = new Map<string, Vocabulary>();
  const scalers = new Map<string, StandardScaler>();
  const specs = schema.segments.map((segment) => specOf(segment));
  for (const [i, segment] of schema.segments.entries()) {
    const spec = specs[i]!;
    if (spec.kind === 'numeric') {
      scalers.set(spec.name, StandardScaler.fromStatistics(spec.columns, files.statistics));
      checkSize(segment, spec.columns.length);
    }
    if (spec.kind !== 'bag-of-words' && spec.kind !== 'id') continue;
    const name = spec.vocabulary!;
    const vocabulary = Vocabulary.fromJSON(files.vocabularies[name]);
    checkSize(segment, vocabulary.size);
    if (segment.vocabulary_sha256 !== undefined && segment.vocabulary_sha256 !== vocabulary.sha256) {
      throw new ArtifactError(
        'SCHEMA_MISMATCH',
        `The vocabulary ${name} is not the one the segment ${segment.name} was trained with.`,
      );
    }
    vocabularies.set(name, vocabulary);
  }
  const encoder = FeatureEncoder.of(specs, vocabularies, scalers);
  return { encoder, schema };
}

/** Names of the vocabularies a schema needs. */
export function vocabularyNames(schema: FeatureSchemaFile): string[] {
  const names = schema.segments.filter(({ type }) => type === 'l2_normalized_bow' || type === 'id').map(vocabularyName);
  return [...new Set(names)];
}

function vocabularyName({ name, vocabulary }: FeatureSegment): string {
  return vocabulary ?? name.replace(/_vector$/, '');
}

function specOf(segment: FeatureSegment): FeatureSpec {
  const { name, type, features, transform, buckets = 24, period, column } = segment;
  switch (type) {
    case 'standard_score':
      return { kind: 'numeric', name, columns: features ?? [], ...(transform ? { log1p: true } : {}) };
    case 'scaled_bucket':
      return { kind: 'scaled-bucket', name, column: column ?? name, buckets };
    case 'cyclic':
      return { kind: 'cyclic', name, column: column ?? name, period: period ?? 24 };
    case 'id':
      return { kind: 'id', name, column: column ?? name, vocabulary: vocabularyName(segment) };
    case 'l2_normalized_bow': {
      // Files of the Python pipeline do not say what they read: tags, and otherwise the performers.
      const fallback = name === 'tag_vector' ? 'tags' : 'performers';
      return { kind: 'bag-of-words', name, column: column ?? fallback, vocabulary: vocabularyName(segment) };
    }
    default:
      throw new ArtifactError(
        'UNSUPPORTED_VERSION',
        `The segment ${name} is of the unknown type ${JSON.stringify(type)}.`,
      );
  }
}

function checkSize(segment: FeatureSegment, size: number): void {
  if (segment.size === size) return;
  throw new ArtifactError(
    'SCHEMA_MISMATCH',
    `The segment ${segment.name} of the feature schema has ${segment.size} places, its statistics or vocabulary ${size}.`,
  );
}
