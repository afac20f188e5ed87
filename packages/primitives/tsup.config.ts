import { defineConfig } from 'tsup';
import { library } from '../../tsup.shared.js';

export default defineConfig(
  library({
    linalg: 'src/linalg/index.ts',
    dense: 'src/dense/index.ts',
    onnx: 'src/onnx/index.ts',
    random: 'src/random/index.ts',
    collections: 'src/collections/index.ts',
    hashing: 'src/hashing/index.ts',
    text: 'src/text/index.ts',
    vectorize: 'src/vectorize/index.ts',
    embedding: 'src/embedding/index.ts',
    'embedding-worker': 'src/embedding/embedding-worker.ts',
    ranking: 'src/ranking/index.ts',
    async: 'src/async/index.ts',
    options: 'src/options/index.ts',
    wasm: 'src/wasm/index.ts',
  }),
);
