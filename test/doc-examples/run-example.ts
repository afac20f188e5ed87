import { isDeepStrictEqual } from 'node:util';
import type { Workspace } from '../support/repository.js';

const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor as new (
  ...args: string[]
) => (
  scope: object,
  check: (value: unknown, promised: string) => void,
  loadModule: (module: string) => Promise<unknown>,
) => Promise<void>;

/** The modules of a package as a user names them. */
export function entriesOf(workspace: Workspace): string[] {
  return [...workspace.entries.keys()].map((key) => `${workspace.name}${key.slice(1)}`);
}

/** All exports of some modules in one object; later modules win. */
export async function exportsOf(names: readonly string[]): Promise<Record<string, unknown>> {
  const modules = await Promise.all(names.map((name) => import(/* @vite-ignore */ name) as Promise<object>));
  return Object.assign({}, ...modules) as Record<string, unknown>;
}

/** Runs the body of an example; returns the promises it broke. */
export async function runExample(body: string, scope: Readonly<Record<string, unknown>>): Promise<string[]> {
  const broken: string[] = [];
  const check = (value: unknown, promised: string) => {
    if (!keeps(value, promised)) {
      broken.push(`promised ${promised}, got ${JSON.stringify(plain(value)) ?? String(value)}`);
    }
  };
  await new AsyncFunction('scope', 'check', 'loadModule', body)(
    scope,
    check,
    (module) => import(/* @vite-ignore */ module),
  );
  return broken;
}

/** Equality as a reader understands it: a promise that is no JavaScript value is compared with the printed value. */
function keeps(value: unknown, promised: string): boolean {
  let expected: unknown;
  try {
    expected = new Function(`return (${promised});`)() as unknown;
  } catch {
    return String(value) === promised;
  }
  return isDeepStrictEqual(plain(value), plain(expected));
}

function plain(value: unknown): unknown {
  return ArrayBuffer.isView(value) && !(value instanceof DataView) ? Array.from(value as Uint8Array) : value;
}
