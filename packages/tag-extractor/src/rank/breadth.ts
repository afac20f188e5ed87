/**
 * How the three English ensembles share the say: indexers, authors and readers, terms of a thesaurus.
 *
 * @param breadth - 0 for authors and thesaurus, 0.5 for indexers and authors, 1 for indexers alone.
 * @returns three shares whose sum is 1.
 */
export function sharesAt(breadth: number): readonly [indexer: number, author: number, topics: number] {
  return breadth < 0.5 ? [breadth, 0.5, 0.5 - breadth] : [breadth, 1 - breadth, 0];
}
