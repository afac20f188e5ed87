import { checkInteger } from '@matome/primitives/options';
import { StorageError } from '../storage-error.js';
import type { SqlClient } from './sql-client.js';

/** The right to work under a name until `expiresAt`. */
export interface Lease {
  readonly name: string;
  readonly holder: string;
  /** Grows with every new holder: a store that remembers the highest token seen can refuse a late holder's write. */
  readonly token: number;
  readonly expiresAt: Date;
}

/** Leases by name; the same rules on every implementation. */
export interface Leases {
  /** Takes the name if it is free or its lease has run out. @returns the lease, or `undefined` when someone holds it. */
  acquire(name: string, holder: string, ttlMs: number): Promise<Lease | undefined>;
  /** Extends a lease. @throws StorageError `LEASE_LOST` if it ran out and was taken by another holder or given up. */
  renew(lease: Lease, ttlMs: number): Promise<Lease>;
  /** Gives a lease up; does nothing if it is lost already. */
  release(lease: Lease): Promise<void>;
}

/** Options of {@link createPostgresLeases}. */
export interface PostgresLeasesOptions {
  /** Milliseconds since 1970. @default the clock of the database, which all its clients share */
  readonly now?: () => number;
}

/** Thrown by every implementation when a lease is lost. */
export function leaseLost({ name, holder }: Lease): StorageError {
  return new StorageError('LEASE_LOST', `The lease "${name}" is no longer held by "${holder}".`);
}

interface LeaseRow {
  readonly token: string;
  readonly expires_at: Date;
}

/**
 * Keeps leases in the table `matome_leases`.
 *
 * @see Kleppmann (2016), "How to do distributed locking", on fencing tokens:
 * https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html
 * @example
 * const row = { token: '1', expires_at: new Date(60_000) };
 * const client = { query: async () => ({ rows: [row], rowCount: 1 }) } as unknown as SqlClient;
 * (await createPostgresLeases(client).acquire('job', 'worker-1', 60_000))?.token // => 1
 */
export function createPostgresLeases(client: SqlClient, options: PostgresLeasesOptions = {}): Leases {
  const time = () => (options.now ? new Date(options.now()).toISOString() : null);
  const toLease = (name: string, holder: string, row: LeaseRow): Lease => ({
    name,
    holder,
    token: Number(row.token),
    expiresAt: row.expires_at,
  });
  return {
    async acquire(name, holder, ttlMs) {
      checkInteger('Leases.acquire', 'ttlMs', ttlMs, { min: 1 });
      const { rows } = await client.query<LeaseRow>(
        `INSERT INTO matome_leases AS held (name, holder, token, expires_at)
         VALUES ($1, $2, 1, coalesce($3::timestamptz, clock_timestamp()) + $4::double precision * interval '1 millisecond')
         ON CONFLICT (name) DO UPDATE
           SET holder = EXCLUDED.holder, token = held.token + 1, expires_at = EXCLUDED.expires_at
           WHERE held.expires_at <= coalesce($3::timestamptz, clock_timestamp())
         RETURNING token::text, expires_at`,
        [name, holder, time(), ttlMs],
      );
      return rows[0] && toLease(name, holder, rows[0]);
    },
    async renew(lease, ttlMs) {
      checkInteger('Leases.renew', 'ttlMs', ttlMs, { min: 1 });
      const { rows } = await client.query<LeaseRow>(
        `UPDATE matome_leases
         SET expires_at = coalesce($3::timestamptz, clock_timestamp()) + $4::double precision * interval '1 millisecond'
         WHERE name = $1 AND token = $2::bigint AND holder <> '' RETURNING token::text, expires_at`,
        [lease.name, String(lease.token), time(), ttlMs],
      );
      if (!rows[0]) throw leaseLost(lease);
      return toLease(lease.name, lease.holder, rows[0]);
    },
    async release({ name, token }) {
      // The row stays, because the next holder's token must be higher.
      await client.query(
        "UPDATE matome_leases SET holder = '', expires_at = '-infinity' WHERE name = $1 AND token = $2::bigint",
        [name, String(token)],
      );
    },
  };
}
