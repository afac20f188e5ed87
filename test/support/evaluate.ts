import { execFile } from 'node:child_process';
import { root } from './repository.js';

/** How a program ended. */
export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the evaluation harness as `npm run -s eval -- …` does. */
export function evaluate(...args: string[]): Promise<Outcome> {
  const command = ['--import', 'tsx', '--conditions=matome-source', 'test/eval/main.ts', ...args];
  return new Promise((resolve) => {
    execFile('node', command, { cwd: root }, (error, stdout, stderr) => {
      resolve({ status: error ? (error.code as unknown as number) : 0, stdout, stderr });
    });
  });
}

/** The object that a run of the harness printed last. */
export function resultOf({ stdout }: Outcome): Record<string, unknown> {
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, unknown>;
}
