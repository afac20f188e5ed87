import { checkEdges, type LabelGraphRepository } from '../repositories/label-graph.js';
import { compareBy, type MemoryTables } from './memory-tables.js';

/** Keeps label graphs in memory. */
export function memoryLabelGraph(tables: () => MemoryTables): LabelGraphRepository {
  return {
    async load(windowLabel) {
      return structuredClone(tables().labelGraphs.get(windowLabel) ?? []);
    },
    async replace(windowLabel, edges) {
      checkEdges(edges);
      const last = new Map(edges.map((edge) => [JSON.stringify([edge.genre, edge.tag]), edge]));
      const stored = Array.from(last.values(), (edge) => ({ ...edge, weight: Math.fround(edge.weight) }));
      stored.sort(compareBy((edge) => edge.tag)).sort(compareBy((edge) => edge.genre));
      tables().labelGraphs.set(windowLabel, stored);
    },
  };
}
