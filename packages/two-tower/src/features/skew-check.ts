import { ArtifactError } from '../artifacts/artifact-error.js';
import type { FeatureSchema, FeatureSegment } from './feature-schema.js';

/**
 * The first way in which two schemas would put a number into another place or give it another meaning.
 *
 * @param trained - what the model was trained with.
 * @param served - what the features at hand are made with.
 * @returns one sentence, or undefined when the schemas agree.
 * @example
 * const schema = { version: 'v2', width: 0, segments: [] };
 * findSkew(schema, { ...schema, version: 'v3' }) // => 'The features are of version v3, the model was trained with version v2.'
 */
export function findSkew(trained: FeatureSchema, served: FeatureSchema): string | undefined {
  if (trained.version !== served.version) {
    return `The features are of version ${served.version}, the model was trained with version ${trained.version}.`;
  }
  const names = (schema: FeatureSchema) => schema.segments.map(({ name }) => name).join(', ');
  if (names(trained) !== names(served)) {
    return `The features have the segments ${names(served)}, the model was trained with ${names(trained)}.`;
  }
  for (const [i, expected] of trained.segments.entries()) {
    const difference = segmentSkew(expected, served.segments[i]!);
    if (difference) return difference;
  }
  return undefined;
}

function segmentSkew(trained: FeatureSegment, served: FeatureSegment): string | undefined {
  const keys = [
    'type',
    'size',
    'features',
    'transform',
    'range',
    'buckets',
    'period',
    'column',
    'vocabulary_sha256',
  ] as const;
  for (const key of keys) {
    const expected = trained[key];
    const got = served[key];
    // Files written elsewhere may leave out what only this code adds.
    if (expected === undefined || JSON.stringify(expected) === JSON.stringify(got)) continue;
    if (key === 'vocabulary_sha256') {
      return `The vocabulary of the segment ${trained.name} is not the one the model was trained with.`;
    }
    return `The ${key} of the segment ${trained.name} is ${JSON.stringify(got)}, the model was trained with ${JSON.stringify(expected)}.`;
  }
  return undefined;
}

/**
 * Refuses features that do not fit a model.
 *
 * @throws ArtifactError (`SCHEMA_MISMATCH`) with the sentence of `findSkew`.
 * @example
 * const schema = { version: 'v2', width: 0, segments: [] };
 * checkSkew(schema, schema) // => undefined
 */
export function checkSkew(trained: FeatureSchema, served: FeatureSchema): void {
  const skew = findSkew(trained, served);
  if (skew) throw new ArtifactError('SCHEMA_MISMATCH', skew);
}
