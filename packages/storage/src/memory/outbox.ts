import { checkInteger } from '@matome/primitives/options';
import {
  type ClaimedMessage,
  checkMessage,
  messageLost,
  type OutboxRepository,
  outboxDefaults,
} from '../repositories/outbox.js';
import { checkStorableText } from '../sql/storable-text.js';
import { jsonCopy, type MemoryTables, type OutboxEntry } from './memory-tables.js';

/** Keeps messages in memory. */
export function memoryOutbox(tables: () => MemoryTables, now: () => number): OutboxRepository {
  const held = (message: ClaimedMessage): OutboxEntry => {
    const entry = tables().outbox.get(message.dedupeKey);
    if (entry?.state !== 'forwarding' || entry.attempts !== message.attempt) throw messageLost(message);
    return entry;
  };
  return {
    async add(given) {
      checkMessage(given);
      const { dedupeKey, kind, payload, occurredAt, userId = null } = given;
      const copy = jsonCopy('payload of a message', payload);
      if (tables().outbox.has(dedupeKey)) return { added: false };
      const message = { dedupeKey, kind, payload: copy, occurredAt: new Date(occurredAt), userId };
      const sequence = tables().outbox.size;
      tables().outbox.set(dedupeKey, {
        ...{ message, sequence, state: 'pending', attempts: 0, nextAttemptAt: now(), forwardedAt: null },
      });
      return { added: true };
    },
    async claim({ limit = outboxDefaults.limit, leaseMs = outboxDefaults.leaseMs }) {
      checkInteger('claim', 'limit', limit, { min: 1 });
      checkInteger('claim', 'leaseMs', leaseMs, { min: 1 });
      const due = [...tables().outbox.values()]
        .filter(({ state, nextAttemptAt }) => (state === 'pending' || state === 'forwarding') && nextAttemptAt <= now())
        .sort((a, b) => a.nextAttemptAt - b.nextAttemptAt || a.sequence - b.sequence)
        .slice(0, limit)
        .sort((a, b) => a.sequence - b.sequence);
      return due.map((entry) => {
        entry.state = 'forwarding';
        entry.attempts++;
        entry.nextAttemptAt = now() + leaseMs;
        return structuredClone({ ...entry.message, attempt: entry.attempts });
      });
    },
    async forwarded(message) {
      const entry = held(message);
      entry.state = 'forwarded';
      entry.forwardedAt = new Date(now());
    },
    async failed(message, { error, nextAttemptAt, maxAttempts = outboxDefaults.maxAttempts }) {
      checkStorableText('error', error);
      const entry = held(message);
      entry.nextAttemptAt = nextAttemptAt.getTime();
      entry.state = entry.attempts >= maxAttempts ? 'dead' : 'pending';
      return entry.state;
    },
    async counts() {
      const counts = { pending: 0, forwarding: 0, forwarded: 0, dead: 0 };
      for (const { state } of tables().outbox.values()) counts[state]++;
      return counts;
    },
  };
}
