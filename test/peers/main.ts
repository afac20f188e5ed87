import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { findPython, type Race, type RaceRow } from './race.js';

const racesFolder = new URL('./races/', import.meta.url);
const names = readdirSync(racesFolder)
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .map((file) => basename(file, '.ts'))
  .sort();

function parseOptions(args: readonly string[]): Record<string, string> {
  const options: Record<string, string> = {};
  for (let i = 0; i < args.length; i++) {
    const name = args[i]!.replace(/^--/, '');
    const next = args[i + 1];
    options[name] = next !== undefined && !next.startsWith('--') ? args[++i]! : 'true';
  }
  return options;
}

async function main(args: readonly string[]): Promise<void> {
  const [name, ...rest] = args;
  if (name === undefined || !names.includes(name)) {
    process.stdout.write('npm run -s peers -- <capability> [--python PATH] [options]\n\n');
    for (const each of names) {
      const { race } = (await import(new URL(`${each}.ts`, racesFolder).href)) as { race: Race };
      process.stdout.write(`${each}\n    ${race.summary}\n`);
    }
    process.exitCode = name === undefined || name === '--help' ? 0 : 2;
    return;
  }
  const options = parseOptions(rest);
  const { race } = (await import(new URL(`${name}.ts`, racesFolder).href)) as { race: Race };
  process.stderr.write(`${availableParallelism()} processors, Node ${process.version}\n`);
  await race.run({
    options,
    python: findPython(options.python),
    progress: (message) => process.stderr.write(`${message}\n`),
    report: (row: RaceRow) => {
      const ratio = row.ratio ?? (row.peerSeconds === undefined ? undefined : row.peerSeconds / row.oursSeconds);
      process.stdout.write(
        `${JSON.stringify({ ...row, ratio: ratio === undefined ? undefined : Number(ratio.toFixed(3)) })}\n`,
      );
    },
  });
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${(error as Error).stack ?? String(error)}\n`);
  process.exitCode = 1;
});
