/** What a watched signal answers, beside what the signal behind it does. */
export interface SignalWatch {
  /** Called whenever someone asks whether to go on; throws to stop them. */
  readonly check: () => void;
  /** Why the work is to stop, or undefined to go on. */
  readonly reason?: () => unknown;
}

/**
 * A signal that asks `watch` whenever it is asked itself: work that only knows signals can so report that it goes on, and
 * be stopped by a clock that no timer follows.
 */
export function watchedSignal(signal: AbortSignal | undefined, { check, reason }: SignalWatch): AbortSignal {
  return new Proxy(signal ?? new AbortController().signal, {
    get: (target, name) => {
      if (name === 'throwIfAborted') {
        return () => {
          signal?.throwIfAborted();
          check();
        };
      }
      if (name === 'aborted') return target.aborted || reason?.() !== undefined;
      if (name === 'reason' && !target.aborted) return reason?.();
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
