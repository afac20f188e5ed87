import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { WorkerReply, WorkerRequest } from './embedding-worker.js';

/** Where a worker runs. */
export type WorkerIsolation = 'thread' | 'process';

/** The way to a worker in a thread or a process of its own. */
export interface WorkerChannel {
  /** Does nothing once the worker has died. */
  send(request: WorkerRequest): void;
}

/** What a worker's host hears. */
export interface WorkerListener {
  onReply(reply: WorkerReply): void;
  /** The last thing heard; `cause` is the error that ended a thread. */
  onDeath(reason: string, cause?: unknown): void;
}

/** Starts a worker. */
export function openWorker(
  isolation: WorkerIsolation,
  maxHeapMb: number | undefined,
  listener: WorkerListener,
): WorkerChannel {
  return isolation === 'thread' ? openThread(maxHeapMb, listener) : openProcess(maxHeapMb, listener);
}

function openThread(maxHeapMb: number | undefined, { onReply, onDeath }: WorkerListener): WorkerChannel {
  const worker = startThread({
    execArgv: [],
    resourceLimits: maxHeapMb === undefined ? {} : { maxOldGenerationSizeMb: maxHeapMb },
  });
  let fault: unknown;
  worker.on('message', onReply);
  worker.on('error', (error) => {
    fault = error;
  });
  worker.on('exit', (code) => onDeath(fault instanceof Error ? fault.message : `exit code ${code}`, fault));
  return { send: (request) => worker.postMessage(request) };
}

function openProcess(maxHeapMb: number | undefined, { onReply, onDeath }: WorkerListener): WorkerChannel {
  const child = startProcess(maxHeapMb === undefined ? [] : [`--max-old-space-size=${maxHeapMb}`]);
  let fault: Error | undefined;
  child.on('message', (reply) => onReply(reply as WorkerReply));
  child.on('error', (error) => {
    fault = error;
  });
  // Replies may still be on their way when a process has ended; its channel closes behind the last one.
  let steps = 0;
  const step = () => {
    if (++steps < 2) return;
    onDeath(fault?.message ?? (child.signalCode ? `signal ${child.signalCode}` : `exit code ${child.exitCode}`), fault);
  };
  child.on('exit', step);
  child.on('disconnect', step);
  return {
    send(request) {
      // A process that is just dying takes no message; its death is heard of soon.
      if (child.connected) child.send(request, () => undefined);
    },
  };
}

// Beside this file lies the worker's, compiled or not; source needs a loader, which a worker does not inherit.

const compiled = !import.meta.url.endsWith('.ts');
const entry = new URL(compiled ? './embedding-worker.js' : './embedding-worker.ts', import.meta.url);

function startThread(settings: { execArgv: string[]; resourceLimits: { maxOldGenerationSizeMb?: number } }): Worker {
  if (compiled) return new Worker(entry, settings);
  const loader = moduleUrl('tsx/esm/api');
  const code = `import('${loader}').then(({ register }) => { register(); return import('${entry}'); })`;
  return new Worker(code, { ...settings, eval: true });
}

function startProcess(execArgv: readonly string[]): ChildProcess {
  return fork(fileURLToPath(entry), {
    execArgv: compiled ? [...execArgv] : [...execArgv, '--import', moduleUrl('tsx/esm')],
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

function moduleUrl(name: string): string {
  const path = createRequire(import.meta.url).resolve(name);
  return pathToFileURL(path.replace(/\.cjs$/, '.mjs')).href;
}
