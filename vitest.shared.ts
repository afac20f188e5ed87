import { defineConfig } from 'vitest/config';

/** Test settings that every package shares: siblings resolve to their sources, so no build has to come first. */
export const shared = defineConfig({
  resolve: { conditions: ['matome-source'] },
  ssr: { resolve: { conditions: ['matome-source', 'node', 'import', 'module', 'default'] } },
  test: {
    include: ['src/**/*.test.ts'],
    exclude: ['**/*.servers.test.ts', '**/node_modules/**'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 120_000,
    benchmark: { include: ['src/**/*.bench.ts'] },
  },
});
