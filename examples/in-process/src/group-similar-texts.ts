import { hdbscan, umap } from '@matome/clustering';
import { createHashingEmbedder } from '@matome/primitives/embedding';

/** Groups texts that say alike things: embed, reduce, cluster. Label -1 means that a text stands alone. */
export async function groupSimilarTexts(texts: readonly string[]): Promise<number[]> {
  const vectors = await createHashingEmbedder().embed(texts);
  const reduced = texts.length > 15 ? await umap(vectors, { nComponents: 5, minDist: 0 }) : vectors;
  return [...hdbscan(reduced, { minClusterSize: 2, minSamples: 1 }).labels];
}
