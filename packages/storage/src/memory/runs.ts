import { type RunRepository, runNotRunning } from '../repositories/runs.js';
import { jsonCopy, type MemoryTables } from './memory-tables.js';

/** Keeps runs in memory. */
export function memoryRuns(tables: () => MemoryTables): RunRepository {
  return {
    async submit({ jobId, genre, idempotencyKey, requestHash, payload }) {
      const rivals = tables().runs.filter(({ record }) => record.jobId === jobId && record.genre === genre);
      const same = rivals.findLast(
        (run) => run.idempotencyKey === idempotencyKey && run.record.state.status !== 'failed',
      );
      if (same) {
        const status = same.requestHash === requestHash ? 'known' : 'mismatch';
        return { status, runId: same.record.runId };
      }
      const running = rivals.findLast(({ record }) => record.state.status === 'running');
      if (running) return { status: 'busy', runId: running.record.runId };
      const runId = String(tables().runs.length + 1);
      const record = { runId, jobId, genre, payload: jsonCopy('payload of a submission', payload) };
      tables().runs.push({ record: { ...record, state: { status: 'running' } }, idempotencyKey, requestHash });
      return { status: 'created', runId };
    },
    async get(runId) {
      return structuredClone(tables().runs.find(({ record }) => record.runId === runId)?.record);
    },
    async finish(runId, state) {
      const run = tables().runs.find(({ record }) => record.runId === runId);
      if (run?.record.state.status !== 'running') throw runNotRunning(runId, run?.record.state.status);
      run.record = { ...run.record, state: jsonCopy('result of a run', state) };
    },
  };
}
