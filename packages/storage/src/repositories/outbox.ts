import { checkInteger } from '@matome/primitives/options';
import type { SqlClient } from '../sql/sql-client.js';
import { checkStorableDate, checkStorableText, storableJson } from '../sql/storable-text.js';
import { StorageError } from '../storage-error.js';

/** Something that has happened and that others should hear of. */
export interface OutboxMessage {
  /** The receiver drops what it has heard under the same key. */
  readonly dedupeKey: string;
  readonly kind: string;
  readonly payload: unknown;
  readonly occurredAt: Date;
  /** A UUID. @default null: for nobody in particular */
  readonly userId?: string | null;
}

/** A message in the hands of one relay. */
export interface ClaimedMessage extends Required<OutboxMessage> {
  /** Attempts so far, this one among them; also tells this relay from an earlier one whose time ran out. */
  readonly attempt: number;
}

/** Options of claiming. */
export interface ClaimOptions {
  /** Name of the relay, for people. */
  readonly relay: string;
  /** Most messages at once. @default 100 */
  readonly limit?: number;
  /** Time to forward them before others may, in milliseconds. @default 60000 */
  readonly leaseMs?: number;
}

/** How many messages stand in each state. */
export type OutboxCounts = Readonly<Record<'pending' | 'forwarding' | 'forwarded' | 'dead', number>>;

/**
 * Messages written in the transaction of what they tell, and forwarded afterwards: at least once, so that the receiver has
 * to know them by their key.
 */
export interface OutboxRepository {
  /** Adds a message unless its key is taken. @throws RangeError for text or a time that PostgreSQL cannot hold. */
  add(message: OutboxMessage): Promise<{ readonly added: boolean }>;
  /** Takes messages that are due, oldest first, and those another relay has held beyond its time. */
  claim(options: ClaimOptions): Promise<readonly ClaimedMessage[]>;
  /** The receiver has it. @throws StorageError `LEASE_LOST` if another relay has taken the message. */
  forwarded(message: ClaimedMessage): Promise<void>;
  /**
   * It could not be forwarded: it is due again at `nextAttemptAt`, or dead after `maxAttempts`, 8 by default.
   *
   * @throws StorageError `LEASE_LOST` if another relay has taken the message.
   */
  failed(
    message: ClaimedMessage,
    failure: { readonly error: string; readonly nextAttemptAt: Date; readonly maxAttempts?: number },
  ): Promise<'pending' | 'dead'>;
  counts(): Promise<OutboxCounts>;
}

/** Numbers of the outbox when nothing else is said. */
export const outboxDefaults = { limit: 100, leaseMs: 60_000, maxAttempts: 8 } as const;

/** The error of every implementation for a message that is another relay's by now. */
export function messageLost({ dedupeKey }: ClaimedMessage): StorageError {
  return new StorageError('LEASE_LOST', `The message "${dedupeKey}" is no longer held by this relay.`);
}

interface MessageRow {
  readonly dedupe_key: string;
  readonly user_id: string | null;
  readonly kind: string;
  readonly payload: unknown;
  readonly occurred_at: Date;
  readonly attempts: number;
}

const claimStatement = `
  WITH due AS (
    SELECT id FROM notification_outbox
    WHERE state IN ('pending', 'forwarding') AND next_attempt_at <= $1::timestamptz
    ORDER BY next_attempt_at, id LIMIT $2::integer FOR UPDATE SKIP LOCKED
  ), taken AS (
    UPDATE notification_outbox AS message
    SET state = 'forwarding', attempts = attempts + 1, locked_by = $4,
      next_attempt_at = $1::timestamptz + $3::double precision * interval '1 millisecond'
    FROM due WHERE message.id = due.id
    RETURNING message.id, dedupe_key, user_id, kind, payload, occurred_at, attempts
  )
  SELECT dedupe_key, user_id, kind, payload, occurred_at, attempts FROM taken ORDER BY id`;

/** Throws unless key, kind and time of the message can be stored. */
export function checkMessage({ dedupeKey, kind, occurredAt }: OutboxMessage): void {
  checkStorableText('dedupeKey of a message', dedupeKey);
  checkStorableText('kind of a message', kind);
  checkStorableDate('occurredAt of a message', occurredAt);
}

/** Keeps messages in the table `notification_outbox`. */
export function createOutboxRepository(client: SqlClient, now: () => number): OutboxRepository {
  const timestamp = () => new Date(now()).toISOString();
  return {
    async add(message) {
      checkMessage(message);
      const { dedupeKey, kind, payload, occurredAt, userId = null } = message;
      const { rowCount } = await client.query(
        `INSERT INTO notification_outbox (dedupe_key, user_id, kind, payload, occurred_at, next_attempt_at)
         VALUES ($1, $2::uuid, $3, $4::jsonb, $5::timestamptz, $6::timestamptz) ON CONFLICT (dedupe_key) DO NOTHING`,
        [dedupeKey, userId, kind, storableJson('payload of a message', payload), occurredAt.toISOString(), timestamp()],
      );
      return { added: rowCount > 0 };
    },
    async claim({ relay, limit = outboxDefaults.limit, leaseMs = outboxDefaults.leaseMs }) {
      checkInteger('claim', 'limit', limit, { min: 1 });
      checkInteger('claim', 'leaseMs', leaseMs, { min: 1 });
      const { rows } = await client.query<MessageRow>(claimStatement, [timestamp(), limit, leaseMs, relay]);
      return rows.map((row) => ({
        dedupeKey: row.dedupe_key,
        userId: row.user_id,
        kind: row.kind,
        payload: row.payload,
        occurredAt: row.occurred_at,
        attempt: row.attempts,
      }));
    },
    async forwarded(message) {
      const { rowCount } = await client.query(
        `UPDATE notification_outbox SET state = 'forwarded', forwarded_at = $3::timestamptz, locked_by = NULL,
           last_error = NULL
         WHERE dedupe_key = $1 AND attempts = $2::integer AND state = 'forwarding'`,
        [message.dedupeKey, message.attempt, timestamp()],
      );
      if (rowCount === 0) throw messageLost(message);
    },
    async failed(message, { error, nextAttemptAt, maxAttempts = outboxDefaults.maxAttempts }) {
      const { rows } = await client.query<{ state: 'pending' | 'dead' }>(
        `UPDATE notification_outbox
         SET state = CASE WHEN attempts >= $5::integer THEN 'dead' ELSE 'pending' END, locked_by = NULL,
           last_error = $3, next_attempt_at = $4::timestamptz
         WHERE dedupe_key = $1 AND attempts = $2::integer AND state = 'forwarding' RETURNING state`,
        [
          message.dedupeKey,
          message.attempt,
          checkStorableText('error', error),
          nextAttemptAt.toISOString(),
          maxAttempts,
        ],
      );
      if (!rows[0]) throw messageLost(message);
      return rows[0].state;
    },
    async counts() {
      const { rows } = await client.query<{ state: keyof OutboxCounts; n: number }>(
        'SELECT state, count(*)::integer AS n FROM notification_outbox GROUP BY state',
      );
      const none = { pending: 0, forwarding: 0, forwarded: 0, dead: 0 };
      return { ...none, ...Object.fromEntries(rows.map(({ state, n }) => [state, n])) };
    },
  };
}
