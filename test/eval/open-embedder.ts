import { createEmbedder, type LoadedEmbedder } from '@matome/primitives/embedding';
import { EvalInputError } from './task.js';

/** Loads the embedder that `--model` or `--embedder` names. @throws EvalInputError when there is no such model. */
export async function openEmbedder(model = 'default'): Promise<LoadedEmbedder> {
  try {
    return await createEmbedder({ model, threads: 2 });
  } catch (error) {
    throw new EvalInputError((error as Error).message);
  }
}
