import { checkRetention, type RetainedTable, type RetentionRepository } from '../repositories/retention.js';
import type { SystemMetricsRepository } from '../repositories/system-metrics.js';
import type { WorkerConfigRepository } from '../repositories/worker-config.js';
import { checkStorableText } from '../sql/storable-text.js';
import { deleteJob } from './jobs.js';
import { jsonCopy, type MemoryTables } from './memory-tables.js';

/** Keeps settings in memory. */
export function memoryWorkerConfig(tables: () => MemoryTables, now: () => number): WorkerConfigRepository {
  return {
    async append({ type, payload, source = 'genre_learning', metadata = {} }) {
      checkStorableText('type of a setting', type);
      checkStorableText('source of a setting', source);
      const copy = {
        payload: jsonCopy('payload of a setting', payload),
        metadata: jsonCopy('metadata of a setting', metadata),
      };
      tables().workerConfig.push({ type, source, ...copy, createdAt: new Date(now()) });
    },
    async latest(type) {
      let newest: MemoryTables['workerConfig'][number] | undefined;
      for (const config of tables().workerConfig) {
        if (config.type === type && !(newest && newest.createdAt > config.createdAt)) newest = config;
      }
      return structuredClone(newest);
    },
  };
}

/** Keeps figures in memory. */
export function memorySystemMetrics(tables: () => MemoryTables, now: () => number): SystemMetricsRepository {
  return {
    async record({ type, metrics, at = new Date(now()), jobId = null }) {
      tables().systemMetrics.push({ type, metrics: jsonCopy('metrics', metrics), at: new Date(at), jobId });
    },
    async list({ type, jobId, since, limit }) {
      const found = tables()
        .systemMetrics.map((record, i) => ({ record, i }))
        .filter(({ record }) => type === undefined || record.type === type)
        .filter(({ record }) => jobId === undefined || record.jobId === jobId)
        .filter(({ record }) => since === undefined || record.at >= since)
        .sort((a, b) => b.record.at.getTime() - a.record.at.getTime() || b.i - a.i);
      return structuredClone(found.slice(0, limit).map(({ record }) => record));
    },
  };
}

/** Deletes what is older than `time` and says how many rows that were. */
const deletions: Readonly<Record<RetainedTable, (tables: MemoryTables, time: Date) => number>> = {
  recap_jobs(tables, time) {
    const old = [...tables.jobs.values()].filter(({ record }) => record.kickedAt < time);
    for (const { record } of old) deleteJob(tables, record.jobId);
    return old.length;
  },
  recap_system_metrics(tables, time) {
    const kept = tables.systemMetrics.filter(({ at }) => at >= time);
    return tables.systemMetrics.splice(0, tables.systemMetrics.length, ...kept).length - kept.length;
  },
  morning_article_groups: (tables, time) => deleteFrom(tables.morningGroups, ({ createdAt }) => createdAt < time),
  morning_letters: (tables, time) => deleteFrom(tables.morningLetters, ({ letter }) => letter.createdAt < time),
  notification_outbox: (tables, time) =>
    deleteFrom(tables.outbox, ({ forwardedAt }) => forwardedAt !== null && forwardedAt < time),
};

function deleteFrom<T>(rows: Map<string, T>, isOld: (row: T) => boolean): number {
  const old = [...rows].filter(([, row]) => isOld(row));
  for (const [key] of old) rows.delete(key);
  return old.length;
}

/** Keeps times in memory. */
export function memoryRetention(tables: () => MemoryTables, now: () => number): RetentionRepository {
  const settings = () => [...tables().retention].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    async set(table, days) {
      checkRetention(table, days);
      tables().retention.set(table, days);
    },
    async list() {
      return Object.fromEntries(settings());
    },
    async apply() {
      return Object.fromEntries(
        settings().map(([table, days]) => [table, deletions[table](tables(), new Date(now() - days * 86_400_000))]),
      );
    },
  };
}
