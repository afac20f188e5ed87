import type { SqlClient } from '../sql/sql-client.js';
import { checkStorableText, isStorableText, storableJson } from '../sql/storable-text.js';

/** Settings that a running service has found for itself. */
export interface WorkerConfigRecord {
  readonly type: string;
  readonly payload: unknown;
  /** Who found them. */
  readonly source: string;
  readonly metadata: unknown;
  readonly createdAt: Date;
}

/** Settings by type; the newest are in force, the older ones stay to be looked at. */
export interface WorkerConfigRepository {
  /** @param config - `source` is 'genre_learning' and `metadata` empty by default. */
  append(config: {
    readonly type: string;
    readonly payload: unknown;
    readonly source?: string;
    readonly metadata?: unknown;
  }): Promise<void>;
  latest(type: string): Promise<WorkerConfigRecord | undefined>;
}

interface ConfigRow {
  readonly config_payload: unknown;
  readonly source: string;
  readonly metadata: unknown;
  readonly created_at: Date;
}

/** Keeps settings in the table `recap_worker_config`. */
export function createWorkerConfigRepository(client: SqlClient, now: () => number): WorkerConfigRepository {
  return {
    async append({ type, payload, source = 'genre_learning', metadata = {} }) {
      checkStorableText('type of a setting', type);
      checkStorableText('source of a setting', source);
      await client.query(
        `INSERT INTO recap_worker_config (config_type, config_payload, source, metadata, created_at)
         VALUES ($1, $2::jsonb, $3, $4::jsonb, $5::timestamptz)`,
        [
          type,
          storableJson('payload of a setting', payload),
          source,
          storableJson('metadata of a setting', metadata),
          new Date(now()).toISOString(),
        ],
      );
    },
    async latest(type) {
      if (!isStorableText(type)) return undefined;
      const { rows } = await client.query<ConfigRow>(
        `SELECT config_payload, source, metadata, created_at FROM recap_worker_config
         WHERE config_type = $1 ORDER BY created_at DESC, id DESC LIMIT 1`,
        [type],
      );
      const row = rows[0];
      if (!row) return undefined;
      return {
        type,
        payload: row.config_payload,
        source: row.source,
        metadata: row.metadata,
        createdAt: row.created_at,
      };
    },
  };
}
