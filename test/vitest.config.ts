import { defineConfig, mergeConfig } from 'vitest/config';
import { shared } from '../vitest.shared.js';

export default mergeConfig(
  shared,
  defineConfig({
    test: {
      include: ['**/*.test.ts'],
      hookTimeout: 300_000,
      testTimeout: 180_000,
      exclude: ['**/*.browser.test.ts', '**/node_modules/**'],
    },
  }),
);
