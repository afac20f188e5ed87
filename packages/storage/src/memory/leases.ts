import { checkInteger } from '@matome/primitives/options';
import { type Lease, type Leases, leaseLost } from '../sql/lease.js';

/**
 * Keeps leases in memory, for one process.
 *
 * @param now - milliseconds since 1970.
 * @example
 * const leases = createMemoryLeases(() => 0);
 * await leases.acquire('job', 'worker-1', 1000);
 * await leases.acquire('job', 'worker-2', 1000) // => undefined
 */
export function createMemoryLeases(now: () => number): Leases {
  const held = new Map<string, Lease>();
  const current = (lease: Lease) => {
    const found = held.get(lease.name);
    return found && found.token === lease.token && found.holder !== '' ? found : undefined;
  };
  return {
    async acquire(name, holder, ttlMs) {
      checkInteger('Leases.acquire', 'ttlMs', ttlMs, { min: 1 });
      const found = held.get(name);
      if (found && found.expiresAt.getTime() > now()) return undefined;
      const lease = { name, holder, token: (found?.token ?? 0) + 1, expiresAt: new Date(now() + ttlMs) };
      held.set(name, lease);
      return lease;
    },
    async renew(lease, ttlMs) {
      checkInteger('Leases.renew', 'ttlMs', ttlMs, { min: 1 });
      if (!current(lease)) throw leaseLost(lease);
      const renewed = { ...lease, expiresAt: new Date(now() + ttlMs) };
      held.set(lease.name, renewed);
      return renewed;
    },
    async release(lease) {
      if (current(lease)) held.set(lease.name, { ...lease, holder: '', expiresAt: new Date(-8.64e15) });
    },
  };
}
