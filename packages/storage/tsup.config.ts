import { defineConfig } from 'tsup';
import { library } from '../../tsup.shared.js';

export default defineConfig(
  library({
    index: 'src/index.ts',
    streams: 'src/streams/index.ts',
    artifacts: 'src/artifacts/index.ts',
    testing: 'src/testing/index.ts',
  }),
);
