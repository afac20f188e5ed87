import { readFile } from 'node:fs/promises';
import { defineCommand, runMain } from 'citty';
import { parse } from 'yaml';
import { PipelineConfigError, readPipelineConfig } from './config.js';

const command = defineCommand({
  meta: { name: 'two-tower-pipeline', description: 'Pull, train, export, embed, manifest, upload.' },
  args: { config: { type: 'string', description: 'YAML file with the settings', valueHint: 'FILE' } },
  async run({ args }) {
    try {
      const document: unknown = args.config ? parse(await readFile(args.config, 'utf8')) : {};
      const config = readPipelineConfig(document, args.config ?? 'default');
      process.stdout.write(`${JSON.stringify(config, null, 2)}\n`);
    } catch (error) {
      if (!(error instanceof PipelineConfigError)) throw error;
      process.stderr.write(`${error.message}\n`);
      process.exitCode = 2;
    }
  },
});

await runMain(command);
