import { join } from 'node:path';
import type { Storage } from '@matome/storage';
import { type ArgsDef, type CommandDef, defineCommand } from 'citty';
import { openStore } from '../store/open-store.js';
import { type CommandEnvironment, exitCodes } from './environment.js';
import { makeRecap } from './recap.js';
import { servePages } from './serve-pages.js';

/** Makes the `newsroom` command. */
export function createCommand(environment: CommandEnvironment): CommandDef {
  return defineCommand({
    meta: { name: 'newsroom', description: 'From articles to a daily recap: stories, genres, tags, summaries.' },
    subCommands: {
      recap: recapCommand(environment),
      serve: serveCommand(environment),
      demo: demoCommand(environment),
    },
  });
}

function recapCommand(environment: CommandEnvironment) {
  const args = {
    input: {
      type: 'string',
      alias: 'i',
      valueHint: 'path or address',
      description:
        'RSS, Atom or JSON Feed (file or address), JSON lines (.jsonl, .jsonl.gz), page, or a folder of these. May be given several times.',
    },
    out: { type: 'string', alias: 'o', valueHint: 'folder', description: 'Write report.html and recap.json here.' },
    strict: { type: 'boolean', description: 'End with code 2 if anything was wrong with the input.' },
    'data-dir': dataDirArgument(environment),
  } as const satisfies ArgsDef;
  return defineCommand({
    meta: { name: 'recap', description: 'Read articles and make a recap; a stopped run goes on where it was.' },
    args,
    run: ({ args: given, rawArgs }) =>
      guarded(environment, async () => {
        const inputs = [...everyValue(rawArgs, ['--input', '-i']), ...positionals(given._)];
        refuseUnknown(given, args);
        if (inputs.length === 0) throw new Error('Give at least one --input.');
        await withStore(environment, given['data-dir'], (storage) =>
          makeRecap(
            storage,
            { inputs, strict: given.strict === true, ...(given.out ? { out: given.out } : {}) },
            environment,
          ),
        );
      }),
  });
}

function serveCommand(environment: CommandEnvironment) {
  const args = {
    port: portArgument(environment),
    host: { type: 'string', default: '127.0.0.1', description: 'Address to listen on.' },
    'data-dir': dataDirArgument(environment),
  } as const satisfies ArgsDef;
  return defineCommand({
    meta: { name: 'serve', description: 'Serve the newest recap as web pages.' },
    args,
    run: ({ args: given }) =>
      guarded(environment, async () => {
        refuseUnknown(given, args);
        const request = { port: portOf(given.port), hostname: given.host, anyPort: false };
        await withStore(environment, given['data-dir'], (storage) => servePages(storage, request, environment));
      }),
  });
}

function demoCommand(environment: CommandEnvironment) {
  const args = {
    port: portArgument(environment),
    once: { type: 'boolean', description: 'Make the recap and end, without serving it.' },
    out: { type: 'string', alias: 'o', valueHint: 'folder', description: 'Write report.html and recap.json here.' },
    'data-dir': dataDirArgument(environment),
  } as const satisfies ArgsDef;
  return defineCommand({
    meta: { name: 'demo', description: 'Make a recap of the sample corpus and serve it.' },
    args,
    run: ({ args: given }) =>
      guarded(environment, async () => {
        refuseUnknown(given, args);
        const folder = join(given['data-dir'], 'demo');
        const parts = ['pages', 'feeds', 'articles.jsonl', 'hostile'];
        const inputs = parts.map((part) => join(environment.sampleFolder, part));
        const out = given.out || join(folder, 'report');
        await withStore(environment, folder, async (storage) => {
          await makeRecap(storage, { inputs, out, strict: false }, environment);
          const request = { port: portOf(given.port), hostname: '127.0.0.1', anyPort: true };
          if (!given.once) await servePages(storage, request, environment);
        });
      }),
  });
}

function dataDirArgument({ defaults }: CommandEnvironment) {
  const description = 'Folder of the database.';
  return { type: 'string', default: defaults.dataDir, valueHint: 'folder', description } as const;
}

function portArgument({ defaults }: CommandEnvironment) {
  return { type: 'string', default: String(defaults.port), description: 'Port to serve on; 0 for any.' } as const;
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535 && text.trim() !== '') return port;
  throw new Error(`The --port option must be an integer in [0, 65535]. Got ${text}.`);
}

/** Every value of a repeated option; the parser keeps only the last. */
function everyValue(rawArgs: readonly string[], names: readonly string[]): string[] {
  return rawArgs.flatMap((arg, i) => {
    for (const name of names) {
      if (arg === name) return rawArgs[i + 1] === undefined ? [] : [rawArgs[i + 1]!];
      if (arg.startsWith(`${name}=`)) return [arg.slice(name.length + 1)];
    }
    return [];
  });
}

function positionals(values: readonly unknown[]): string[] {
  return values.map(String);
}

function refuseUnknown(given: Readonly<Record<string, unknown>>, known: ArgsDef): void {
  const names = new Set(['_']);
  for (const [name, definition] of Object.entries(known)) {
    names.add(name);
    names.add(name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()));
    if ('alias' in definition && definition.alias) for (const alias of [definition.alias].flat()) names.add(alias);
  }
  const unknown = Object.keys(given).find((name) => !names.has(name));
  if (unknown !== undefined) throw new Error(`There is no option --${unknown}. See --help.`);
}

async function withStore<T>(
  environment: CommandEnvironment,
  folder: string,
  run: (storage: Storage) => Promise<T>,
): Promise<T> {
  const onCreate = () => environment.stderr.write(`Making a database in ${folder} …\n`);
  const store = await openStore(folder, { now: environment.now, onCreate });
  try {
    return await run(store.storage);
  } finally {
    await store.close();
  }
}

async function guarded({ stderr, signal, setExitCode }: CommandEnvironment, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (signal.aborted) {
      stderr.write('\nStopped. The same command goes on after the last finished stage.\n');
      setExitCode(exitCodes.interrupted);
      return;
    }
    stderr.write(`newsroom: ${(error as Error).message}\n`);
    setExitCode(exitCodes.failed);
  }
}
