import { createEmbedder, type LoadedEmbedder } from '@matome/primitives/embedding';
import { EvalInputError } from './task.js';

/**
 * Loads the embedder that `--model` or `--embedder` names.
 *
 * @param threads - what `--threads` says.
 * @throws EvalInputError when there is no such model.
 */
export async function openEmbedder(model = 'default', threads = '2'): Promise<LoadedEmbedder> {
  try {
    return await createEmbedder({ model, threads: Number(threads) });
  } catch (error) {
    throw new EvalInputError((error as Error).message);
  }
}
