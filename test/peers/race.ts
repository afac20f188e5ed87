import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

/** One line of a race: the same work done by us and by a peer in the same run. */
export interface RaceRow {
  readonly work: string;
  readonly oursSeconds: number;
  /** Absent when the peer could not be run here; then `storedPeerSeconds` may hold the figure measured elsewhere. */
  readonly peerSeconds?: number;
  readonly storedPeerSeconds?: number;
  /** peerSeconds / oursSeconds: above 1 we are faster. */
  readonly ratio?: number;
  /** Quality of both sides, as speed alone says nothing. */
  readonly quality: Readonly<Record<string, unknown>>;
}

/** What a race is given. */
export interface RaceContext {
  readonly options: Readonly<Record<string, string>>;
  /** A Python interpreter with the peers installed, or undefined. */
  readonly python: string | undefined;
  readonly progress: (message: string) => void;
  readonly report: (row: RaceRow) => void;
}

/** A file of `races/` exports `race`. */
export interface Race {
  readonly summary: string;
  run(context: RaceContext): Promise<void>;
}

/** The interpreter of `--python`, else `.peers/venv/bin/python` of the working folder. */
export function findPython(option: string | undefined): string | undefined {
  const path = option ?? '.peers/venv/bin/python';
  return existsSync(path) ? path : undefined;
}

/** Whether the interpreter can import a module. */
export function hasModule(python: string, module: string): boolean {
  return spawnSync(python, ['-c', `import ${module}`], { stdio: 'ignore' }).status === 0;
}

/** Runs a Python program that prints one JSON object as its last line, on one thread unless told otherwise. */
export async function runPython<T>(python: string, program: string, args: readonly string[], threads = 1): Promise<T> {
  const limit = String(threads);
  const env = {
    ...process.env,
    OMP_NUM_THREADS: limit,
    OPENBLAS_NUM_THREADS: limit,
    MKL_NUM_THREADS: limit,
    NUMBA_NUM_THREADS: limit,
  };
  const { stdout } = await promisify(execFile)(python, ['-c', program, ...args], { env, maxBuffer: 1 << 28 });
  return JSON.parse(stdout.trim().split('\n').pop()!) as T;
}

/** Seconds of each of `runs` calls, after one that is not counted; the median is what to quote. */
export async function timeRuns(
  runs: number,
  work: () => unknown,
): Promise<{ median: number; min: number; max: number }> {
  await work();
  const seconds: number[] = [];
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    await work();
    seconds.push((performance.now() - start) / 1000);
  }
  seconds.sort((a, b) => a - b);
  return { median: seconds[seconds.length >> 1]!, min: seconds[0]!, max: seconds.at(-1)! };
}
