import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root, workspaces } from '../support/repository.js';

const run = promisify(execFile);
const packages = workspaces().filter(({ folder }) => folder.startsWith('packages/'));
const withCode = packages.filter(({ entries }) => entries.size > 0);
const bin = (name: string) => join(root, 'node_modules', '.bin', name);

/** Packs every package as it would be published and installs the tarballs into an empty project. */
async function installTarballs(project: string): Promise<Map<string, string>> {
  const tarballs = join(project, 'tarballs');
  mkdirSync(tarballs);
  const paths = packages.map(({ folder }) => join(root, folder));
  await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', tarballs, ...paths], {
    cwd: project,
  });
  const files = new Map(
    packages.map(({ name }) => {
      const prefix = `${name.replace('@', '').replace('/', '-')}-`;
      const file = readdirSync(tarballs).find(
        (each) => each.startsWith(prefix) && /^\d/.test(each.slice(prefix.length)),
      );
      return [name, join(tarballs, file!)] as const;
    }),
  );
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'consumer', private: true, version: '1.0.0' }));
  await run('npm', ['install', '--silent', '--prefer-offline', '--no-audit', '--no-fund', ...files.values()], {
    cwd: project,
  });
  return files;
}

describe('published packages', () => {
  let project: string;
  let tarballs: Map<string, string>;
  beforeAll(async () => {
    project = mkdtempSync(join(tmpdir(), 'matome-consumer-'));
    tarballs = await installTarballs(project);
  }, 300_000);
  afterAll(() => rmSync(project, { recursive: true, force: true }));

  const specifiers = withCode.flatMap(({ name, entries }) =>
    [...entries.keys()].map((key) => `${name}${key.slice(1)}`),
  );

  it.each(specifiers)('%s can be imported and required, and writes nothing to stderr', async (specifier) => {
    const list =
      'process.stdout.write(Object.keys(m).filter((k) => k !== "default" && k !== "module.exports").sort().join())';
    const imported = await run('node', ['--input-type=module', '-e', `import * as m from '${specifier}'; ${list}`], {
      cwd: project,
    });
    const required = await run('node', ['-e', `const m = require('${specifier}'); ${list}`], { cwd: project });
    expect(imported.stderr + required.stderr).toBe('');
    expect(required.stdout).toBe(imported.stdout);
  });

  it('types resolve under node16 and bundler resolution', async () => {
    const lines = specifiers.map(
      (specifier, i) => `import * as m${i} from '${specifier}';\nexport const k${i}: object = m${i};`,
    );
    writeFileSync(join(project, 'main.mts'), lines.join('\n'));
    writeFileSync(
      join(project, 'main.cts'),
      lines.join('\n').replace(/import \* as (\w+) from ('[^']+')/g, 'import $1 = require($2)'),
    );
    const common = ['--noEmit', '--strict', '--target', 'es2022', '--skipLibCheck', 'false', '--lib', 'es2023,dom'];
    await run(bin('tsc'), [...common, '--module', 'node16', '--moduleResolution', 'node16', 'main.mts', 'main.cts'], {
      cwd: project,
    });
    await run(bin('tsc'), [...common, '--module', 'esnext', '--moduleResolution', 'bundler', 'main.mts'], {
      cwd: project,
    });
  });

  it.each(withCode)('$name is clean for publint and are-the-types-wrong', async ({ name }) => {
    const tarball = tarballs.get(name)!;
    const lint = await run(bin('publint'), ['--strict', tarball], { cwd: project });
    expect(lint.stdout).toContain('All good!');
    const types = await run(bin('attw'), ['--profile', 'node16', '--format', 'json', tarball], { cwd: project });
    const { problems = {} } = JSON.parse(types.stdout) as { problems?: Record<string, { resolutionKind?: string }[]> };
    // Resolution without `exports` ended with Node 10.
    const current = Object.values(problems)
      .flat()
      .filter(({ resolutionKind }) => resolutionKind !== 'node10');
    expect(current).toEqual([]);
  });

  it('carries no tests, fixtures or labelled data', async () => {
    for (const tarball of tarballs.values()) {
      const { stdout } = await run('tar', ['-tzf', tarball]);
      expect(stdout.split('\n').filter((path) => /\.(test|bench)\.|fixtures/.test(path))).toEqual([]);
    }
  });
});
