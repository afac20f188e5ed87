import { createEmbedder, type LoadedEmbedder } from '@matome/primitives/embedding';
import { EvalInputError } from './task.js';

/**
 * Loads the embedder that `--model` or `--embedder` names.
 *
 * @param threads - what `--threads` says.
 * @throws EvalInputError when there is no such model.
 */
export async function openEmbedder(model = 'default', threads = '2'): Promise<LoadedEmbedder> {
  if (!/^[1-9]\d*$/.test(threads)) {
    throw new EvalInputError(`--threads must be a whole number from 1. Got ${JSON.stringify(threads)}.`);
  }
  try {
    return await createEmbedder({ model, threads: Number(threads) });
  } catch (error) {
    throw new EvalInputError((error as Error).message);
  }
}
