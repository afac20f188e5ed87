import { clusterEmbeddings, type EmbeddingClusterOptions, OnlineClusters } from '@matome/clustering';
import { concatRows, type Matrix } from '@matome/primitives/linalg';

/** Groups vectors now, places those that come later, and looks for groups anew when too many fit none. */
export async function followStories(first: Matrix, options: EmbeddingClusterOptions = {}) {
  const found = await clusterEmbeddings(first, { deadlineMs: 60_000, ...options });
  let rows = first;
  let online = OnlineClusters.start(first, found, { maxDrift: 0.2, minRows: 20 });

  /** The story of each new vector, -1 for none; identities outlive a refresh. */
  const add = async (batch: Matrix) => {
    const { labels } = online.assign(batch);
    rows = concatRows([rows, batch]);
    if (!online.needsRefresh) return { labels, added: [] as readonly number[] };
    const refresh = await online.refresh(rows, options);
    online = refresh.model;
    return { labels: refresh.labels.slice(rows.rows - batch.rows), added: refresh.added };
  };
  return { labels: found.labels, diagnostics: found.diagnostics, add };
}
