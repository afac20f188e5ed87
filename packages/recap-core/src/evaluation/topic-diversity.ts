/**
 * Share of different terms among those of all topics: 1 when no term stands in two topics.
 *
 * @param topics - terms of each topic; by custom the ten strongest.
 * @returns in (0, 1]; NaN when there are no terms.
 * @see Dieng, Ruiz, Blei (2020), Topic Modeling in Embedding Spaces, doi:10.1162/tacl_a_00325
 * @example
 * topicDiversity([['river', 'flood'], ['cup', 'flood']]) // => 0.75
 */
export function topicDiversity(topics: readonly (readonly string[])[]): number {
  const terms = topics.flat();
  return new Set(terms).size / terms.length;
}
