import type { EvidenceClusterRecord, EvidenceRecord, EvidenceRepository } from '../repositories/evidence.js';
import { checkStorableText } from '../sql/storable-text.js';
import { compareBy, jsonCopy, type MemoryTables } from './memory-tables.js';

/** Keeps evidence in memory. */
export function memoryEvidence(tables: () => MemoryTables): EvidenceRepository {
  return {
    async replace(jobId, evidence) {
      const byGenre = tables().evidence.get(jobId) ?? new Map<string, EvidenceRecord>();
      byGenre.set(evidence.genre, {
        genre: evidence.genre,
        clusters: evidence.clusters.map(storedCluster).sort(compareBy((cluster) => cluster.clusterId)),
        diagnostics: jsonCopy('diagnostics', evidence.diagnostics),
      });
      tables().evidence.set(jobId, byGenre);
    },
    async load(jobId) {
      const byGenre = tables().evidence.get(jobId) ?? new Map<string, EvidenceRecord>();
      return structuredClone([...byGenre.values()].sort(compareBy((evidence) => evidence.genre)));
    },
  };
}

function storedCluster(cluster: EvidenceClusterRecord): EvidenceClusterRecord {
  const sentences = cluster.sentences.map((sentence) => ({
    ...sentence,
    text: checkStorableText(`sentence of article ${sentence.articleId}`, sentence.text),
    score: Math.fround(sentence.score),
  }));
  sentences.sort(compareBy((sentence) => sentence.sentenceId));
  sentences.sort(compareBy((sentence) => sentence.articleId));
  sentences.sort(compareBy((sentence) => -sentence.score));
  return {
    ...cluster,
    stats: jsonCopy('stats', cluster.stats),
    sentences,
    articles: cluster.articles.toSorted(compareBy((article) => article.rank)),
  };
}
