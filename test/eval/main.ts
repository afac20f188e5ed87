import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { EvalInputError, type EvalTask } from './task.js';

const tasksFolder = new URL('./tasks/', import.meta.url);

function taskNames(): string[] {
  return readdirSync(tasksFolder)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => basename(file, '.ts'))
    .sort();
}

async function loadTask(name: string): Promise<EvalTask> {
  if (!taskNames().includes(name)) {
    throw new EvalInputError(`There is no task ${JSON.stringify(name)}. The tasks are ${taskNames().join(', ')}.`);
  }
  return ((await import(new URL(`${name}.ts`, tasksFolder).href)) as { task: EvalTask }).task;
}

async function printHelp(): Promise<void> {
  process.stdout.write('npm run -s eval -- <task> --data PATH [--limit N] [--seed N] [options]\n\n');
  for (const name of taskNames()) {
    const task = await loadTask(name);
    process.stdout.write(`${name}\n    ${task.summary}\n`);
    for (const [option, help] of Object.entries(task.options)) process.stdout.write(`    --${option}  ${help}\n`);
  }
}

function parseArguments(args: readonly string[]): Record<string, string> {
  const options: Record<string, string> = {};
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (!arg.startsWith('--')) throw new EvalInputError(`Options start with "--". Got ${JSON.stringify(arg)}.`);
    const [name, inline] = arg.slice(2).split(/=(.*)/s, 2) as [string, string | undefined];
    const next = args[i + 1];
    if (inline !== undefined) options[name] = inline;
    else if (next !== undefined && !next.startsWith('--')) options[name] = args[++i]!;
    else options[name] = 'true';
  }
  return options;
}

function wholeNumber(options: Record<string, string>, name: string, fallback: number): number {
  const text = options[name];
  if (text === undefined) return fallback;
  if (!/^\d+$/.test(text)) throw new EvalInputError(`--${name} must be a whole number. Got ${JSON.stringify(text)}.`);
  return Number(text);
}

async function main(args: readonly string[]): Promise<void> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === 'help') return printHelp();
  const task = await loadTask(name);
  const { data, ...options } = parseArguments(rest);
  if ('help' in options) return printHelp();
  if (data === undefined || data === 'true') throw new EvalInputError(`The task ${name} needs --data PATH.`);
  const seed = wholeNumber(options, 'seed', 42);
  const limit = wholeNumber(options, 'limit', Number.POSITIVE_INFINITY);
  if (limit === 0) throw new EvalInputError('--limit must be at least 1. Got "0".');
  const unknown = Object.keys(options).filter((o) => !['seed', 'limit', ...Object.keys(task.options)].includes(o));
  if (unknown.length > 0) throw new EvalInputError(`The task ${name} has no option --${unknown[0]}.`);
  const start = performance.now();
  const progress = (message: string) => process.stderr.write(`${message}\n`);
  const { rows, metrics } = await task.run({ data, options, seed, limit, progress });
  const seconds = Number(((performance.now() - start) / 1000).toFixed(3));
  const peakRssMb = Number((process.resourceUsage().maxRSS / 1024).toFixed(1));
  process.stdout.write(`${JSON.stringify({ task: name, data, rows, seconds, peakRssMb, options, ...metrics })}\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  // The packages refuse options and inputs with a RangeError of one sentence; those of the engine have no full stop.
  const known =
    error instanceof EvalInputError ||
    (error instanceof RangeError && error.message.endsWith('.')) ||
    (error as { code?: string }).code === 'ENOENT';
  process.stderr.write(`${known ? (error as Error).message : ((error as Error).stack ?? String(error))}\n`);
  process.exitCode = known ? 2 : 1;
});
