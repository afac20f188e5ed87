import type { SqlClient } from '../sql/sql-client.js';
import { upsertRows } from '../sql/upsert.js';

/** How strongly a tag points to a genre inside one window. */
export interface LabelEdgeRecord {
  readonly genre: string;
  readonly tag: string;
  /** In [0, 1]; stored with single precision. */
  readonly weight: number;
  /** Number of observations. */
  readonly sampleSize: number;
  readonly lastObservedAt: Date | null;
}

/** Label graphs by window, such as `7d` and `30d`. */
export interface LabelGraphRepository {
  /** @returns the edges sorted by genre, then tag; none for an unknown window. */
  load(windowLabel: string): Promise<readonly LabelEdgeRecord[]>;
  /** Makes `edges` the whole graph of the window. */
  replace(windowLabel: string, edges: readonly LabelEdgeRecord[]): Promise<void>;
}

interface EdgeRow {
  readonly genre: string;
  readonly tag: string;
  readonly weight: number;
  readonly sample_size: number;
  readonly last_observed_at: Date | null;
}

/** Throws unless every edge can be stored. */
export function checkEdges(edges: readonly LabelEdgeRecord[]): void {
  for (const { genre, tag, weight, sampleSize } of edges) {
    if (!(weight >= 0 && weight <= 1)) {
      throw new RangeError(`The weight of edge ${genre} – ${tag} must be a number in [0, 1]. Got ${weight}.`);
    }
    if (!Number.isInteger(sampleSize) || sampleSize < 0) {
      throw new RangeError(`The sampleSize of edge ${genre} – ${tag} must be an integer in [0, ∞]. Got ${sampleSize}.`);
    }
  }
}

/** Keeps label graphs in the table `tag_label_graph`. */
export function createLabelGraphRepository(client: SqlClient, now: () => number): LabelGraphRepository {
  return {
    async load(windowLabel) {
      const { rows } = await client.query<EdgeRow>(
        `SELECT genre, tag, weight, sample_size, last_observed_at FROM tag_label_graph
         WHERE window_label = $1 ORDER BY genre COLLATE "C", tag COLLATE "C"`,
        [windowLabel],
      );
      return rows.map((row) => ({
        genre: row.genre,
        tag: row.tag,
        weight: Math.fround(row.weight),
        sampleSize: row.sample_size,
        lastObservedAt: row.last_observed_at,
      }));
    },
    async replace(windowLabel, edges) {
      checkEdges(edges);
      const updated = new Date(now());
      await client.transaction(async (transaction) => {
        await transaction.query('DELETE FROM tag_label_graph WHERE window_label = $1', [windowLabel]);
        await upsertRows(
          transaction,
          {
            table: 'tag_label_graph',
            columns: {
              window_label: 'text',
              genre: 'text',
              tag: 'text',
              weight: 'real',
              sample_size: 'integer',
              last_observed_at: 'timestamptz',
              updated_at: 'timestamptz',
            },
            conflict: ['window_label', 'genre', 'tag'],
            update: ['weight', 'sample_size', 'last_observed_at', 'updated_at'],
          },
          edges.map((edge) => ({
            window_label: windowLabel,
            genre: edge.genre,
            tag: edge.tag,
            weight: edge.weight,
            sample_size: edge.sampleSize,
            last_observed_at: edge.lastObservedAt,
            updated_at: updated,
          })),
        );
      });
    },
  };
}
