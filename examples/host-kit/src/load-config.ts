import { readFileSync } from 'node:fs';
import type { z } from 'zod';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Thrown by {@link loadConfig}; the message has one line for each problem. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

/** Options of {@link loadConfig}. */
export interface LoadConfigOptions {
  /** Reads the file that a `*_FILE` variable names. @default node:fs */
  readonly readFile?: (path: string) => string;
}

/**
 * Reads a configuration from environment variables, all problems in one message.
 *
 * A secret may come from a file: `DB_PASSWORD_FILE=/run/secrets/db` stands for `DB_PASSWORD` with the content of the
 * file, without its last line end. An empty variable counts as not set.
 *
 * @param schema - an object schema whose keys are the names of the variables.
 * @throws ConfigError that names every variable which is missing or wrong; values are not repeated, they may be secrets.
 * @example
 * import { z } from 'zod';
 * loadConfig(z.object({ PORT: z.coerce.number().default(8080) }), { PORT: '' }) // => { PORT: 8080 }
 */
export function loadConfig<Schema extends z.ZodObject>(
  schema: Schema,
  env: Environment,
  options: LoadConfigOptions = {},
): z.output<Schema> {
  const { readFile = (path) => readFileSync(path, 'utf8') } = options;
  const problems: string[] = [];
  const values: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = env[name] || undefined;
    const path = env[`${name}_FILE`] || undefined;
    if (value !== undefined && path !== undefined) problems.push(`${name} and ${name}_FILE are both set; keep one.`);
    if (value !== undefined) values[name] = value;
    else if (path !== undefined) readSecret(name, path);
  }
  const parsed = schema.safeParse(values);
  if (!parsed.success) {
    for (const { path, message } of parsed.error.issues)
      problems.push(`${path.join('.') || 'configuration'}: ${message}`);
  }
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems);
  return parsed.data;

  function readSecret(name: string, path: string): void {
    try {
      values[name] = readFile(path).replace(/\r?\n$/, '');
    } catch (error) {
      problems.push(`${name}_FILE names a file that cannot be read: ${(error as Error).message}`);
    }
  }
}
