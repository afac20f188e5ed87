import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { publicExports } from '../support/public-api.js';
import { workspaces } from '../support/repository.js';
import { exampleBody } from './example-module.js';

const packages = workspaces().filter(({ folder, entries }) => folder.startsWith('packages/') && entries.size > 0);
const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor as new (
  ...args: string[]
) => (scope: object, check: (value: unknown, promised: string) => void) => Promise<void>;

async function exportsOf(names: readonly string[]): Promise<Record<string, unknown>> {
  const modules = await Promise.all(names.map((name) => import(/* @vite-ignore */ name) as Promise<object>));
  return Object.assign({}, ...modules) as Record<string, unknown>;
}

const entriesOf = (workspace: (typeof packages)[number]) =>
  [...workspace.entries.keys()].map((key) => `${workspace.name}${key.slice(1)}`);

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

describe.each(packages)('examples of $name', (workspace) => {
  let scope: Record<string, unknown>;
  beforeAll(async () => {
    const others = packages.filter(({ name }) => workspace.dependencies.includes(name));
    scope = await exportsOf([...others.flatMap(entriesOf), ...entriesOf(workspace)]);
  });

  const examples = publicExports(workspace).flatMap(({ name, place, examples }) =>
    examples.map((code) => ({ name, place, code })),
  );
  if (examples.length === 0) return;
  it.each(examples)('$name at $place', async ({ code }) => {
    const broken: string[] = [];
    const check = (value: unknown, promised: string) => {
      if (!keeps(value, promised))
        broken.push(`promised ${promised}, got ${JSON.stringify(plain(value)) ?? String(value)}`);
    };
    await new AsyncFunction('scope', 'check', exampleBody(code, Object.keys(scope)))(scope, check);
    expect(broken).toEqual([]);
  });
});
