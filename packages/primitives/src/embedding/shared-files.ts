import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';

/**
 * What was read out of files, for as long as somebody uses it: a second reader of the same files gets the same object.
 * Models are loaded again and again by services that recycle them; read anew each time, one parse is garbage beside the
 * next and the process grows by both.
 */
export class SharedFiles<V extends object> {
  private readonly known = new Map<string, WeakRef<V>>();

  /**
   * The value of some files; `read` is asked when they are new or changed, told by size and time of change.
   *
   * @param name - tells apart what is read out of the same files.
   * @throws what `read` throws.
   */
  async get(name: string, paths: readonly string[], read: () => Promise<V>): Promise<V> {
    const key = await stateOf(name, paths);
    const known = key === undefined ? undefined : this.known.get(key)?.deref();
    if (known !== undefined) return known;
    const value = await read();
    for (const [old, reference] of this.known) if (reference.deref() === undefined) this.known.delete(old);
    if (key !== undefined) this.known.set(key, new WeakRef(value));
    return value;
  }
}

/** @returns undefined when a file cannot be looked at: reading it says why. */
async function stateOf(name: string, paths: readonly string[]): Promise<string | undefined> {
  const parts = [name];
  for (const path of paths) {
    const state = await stat(path, { bigint: true }).catch(() => undefined);
    if (state === undefined) return undefined;
    parts.push(resolve(path), String(state.size), String(state.mtimeNs), String(state.ino));
  }
  return parts.join('\n');
}
