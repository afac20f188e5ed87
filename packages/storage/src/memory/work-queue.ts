import { checkInteger } from '@matome/primitives/options';
import { jobMissing } from '../repositories/jobs.js';
import {
  chunkLost,
  type PickedChunk,
  queueDefaults,
  retryWaitMs,
  stateOfChunks,
  type WorkQueueRepository,
} from '../repositories/work-queue.js';
import { checkStorableText } from '../sql/storable-text.js';
import { jsonCopy, type MemoryTables, type QueueEntry } from './memory-tables.js';

/** Keeps chunks in memory. */
export function memoryWorkQueue(tables: () => MemoryTables, now: () => number): WorkQueueRepository {
  const chunksOf = (jobId: string) =>
    [...tables().queue.values()].filter((entry) => entry.jobId === jobId).sort((a, b) => a.chunk - b.chunk);
  const held = (picked: PickedChunk): QueueEntry => {
    const entry = tables().queue.get(keyOf(picked));
    if (entry?.status !== 'running' || entry.token !== picked.token) throw chunkLost(picked);
    return entry;
  };
  const isDue = (entry: QueueEntry, leaseMs: number) =>
    entry.status === 'pending' ||
    (entry.status === 'retrying' && entry.nextRetryAt <= now()) ||
    (entry.status === 'running' && entry.startedAt <= now() - leaseMs);
  return {
    async enqueue(jobId, chunks, { maxRetries = queueDefaults.maxRetries } = {}) {
      checkInteger('enqueue', 'maxRetries', maxRetries, { min: 0 });
      const copies = chunks.map((chunk, i) => jsonCopy(`texts of chunk ${i}`, chunk));
      if (!tables().jobs.has(jobId)) throw jobMissing(jobId);
      for (const { chunk } of chunksOf(jobId))
        if (chunk >= chunks.length) tables().queue.delete(keyOf({ jobId, chunk }));
      for (const [chunk, texts] of copies.entries()) {
        const there = tables().queue.get(keyOf({ jobId, chunk }));
        if (there && there.status !== 'failed' && JSON.stringify(there.texts) === JSON.stringify(texts)) continue;
        tables().queue.set(keyOf({ jobId, chunk }), {
          ...{ jobId, chunk, texts, maxRetries, status: 'pending', result: null, error: null, retries: 0 },
          ...{ startedAt: 0, nextRetryAt: 0, createdAt: there?.createdAt ?? now() },
          sequence: there?.sequence ?? tables().queue.size,
          token: there ? there.token + 1 : 0,
        });
      }
    },
    async pick({ leaseMs = queueDefaults.leaseMs } = {}) {
      checkInteger('pick', 'leaseMs', leaseMs, { min: 1 });
      const due = [...tables().queue.values()]
        .filter((entry) => isDue(entry, leaseMs))
        .sort((a, b) => a.createdAt - b.createdAt || a.sequence - b.sequence)[0];
      if (!due) return undefined;
      due.status = 'running';
      due.startedAt = now();
      due.token++;
      const { jobId, chunk, texts, retries, token } = due;
      return { jobId, chunk, texts: [...texts], retries, token };
    },
    async complete(chunk, result) {
      const copy = jsonCopy('result of a chunk', result);
      const entry = held(chunk);
      entry.status = 'completed';
      entry.result = copy;
      entry.error = null;
    },
    async fail(chunk, error, { retryDelayMs = queueDefaults.retryDelayMs } = {}) {
      checkStorableText('error', error);
      const entry = held(chunk);
      const again = entry.retries < entry.maxRetries;
      entry.error = error;
      entry.nextRetryAt = now() + retryWaitMs(entry.retries, retryDelayMs);
      if (again) entry.retries++;
      entry.status = again ? 'retrying' : 'failed';
      return entry.status;
    },
    async state(jobId) {
      return structuredClone(stateOfChunks(chunksOf(jobId)));
    },
  };
}

function keyOf({ jobId, chunk }: { readonly jobId: string; readonly chunk: number }): string {
  return `${jobId}/${chunk}`;
}
