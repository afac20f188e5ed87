import { defineConfig } from 'vitest/config';
import { shared } from '../../vitest.shared.js';

// Tests against servers that are not part of the suite; each script needs the address of its server.
export default defineConfig({
  ...shared,
  // `pg` requires its own parts: the `import` condition would hand it ES modules.
  ssr: { resolve: { conditions: ['matome-source', 'node'], externalConditions: ['node'] } },
  test: {
    ...shared.test,
    include: ['servers/*.test.ts'],
    provide: {
      postgresUrl: process.env.MATOME_TEST_POSTGRES_URL ?? '',
      redisUrl: process.env.MATOME_TEST_REDIS_URL ?? '',
    },
  },
});

declare module 'vitest' {
  export interface ProvidedContext {
    postgresUrl: string;
    redisUrl: string;
  }
}
