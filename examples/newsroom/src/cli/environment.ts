import type { ProgressStream } from '../terminal/progress.js';

/** What the commands get from the process; `main.ts` is the only place that touches it. */
export interface CommandEnvironment {
  /** Results. */
  readonly stdout: ProgressStream;
  /** Progress and problems. */
  readonly stderr: ProgressStream;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonic: () => number;
  /** Most memory that the process has held, in bytes. */
  readonly peakMemory: () => number;
  /** Folder of the sample corpus. */
  readonly sampleFolder: string;
  readonly defaults: CommandDefaults;
  setExitCode(code: number): void;
}

/** Settings that flags override. */
export interface CommandDefaults {
  readonly dataDir: string;
  readonly port: number;
}

/** Exit codes of the command. */
export const exitCodes = { failed: 1, problems: 2, interrupted: 130 } as const;
