/** What a task is given: parsed command line options, and a way to say how far it has come. */
export interface EvalContext {
  /** Path of `--data`. */
  readonly data: string;
  /** Every other `--name value` (or `--name` alone: `'true'`). */
  readonly options: Readonly<Record<string, string>>;
  /** `--seed`, default 42. */
  readonly seed: number;
  /** `--limit`, default no limit. */
  readonly limit: number;
  /** Writes one line of progress to stderr. */
  readonly progress: (message: string) => void;
}

/** What a task measured; `metrics` carries the names of the evaluation contract and may carry more. */
export interface EvalResult {
  readonly rows: number;
  readonly metrics: Readonly<Record<string, unknown>>;
}

/** One task of the harness: a file of `tasks/` named after it exports `task`. */
export interface EvalTask {
  readonly summary: string;
  /** Option name to one line of help. */
  readonly options: Readonly<Record<string, string>>;
  run(context: EvalContext): Promise<EvalResult>;
}

/** A mistake of the caller (unknown option, wrong format, missing file): printed as one sentence, exit code 2. */
export class EvalInputError extends Error {
  override readonly name = 'EvalInputError';
}
