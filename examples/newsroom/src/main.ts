import { fileURLToPath } from 'node:url';
import { loadConfig } from '@matome/host-kit';
import { runMain } from 'citty';
import { z } from 'zod';
import { createCommand } from './cli/command.js';
import { exitCodes } from './cli/environment.js';

const configSchema = z.object({
  NEWSROOM_DATA_DIR: z.string().default('.newsroom'),
  NEWSROOM_PORT: z.coerce.number().int().min(0).max(65_535).default(4600),
});

const { NEWSROOM_DATA_DIR, NEWSROOM_PORT } = loadConfig(configSchema, process.env);
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // The second one does not wait for anything.
    if (stop.signal.aborted) process.exit(exitCodes.interrupted);
    stop.abort(new Error(`stopped by ${signal}`));
  });
}

const command = createCommand({
  stdout: process.stdout,
  stderr: process.stderr,
  signal: stop.signal,
  now: () => Date.now(),
  monotonic: () => performance.now(),
  peakMemory: () => process.resourceUsage().maxRSS * 1024,
  sampleFolder: fileURLToPath(new URL('../sample', import.meta.url)),
  defaults: { dataDir: NEWSROOM_DATA_DIR, port: NEWSROOM_PORT },
  setExitCode: (code) => {
    process.exitCode = code;
  },
});
await runMain(command);
