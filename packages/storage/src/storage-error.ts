/** What callers of the storage package branch on. */
export type StorageErrorCode =
  | 'CONFLICT'
  | 'NOT_FOUND'
  | 'LOCKED'
  | 'LEASE_LOST'
  | 'SCHEMA_AHEAD'
  | 'MIGRATION_CHANGED'
  | 'TRANSACTION_ABORTED'
  | 'TRANSACTION_MISUSE'
  | 'CHECKSUM_MISMATCH';

/**
 * A storage failure with a stable `code`; `cause` keeps the driver's error.
 *
 * @example
 * new StorageError('NOT_FOUND', 'No job has the id a1.').code // => 'NOT_FOUND'
 */
export class StorageError extends Error {
  override readonly name = 'StorageError';

  constructor(
    readonly code: StorageErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
