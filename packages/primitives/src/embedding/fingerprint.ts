import type { Embedder } from './embedder.js';

/** Thrown when vectors stored earlier were made by another model, or the same one with other settings. */
export class FingerprintMismatchError extends Error {
  override readonly name = 'FingerprintMismatchError';

  /**
   * @param expected - fingerprint stored with the vectors.
   * @param actual - fingerprint of the embedder at hand.
   */
  constructor(
    readonly expected: string,
    readonly actual: string,
  ) {
    super(
      `The stored vectors were made by ${expected} and cannot be compared with those of ${actual}: embed them again.`,
    );
  }
}

/**
 * Refuses vectors of another space: to be called wherever an index of vectors is loaded.
 *
 * @param stored - the fingerprint kept with the vectors.
 * @throws FingerprintMismatchError if it is not the embedder's.
 * @example
 * const embedder = createHashingEmbedder({ dimensions: 64 });
 * checkFingerprint(embedder.fingerprint, embedder) // => undefined
 */
export function checkFingerprint(stored: string, embedder: Pick<Embedder, 'fingerprint'>): void {
  if (stored !== embedder.fingerprint) throw new FingerprintMismatchError(stored, embedder.fingerprint);
}
