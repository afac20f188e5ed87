import { readdirSync, readFileSync } from 'node:fs';
import { createEmbedder, createWorkerEmbedder, type LoadedEmbedder } from '@matome/primitives/embedding';
import { readRows } from '../read-rows.js';
import { EvalInputError, type EvalTask } from '../task.js';

const isolations = ['process', 'thread', 'none'] as const;
type Isolation = (typeof isolations)[number];

/** Memory of a host that loads a model, embeds and disposes of it again and again. */
export const task: EvalTask = {
  summary: 'Memory while a model is loaded and disposed of many times, worker processes included (Linux).',
  options: {
    model: "'default', 'minilm', 'hashing' or a model folder; default 'default'",
    isolation: "where the model runs: 'process', 'thread' or 'none' (in the host's own thread); default 'process'",
    reloads: 'default 100',
    texts: 'texts embedded each time; default 64',
  },
  async run({ data, options, limit, progress }) {
    const { model = 'default', isolation = 'process', reloads = '100', texts: wanted = '64' } = options;
    if (!isIsolation(isolation)) {
      throw new EvalInputError(`--isolation must be one of ${isolations.join(', ')}. Got ${isolation}.`);
    }
    for (const [name, count] of Object.entries({ reloads, texts: wanted })) {
      if (!/^[1-9]\d*$/.test(count)) {
        throw new EvalInputError(`--${name} must be a whole number from 1. Got ${JSON.stringify(count)}.`);
      }
    }
    const rows = await readRows<{ a: string }>(data, ['a']);
    const texts = rows.slice(0, Math.min(Number(wanted), limit)).map(({ a }) => a);
    const helpers = new Set(children());
    const [loaded, disposed]: [number[], number[]] = [[], []];
    const start = performance.now();
    for (let i = 1; i <= Number(reloads); i++) {
      const embedder = await load(model, isolation);
      await embedder.embed(texts);
      const workers = children().filter((pid) => !helpers.has(pid));
      loaded.push(rssMb('self') + workers.reduce((sum, pid) => sum + rssMb(pid), 0));
      await embedder.dispose();
      disposed.push(rssMb('self'));
      if (i % 10 === 0)
        progress(`${i} loads: ${loaded.at(-1)!.toFixed(0)} MB, ${disposed.at(-1)!.toFixed(0)} MB after`);
    }
    return {
      rows: texts.length,
      metrics: {
        loadedMb: spreadOf(loaded),
        disposedMb: spreadOf(disposed),
        secondsPerReload: (performance.now() - start) / 1000 / loaded.length,
      },
    };
  },
};

function isIsolation(name: string): name is Isolation {
  return (isolations as readonly string[]).includes(name);
}

async function load(model: string, isolation: Isolation): Promise<LoadedEmbedder> {
  return isolation === 'none' ? createEmbedder({ model }) : createWorkerEmbedder({ create: { model }, isolation });
}

function spreadOf(values: readonly number[]) {
  const sorted = [...values].sort((a, b) => a - b);
  const round = (value: number) => Number(value.toFixed(1));
  return {
    first: round(values[0]!),
    last: round(values.at(-1)!),
    least: round(sorted[0]!),
    median: round(sorted[sorted.length >> 1]!),
    most: round(sorted.at(-1)!),
  };
}

/** Resident memory of a process; 0 once it is gone. */
function rssMb(pid: string): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
  } catch {
    return 0;
  }
}

/** Ids of the processes that this one started. */
function children(): string[] {
  return readdirSync('/proc/self/task').flatMap((thread) =>
    readFileSync(`/proc/self/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
  );
}
