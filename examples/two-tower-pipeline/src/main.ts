import { readFile } from 'node:fs/promises';
import { defineCommand, runMain } from 'citty';
import { parse, YAMLParseError } from 'yaml';
import { PipelineConfigError, readPipelineConfig } from './config.js';
import {
  type PipelineContext,
  type PipelineOptions,
  PipelineUsageError,
  rollBack,
  runPipeline,
} from './run-pipeline.js';
import { withRetries } from './supabase-client.js';

const flag = (description: string, fallback = false) => ({ type: 'boolean' as const, description, default: fallback });
const text = (valueHint: string, description: string, fallback?: string) => ({
  type: 'string' as const,
  valueHint,
  description,
  ...(fallback === undefined ? {} : { default: fallback }),
});

const command = defineCommand({
  meta: {
    name: 'two-tower-pipeline',
    description:
      'Pull, train, export, embed, manifest, publish. Without --pg-dsn it runs on a database inside the process with a ' +
      'small made-up catalogue. GITHUB_SHA, SUPABASE_URL and SUPABASE_SERVICE_ROLE_KEY are read from the environment.',
  },
  args: {
    config: text('FILE', 'YAML file with the settings (all have defaults)'),
    'pg-dsn': text('DSN', 'PostgreSQL server with pgvector'),
    'data-dir': text('FOLDER', 'folder of the database inside the process (default: in memory)'),
    checkpoint: text('FILE', 'how far training came', 'checkpoints/latest.ckpt'),
    artifacts: text('FOLDER', 'where the files of the release are written', 'artifacts'),
    embeddings: text('FILE', 'vectors of the items (default: video_embeddings.parquet among the artefacts)'),
    'fetch-remote': flag('copy the tables of the Supabase project first'),
    'page-size': text('N', 'rows read at once', '1000'),
    'batch-size': text('N', 'vectors uploaded at once', '200'),
    'skip-export': flag('do not export'),
    'skip-embeddings': flag('do not embed the items'),
    version: text('NAME', 'name of the release (default: time and commit or content)'),
    'dry-run': flag('write to files only: no table, no publishing, no upload'),
    publish: text('FOLDER', 'publish the release below a folder and make it current'),
    upload: flag('publish to the storage of the Supabase project and upload the vectors'),
    bucket: text('NAME', 'bucket of the storage', 'model-artifacts'),
    prefix: text('PATH', 'where the versions stand', 'two-tower/v3'),
    rollback: text('VERSION', 'make an earlier version current and do nothing else'),
    threads: text('N', 'threads of the training', '2'),
  },
  async run({ args }) {
    try {
      const options = await readOptions(args as Record<string, string | boolean | undefined>);
      const context = contextOf();
      const result = args.rollback
        ? { version: args.rollback, current: await rollBack(options, context, args.rollback) }
        : await runPipeline(options, context);
      process.stdout.write(`${JSON.stringify(result)}\n`);
    } catch (error) {
      process.stderr.write(`${sentence(error)}\n`);
      process.exitCode = isUsage(error) ? 2 : 1;
    }
  },
});

async function readOptions(args: Record<string, string | boolean | undefined>): Promise<PipelineOptions> {
  const given = (name: string) => (typeof args[name] === 'string' && args[name] !== '' ? args[name] : undefined);
  const count = (name: string, max: number) => {
    const value = Number(given(name));
    if (Number.isInteger(value) && value >= 1 && value <= max) return value;
    throw new PipelineUsageError(`--${name} must be a whole number in [1, ${max}]. Got ${JSON.stringify(args[name])}.`);
  };
  const path = given('config');
  const document: unknown = path ? parse(await readFile(path, 'utf8')) : {};
  const { GITHUB_SHA, SUPABASE_URL, SUPABASE_SERVICE_ROLE_KEY } = process.env;
  return {
    config: readPipelineConfig(document, path ?? 'of the defaults'),
    pgDsn: given('pg-dsn'),
    dataDir: given('data-dir'),
    checkpoint: given('checkpoint')!,
    artifacts: given('artifacts')!,
    embeddings: given('embeddings'),
    fetchRemote: args['fetch-remote'] === true,
    pageSize: count('page-size', 100_000),
    batchSize: count('batch-size', 10_000),
    skipExport: args['skip-export'] === true,
    skipEmbeddings: args['skip-embeddings'] === true,
    dryRun: args['dry-run'] === true,
    version: given('version'),
    commitSha: GITHUB_SHA || null,
    publish: given('publish'),
    upload: args.upload === true,
    bucket: given('bucket')!,
    prefix: given('prefix')!,
    supabase:
      SUPABASE_URL && SUPABASE_SERVICE_ROLE_KEY
        ? { url: SUPABASE_URL, serviceRoleKey: SUPABASE_SERVICE_ROLE_KEY }
        : undefined,
    threads: count('threads', 64),
  };
}

function contextOf(): PipelineContext {
  const stop = new AbortController();
  // A second signal ends the process at once: the handlers are gone after the first.
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => stop.abort(new Error(`Stopped by ${name}; the next run goes on from the checkpoint.`)));
  }
  return {
    now: () => new Date(),
    fetch: withRetries(globalThis.fetch),
    progress: (message) => void process.stderr.write(`${message}\n`),
    signal: stop.signal,
  };
}

function isUsage(error: unknown): boolean {
  return (
    error instanceof PipelineConfigError ||
    error instanceof PipelineUsageError ||
    error instanceof YAMLParseError ||
    error instanceof RangeError ||
    (error as NodeJS.ErrnoException).code === 'ENOENT'
  );
}

function sentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return isUsage(error) || !process.env.DEBUG ? error.message : (error.stack ?? error.message);
}

await runMain(command);
