import { type CsrMatrix, createMatrix, csrFromRows, type Matrix } from '@matome/primitives/linalg';
import { checkInteger, checkNumber, checkOneOf } from '@matome/primitives/options';
import { ArtifactError } from '../artifacts/artifact-error.js';
import type { EncodedRows } from './encoded-rows.js';
import { type FeatureSchema, type FeatureSegment, featureSchemaVersion } from './feature-schema.js';
import { type FeatureRow, type FeatureSpec, numberIn, tokensIn, vocabularyOf } from './feature-spec.js';
import { StandardScaler } from './standard-scaler.js';
import { Vocabulary, type VocabularyOptions } from './vocabulary.js';

/** Options of `FeatureEncoder.fit`. */
export interface FeatureEncoderOptions {
  /** Vocabularies that are known already, or how to make one of the rows, by the name the specs use. @default made of the rows, all tokens */
  readonly vocabularies?: Readonly<Record<string, Vocabulary | VocabularyOptions>>;
}

/**
 * Turns rows of named values into feature vectors, the same way in training and serving.
 *
 * @example
 * const rows = [{ price: 1, tags: ['a'] }, { price: 3, tags: ['a', 'b'] }];
 * const encoder = FeatureEncoder.fit(rows, [
 *   { kind: 'numeric', name: 'numeric', columns: ['price'] },
 *   { kind: 'bag-of-words', name: 'tags', column: 'tags' },
 * ]);
 * [...encoder.transform([{ price: 5, tags: ['b'] }]).data] // => [3, 0, 1]
 */
export class FeatureEncoder {
  /** Layout of the vectors. */
  readonly schema: FeatureSchema;

  private constructor(
    readonly specs: readonly FeatureSpec[],
    readonly vocabularies: ReadonlyMap<string, Vocabulary>,
    private readonly scalers: ReadonlyMap<string, StandardScaler>,
  ) {
    this.schema = schemaOf(specs, vocabularies);
  }

  /**
   * Learns means, deviations and vocabularies.
   *
   * @param rows - the rows of training only: what validation or test rows tell must not be known here.
   * @throws RangeError if two segments have one name, or a bucket count or period is out of range.
   * @remarks O(values); the rows are read once and the numbers of numeric columns kept until the end.
   */
  static fit(
    rows: Iterable<FeatureRow>,
    specs: readonly FeatureSpec[],
    options: FeatureEncoderOptions = {},
  ): FeatureEncoder {
    checkSpecs(specs);
    const all = [...rows];
    const vocabularies = new Map<string, Vocabulary>();
    for (const spec of specs) {
      const name = vocabularyOf(spec);
      if (name === undefined || vocabularies.has(name)) continue;
      const given = options.vocabularies?.[name];
      const column = (spec as { column: string }).column;
      vocabularies.set(
        name,
        given instanceof Vocabulary
          ? given
          : Vocabulary.fit(
              all.map((row) => tokensIn(row, column)),
              given,
            ),
      );
    }
    const scalers = new Map<string, StandardScaler>();
    for (const spec of specs) {
      if (spec.kind !== 'numeric') continue;
      scalers.set(
        spec.name,
        StandardScaler.fit(
          spec.columns,
          all.map((row) => numbersOf(row, spec.columns, spec.log1p)),
        ),
      );
    }
    return new FeatureEncoder(specs, vocabularies, scalers);
  }

  /** @throws ArtifactError (`MALFORMED`, `UNSUPPORTED_VERSION`) if the value is not what `toJSON` gives. */
  static fromJSON(json: unknown): FeatureEncoder {
    const { kind, version, specs, vocabularies, scalers } = (json ?? {}) as Record<string, unknown>;
    const whole = Array.isArray(specs) && specs.every(isSpec) && isRecord(vocabularies) && isRecord(scalers);
    if (kind !== 'feature-encoder' || !whole) {
      throw new ArtifactError('MALFORMED', 'The value is not the JSON form of a FeatureEncoder.');
    }
    if (version !== 1) {
      throw new ArtifactError(
        'UNSUPPORTED_VERSION',
        `A FeatureEncoder of version 1 can be read. Got ${JSON.stringify(version)}.`,
      );
    }
    const entries = <T>(record: Record<string, unknown>, read: (json: unknown) => T) =>
      new Map(Object.entries(record).map(([name, value]) => [name, read(value)]));
    return FeatureEncoder.of(
      specs as FeatureSpec[],
      entries(vocabularies, Vocabulary.fromJSON),
      entries(scalers, StandardScaler.fromJSON),
    );
  }

  /**
   * An encoder of parts that were learned elsewhere, as artefact files carry them.
   *
   * @throws ArtifactError (`MALFORMED`) if a vocabulary or scaler is missing.
   */
  static of(
    specs: readonly FeatureSpec[],
    vocabularies: ReadonlyMap<string, Vocabulary>,
    scalers: ReadonlyMap<string, StandardScaler>,
  ): FeatureEncoder {
    checkSpecs(specs);
    for (const spec of specs) {
      const vocabulary = vocabularyOf(spec);
      const missing =
        vocabulary !== undefined ? !vocabularies.has(vocabulary) : spec.kind === 'numeric' && !scalers.has(spec.name);
      if (missing) throw new ArtifactError('MALFORMED', `The encoder has no statistics of the segment ${spec.name}.`);
    }
    return new FeatureEncoder(specs, vocabularies, scalers);
  }

  /** Means and deviations of a numeric segment, or undefined when it has none. */
  scaler(segment: string): StandardScaler | undefined {
    return this.scalers.get(segment);
  }

  /**
   * Whole vectors, zeros included.
   *
   * @returns n × `schema.width`.
   * @remarks O(n · width): for wide id segments use `encode`.
   */
  transform(rows: readonly FeatureRow[]): Matrix {
    return assemble(this.schema, this.encode(rows));
  }

  /** Vectors in two parts, for training and embedding. */
  encode(rows: readonly FeatureRow[]): EncodedRows {
    const dense = createMatrix(rows.length, denseWidth(this.schema));
    let offset = 0;
    const bags: Record<string, CsrMatrix> = {};
    for (const spec of this.specs) {
      const vocabulary = vocabularyOf(spec);
      if (vocabulary !== undefined) {
        bags[spec.name] = this.bag(rows, spec as { kind: 'id' | 'bag-of-words'; column: string }, vocabulary);
        continue;
      }
      let size = 0;
      rows.forEach((row, i) => {
        const values = this.denseValues(row, spec);
        size = values.length;
        dense.data.set(values, i * dense.cols + offset);
      });
      offset += size;
    }
    return { dense, bags };
  }

  private denseValues(row: FeatureRow, spec: FeatureSpec): readonly number[] {
    if (spec.kind === 'numeric') {
      return this.scalers.get(spec.name)!.transform(numbersOf(row, spec.columns, spec.log1p));
    }
    const value = numberIn(row, (spec as { column: string }).column);
    if (spec.kind === 'scaled-bucket') {
      const last = spec.buckets - 1;
      return [value === undefined ? 0.5 : Math.min(last, Math.max(0, value)) / last];
    }
    if (spec.kind === 'cyclic') {
      const angle = ((value ?? 0) * 2 * Math.PI) / spec.period;
      return value === undefined ? [0, 0] : [Math.sin(angle), Math.cos(angle)];
    }
    return [];
  }

  private bag(rows: readonly FeatureRow[], spec: { kind: string; column: string }, name: string): CsrMatrix {
    const vocabulary = this.vocabularies.get(name)!;
    const maps = rows.map((row) => {
      const tokens = tokensIn(row, spec.column);
      const { indices, counts } = vocabulary.count(spec.kind === 'id' ? tokens.slice(0, 1) : tokens);
      const length = Math.sqrt(counts.reduce((sum, count) => sum + count * count, 0));
      return new Map(indices.map((place, k) => [place, counts[k]! / length]));
    });
    return csrFromRows(maps, vocabulary.size);
  }

  /** Everything needed to encode elsewhere. */
  toJSON(): unknown {
    return {
      kind: 'feature-encoder',
      version: 1,
      specs: this.specs,
      vocabularies: Object.fromEntries([...this.vocabularies].map(([name, v]) => [name, v.toJSON()])),
      scalers: Object.fromEntries([...this.scalers].map(([name, s]) => [name, s.toJSON()])),
    };
  }
}

/** Columns of the dense part of rows of a schema. */
export function denseWidth(schema: FeatureSchema): number {
  return schema.segments.reduce((sum, { type, size }) => sum + (isSparse(type) ? 0 : size), 0);
}

/** Whether a segment lives in a bag. */
export function isSparse(type: FeatureSegment['type']): boolean {
  return type === 'l2_normalized_bow' || type === 'id';
}

/**
 * Puts the two parts of encoded rows together again.
 *
 * @returns n × `schema.width`.
 * @example
 * const encoder = FeatureEncoder.fit([{ tag: ['x'] }], [{ kind: 'bag-of-words', name: 'tag', column: 'tag' }]);
 * [...assemble(encoder.schema, encoder.encode([{ tag: ['x'] }])).data] // => [1]
 */
export function assemble(schema: FeatureSchema, encoded: EncodedRows): Matrix {
  const { dense, bags } = encoded;
  const result = createMatrix(dense.rows, schema.width);
  let from = 0;
  for (const { name, type, size, offset } of schema.segments) {
    const bag = isSparse(type) ? bags[name] : undefined;
    for (let i = 0; i < dense.rows; i++) {
      const to = i * schema.width + offset;
      if (bag) {
        for (let k = bag.indptr[i]!; k < bag.indptr[i + 1]!; k++) result.data[to + bag.indices[k]!] = bag.data[k]!;
      } else {
        const at = i * dense.cols + from;
        result.data.set(dense.data.subarray(at, at + size), to);
      }
    }
    if (!bag) from += size;
  }
  return result;
}

function numbersOf(row: FeatureRow, columns: readonly string[], log1p = false): number[] {
  return columns.map((column) => {
    const value = numberIn(row, column) ?? 0;
    return log1p ? Math.sign(value) * Math.log1p(Math.abs(value)) : value;
  });
}

function schemaOf(specs: readonly FeatureSpec[], vocabularies: ReadonlyMap<string, Vocabulary>): FeatureSchema {
  let offset = 0;
  const segments = specs.map((spec) => {
    const segment = segmentOf(spec, offset, vocabularies);
    offset += segment.size;
    return segment;
  });
  return { version: featureSchemaVersion, width: offset, segments };
}

function segmentOf(spec: FeatureSpec, offset: number, vocabularies: ReadonlyMap<string, Vocabulary>): FeatureSegment {
  const { name } = spec;
  switch (spec.kind) {
    case 'numeric': {
      const base = { name, size: spec.columns.length, offset, type: 'standard_score' as const, features: spec.columns };
      return spec.log1p ? { ...base, transform: 'log1p' } : base;
    }
    case 'scaled-bucket':
      return {
        name,
        size: 1,
        offset,
        type: 'scaled_bucket',
        range: [0, 1],
        buckets: spec.buckets,
        column: spec.column,
      };
    case 'cyclic':
      return { name, size: 2, offset, type: 'cyclic', period: spec.period, column: spec.column };
    case 'bag-of-words':
    case 'id': {
      const vocabulary = vocabularies.get(vocabularyOf(spec)!)!;
      const type = spec.kind === 'id' ? 'id' : 'l2_normalized_bow';
      const source = { column: spec.column, vocabulary: vocabularyOf(spec)!, vocabulary_sha256: vocabulary.sha256 };
      return { name, size: vocabulary.size, offset, type, ...source };
    }
  }
}

function checkSpecs(specs: readonly FeatureSpec[]): void {
  const names = new Set<string>();
  for (const spec of specs) {
    checkOneOf('FeatureEncoder', 'kind', spec.kind, ['numeric', 'scaled-bucket', 'cyclic', 'bag-of-words', 'id']);
    if (names.has(spec.name)) {
      throw new RangeError(
        `The segments of FeatureEncoder must have different names. Got ${JSON.stringify(spec.name)} twice.`,
      );
    }
    names.add(spec.name);
    if (spec.kind === 'scaled-bucket') checkInteger('FeatureEncoder', 'buckets', spec.buckets, { min: 2 });
    if (spec.kind === 'cyclic') checkNumber('FeatureEncoder', 'period', spec.period, { min: 0, exclusiveMin: true });
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSpec(value: unknown): boolean {
  if (!isRecord(value) || typeof value.name !== 'string') return false;
  return value.kind === 'numeric' ? Array.isArray(value.columns) : typeof value.column === 'string';
}
