import { beforeAll, describe, expect, it } from 'vitest';
import { publicExports } from '../support/public-api.js';
import { workspaces } from '../support/repository.js';
import { exampleBody } from './example-module.js';
import { entriesOf, exportsOf, runExample } from './run-example.js';

const packages = workspaces().filter(({ folder, entries }) => folder.startsWith('packages/') && entries.size > 0);
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
    expect(await runExample(exampleBody(code, Object.keys(scope)), scope)).toEqual([]);
  });
});
