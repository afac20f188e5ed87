/** How often an article was tried without success: implemented by the caller's storage, so that a restart forgets nothing. */
export interface AttemptStore {
  /** Failed attempts so far; 0 for an unknown article. */
  count(id: string): Promise<number>;
  /** Notes one more failed attempt and returns the new count. */
  fail(id: string, reason: string): Promise<number>;
  /** Forgets an article that succeeded. */
  clear(id: string): Promise<void>;
}

/**
 * Keeps attempts in memory: for tests and single runs.
 *
 * @example
 * const attempts = createMemoryAttemptStore();
 * await attempts.fail('a', 'no tags') // => 1
 */
export function createMemoryAttemptStore(): AttemptStore {
  const counts = new Map<string, number>();
  return {
    count: async (id) => counts.get(id) ?? 0,
    fail: async (id) => {
      const next = (counts.get(id) ?? 0) + 1;
      counts.set(id, next);
      return next;
    },
    clear: async (id) => {
      counts.delete(id);
    },
  };
}
