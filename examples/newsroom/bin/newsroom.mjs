#!/usr/bin/env node
// Starts the built program; inside the monorepo it is built first if need be.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const program = new URL('../dist/main.js', import.meta.url);
const root = new URL('../../../', import.meta.url);

if (!existsSync(program) && existsSync(new URL('turbo.json', root))) {
  process.stderr.write('newsroom: not built yet; building it once …\n');
  const build = ['run', 'build', '--silent', '--', '--filter=@matome/newsroom...', '--output-logs=errors-only'];
  const { status } = spawnSync('npm', build, { cwd: fileURLToPath(root), stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    process.stderr.write('newsroom: the build failed.\n');
    process.exit(1);
  }
}
await import(program.href);
