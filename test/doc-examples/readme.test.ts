import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root, workspaces } from '../support/repository.js';
import { exampleBody } from './example-module.js';
import { entriesOf, exportsOf, runExample } from './run-example.js';

const packages = workspaces().filter(({ folder, entries }) => folder.startsWith('packages/') && entries.size > 0);

function blocks(markdown: string): string[] {
  return [...markdown.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]!);
}

describe.each(packages)('README of $name', (workspace) => {
  const path = join(root, workspace.folder, 'README.md');

  it('exists and shows the package at work', () => {
    expect(existsSync(path)).toBe(true);
    expect(blocks(readFileSync(path, 'utf8')).length).toBeGreaterThan(0);
  });

  it('promises what its code gives', async () => {
    const used = packages.filter(({ name }) => name === workspace.name || name === '@matome/primitives');
    const scope = await exportsOf(used.flatMap(entriesOf));
    for (const block of blocks(readFileSync(path, 'utf8'))) {
      expect(await runExample(exampleBody(block, Object.keys(scope)), scope)).toEqual([]);
    }
  });
});

const guides = join(root, 'docs/guides');
const programs = readdirSync(guides).filter((file) =>
  readFileSync(join(guides, file), 'utf8').includes('blocks below are one program'),
);

describe.each(programs)('guide %s', (file) => {
  it('is a program that gives what it promises', async () => {
    const scope = await exportsOf(packages.flatMap(entriesOf));
    const program = blocks(readFileSync(join(guides, file), 'utf8')).join('\n');
    expect(await runExample(exampleBody(program, Object.keys(scope)), scope)).toEqual([]);
  });
});
