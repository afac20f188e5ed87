import { defineConfig, mergeConfig } from 'vitest/config';
import { shared } from '../vitest.shared.js';

export default mergeConfig(
  shared,
  defineConfig({
    test: {
      include: ['**/*.browser.test.ts'],
      testTimeout: 180_000,
      hookTimeout: 300_000,
      provide: { chromium: process.env.MATOME_TEST_CHROMIUM ?? '/usr/bin/chromium' },
    },
  }),
);
