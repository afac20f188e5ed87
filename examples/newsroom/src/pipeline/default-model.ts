import { createEmbedder, type Embedder } from '@matome/primitives/embedding';

let loading: Promise<Embedder> | undefined;

/** The model that understands English and Japanese; read once, shared by all stages of the process. */
export function loadDefaultModel(): Promise<Embedder> {
  loading ??= createEmbedder().catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}
