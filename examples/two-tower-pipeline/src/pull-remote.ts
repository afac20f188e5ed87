import { type CatalogueTable, importCatalogueRows, type SqlClient } from '@matome/storage';
import type { SupabaseClient } from './supabase-client.js';

/** Options of `pullRemote`. */
export interface PullOptions {
  readonly pageSize: number;
  readonly signal?: AbortSignal | undefined;
  readonly progress: (message: string) => void;
}

const tables: readonly (readonly [table: CatalogueTable, order: string])[] = [
  ['profiles', 'user_id.asc'],
  ['videos', 'id.asc'],
  ['video_tags', 'video_id.asc,tag_name.asc'],
  ['video_performers', 'video_id.asc,performer_name.asc'],
  ['user_video_decisions', 'user_id.asc,video_id.asc,created_at.asc'],
];

/**
 * Copies the five tables of a project into the local database: all of them, or after a fault none.
 *
 * @returns how many rows came from each table.
 */
export async function pullRemote(
  client: SqlClient,
  remote: SupabaseClient,
  { pageSize, signal, progress }: PullOptions,
): Promise<Record<string, number>> {
  return client.transaction(async (transaction) => {
    const counts: Record<string, number> = {};
    // Tags and performers of pulled items are those of the project, also where it has fewer than before.
    await transaction.script('DELETE FROM video_tags; DELETE FROM video_performers');
    for (const [table, order] of tables) {
      counts[table] = 0;
      for await (const rows of remote.pages(table, { order, pageSize, ...(signal ? { signal } : {}) })) {
        await importCatalogueRows(transaction, table, rows);
        counts[table] += rows.length;
      }
      progress(`pulled ${counts[table]} rows of ${table}`);
    }
    return counts;
  });
}
