/** What is wrong with an artefact. */
export type ArtifactErrorCode =
  | 'CHECKSUM_MISMATCH'
  | 'SCHEMA_MISMATCH'
  | 'UNSUPPORTED_VERSION'
  | 'MISSING_FILE'
  | 'MALFORMED';

/**
 * Thrown when an artefact cannot be trusted or used; the message says which file and why.
 *
 * @example
 * new ArtifactError('MISSING_FILE', 'The artefact manifest.json is missing.').code // => 'MISSING_FILE'
 */
export class ArtifactError extends Error {
  override readonly name = 'ArtifactError';

  constructor(
    readonly code: ArtifactErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
