import type { DuplicateRepository } from '../repositories/duplicates.js';
import { completeRecord, type GenreLearningRepository } from '../repositories/genre-learning.js';
import {
  checkWindowDays,
  type JobRepository,
  type JobStatus,
  jobMissing,
  type TransitionDetail,
} from '../repositories/jobs.js';
import type { SectionRepository } from '../repositories/sections.js';
import type { StageRepository } from '../repositories/stages.js';
import { checkStorableText } from '../sql/storable-text.js';
import { compareBy, type JobTables, jsonCopy, type MemoryTables } from './memory-tables.js';

/** Finds the tables of a job. */
export function jobTables(tables: MemoryTables, jobId: string): JobTables {
  const job = tables.jobs.get(jobId);
  if (!job) throw jobMissing(jobId);
  return job;
}

/** Deletes a job with everything that belongs to it. */
export function deleteJob(tables: MemoryTables, jobId: string): void {
  tables.jobs.delete(jobId);
  for (const [key, entry] of tables.queue) if (entry.jobId === jobId) tables.queue.delete(key);
}

function move(job: JobTables, status: JobStatus, detail: TransitionDetail, at: Date): void {
  const { stage = null, reason = null, actor = null } = detail;
  job.record = { ...job.record, status, lastStage: stage ?? job.record.lastStage, updatedAt: at };
  job.history.push({ status, stage, at, reason, actor });
}

/** Keeps jobs in memory. */
export function memoryJobs(tables: () => MemoryTables, now: () => number): JobRepository {
  return {
    async create({ jobId, windowDays, trigger = 'system', userId = null, note = null }) {
      checkWindowDays(windowDays);
      if (tables().jobs.has(jobId)) return { created: false };
      const at = new Date(now());
      const record = { jobId, windowDays, trigger, userId, note, status: 'pending' as const, lastStage: null };
      tables().jobs.set(jobId, {
        record: { ...record, kickedAt: at, updatedAt: at },
        sequence: tables().jobs.size,
        history: [{ status: 'pending', stage: null, at, reason: null, actor: null }],
        failures: [],
        stages: new Map(),
        learning: new Map(),
        duplicates: [],
        sections: new Map(),
      });
      return { created: true };
    },
    async get(jobId) {
      return tables().jobs.get(jobId)?.record;
    },
    async list({ status, limit }) {
      return [...tables().jobs.values()]
        .filter(({ record }) => !status || record.status === status)
        .sort((a, b) => b.record.kickedAt.getTime() - a.record.kickedAt.getTime() || b.sequence - a.sequence)
        .slice(0, limit)
        .map(({ record }) => record);
    },
    async setStatus(jobId, status, detail = {}) {
      move(jobTables(tables(), jobId), status, detail, new Date(now()));
    },
    async history(jobId) {
      return [...(tables().jobs.get(jobId)?.history ?? [])];
    },
    async recordFailure(jobId, failure) {
      checkStorableText('error', failure.error);
      jobTables(tables(), jobId).failures.push(jsonCopy('payload of a failure', failure));
    },
    async failures(jobId) {
      return [...(tables().jobs.get(jobId)?.failures ?? [])];
    },
    async deleteBefore(time) {
      const old = [...tables().jobs.values()].filter(({ record }) => record.kickedAt < time);
      for (const { record } of old) deleteJob(tables(), record.jobId);
      return old.length;
    },
  };
}

/** Keeps results of stages in memory. */
export function memoryStages(tables: () => MemoryTables, now: () => number): StageRepository {
  return {
    async save(jobId, stage, { state, items = [] }) {
      checkStorableText('name of a stage', stage);
      const job = jobTables(tables(), jobId);
      const saved = {
        state: jsonCopy(`state of stage ${stage}`, state),
        items: items.map((item, i) => jsonCopy(`item ${i} of stage ${stage}`, item)),
        savedAt: new Date(now()),
      };
      job.stages.delete(stage);
      job.stages.set(stage, saved);
      move(job, 'running', { stage }, saved.savedAt);
    },
    async load(jobId, stage) {
      const saved = tables().jobs.get(jobId)?.stages.get(stage);
      return saved && structuredClone(saved);
    },
    async list(jobId) {
      const stages = tables().jobs.get(jobId)?.stages ?? new Map();
      return Array.from(stages, ([stage, { state }]) => ({ stage, state }));
    },
  };
}

/** Keeps genre decisions in memory. */
export function memoryGenreLearning(tables: () => MemoryTables): GenreLearningRepository {
  return {
    async save(jobId, records) {
      const { learning } = jobTables(tables(), jobId);
      for (const record of records) {
        const feedback = record.feedback ?? learning.get(record.articleId)?.feedback ?? null;
        const complete = completeRecord({ ...record, feedback });
        learning.set(record.articleId, jsonCopy(`record of article ${record.articleId}`, complete));
      }
    },
    async load(jobId) {
      const learning = tables().jobs.get(jobId)?.learning ?? new Map();
      return structuredClone([...learning.values()].sort(compareBy((record) => record.articleId)));
    },
  };
}

/** Keeps duplicates in memory. */
export function memoryDuplicates(tables: () => MemoryTables): DuplicateRepository {
  return {
    async replace(jobId, records) {
      const byId = new Map(records.map((record) => [record.articleId, record]));
      jobTables(tables(), jobId).duplicates = Array.from(byId.values(), (record) => {
        return { ...record, similarity: Math.fround(record.similarity) };
      }).sort(compareBy((record) => record.articleId));
    },
    async load(jobId) {
      return structuredClone(tables().jobs.get(jobId)?.duplicates ?? []);
    },
  };
}

/** Keeps sections in memory. */
export function memorySections(tables: () => MemoryTables): SectionRepository {
  return {
    async save(jobId, sections) {
      const stored = jobTables(tables(), jobId).sections;
      for (const section of sections) stored.set(section.genre, jsonCopy(`section ${section.genre}`, section));
    },
    async load(jobId) {
      const sections = tables().jobs.get(jobId)?.sections ?? new Map();
      return structuredClone([...sections.values()].sort(compareBy((section) => section.genre)));
    },
  };
}
