import type { CsrMatrix } from '@matome/primitives/linalg';
import { createMatrix, topK } from '@matome/primitives/linalg';
import type { Genre, GenreAssignment } from '../genre/genre-types.js';
import { type CorrectAndSmoothOptions, correctAndSmooth } from './correct-and-smooth.js';

/**
 * Betters genres by the similarity of the articles: Correct-and-Smooth over a graph of them. Articles whose genre is
 * known teach the others.
 *
 * @param assignments - one per node of the graph; their candidates are the base.
 * @param graph - n × n, as `similarityGraph` gives it.
 * @param known - true genre by node; `undefined` where it is not known.
 * @returns in the same order; known nodes get their genre.
 * @throws RangeError if sizes disagree.
 * @example
 * const base = (articleId: string, p: number) => ({ articleId, genre: p > 0.5 ? 'a' : 'b', confidence: Math.max(p, 1 - p), candidates: [{ genre: 'a', probability: p }, { genre: 'b', probability: 1 - p }], strategy: 'coarse-only' as const, belowThreshold: false, accepted: true, plausible: ['a'] });
 * const graph = csrFromRows([new Map([[1, 1]]), new Map([[0, 1]])], 2);
 * smoothAssignments([base('x', 0.9), base('y', 0.45)], graph, ['a', undefined])[1].genre // => 'a'
 */
export function smoothAssignments(
  assignments: readonly GenreAssignment[],
  graph: CsrMatrix,
  known: readonly (Genre | undefined)[],
  options: CorrectAndSmoothOptions = {},
): GenreAssignment[] {
  const names = assignments.flatMap(({ candidates }) => candidates.map(({ genre }) => genre));
  const genres = [...new Set([...names, ...known.filter((genre) => genre !== undefined)])].sort((a, b) =>
    a < b ? -1 : 1,
  );
  const numbers = new Map(genres.map((genre, c) => [genre, c]));
  const base = createMatrix(assignments.length, genres.length);
  assignments.forEach(({ candidates }, i) => {
    for (const { genre, probability } of candidates) base.data[i * genres.length + numbers.get(genre)!] = probability;
  });
  const seeds = Int32Array.from(known, (genre) => (genre === undefined ? -1 : numbers.get(genre)!));
  const { data, cols } = correctAndSmooth(graph, base, seeds, options);
  return assignments.map((assignment, i) => {
    const row = data.subarray(i * cols, (i + 1) * cols);
    const order = topK(row, cols);
    const genre = genres[order[0] ?? -1] ?? assignment.genre;
    return {
      ...assignment,
      genre,
      confidence: row[order[0] ?? -1] ?? assignment.confidence,
      candidates: Array.from(order, (c) => ({ genre: genres[c]!, probability: row[c]! })),
      accepted: assignment.accepted && genre === assignment.genre,
    };
  });
}
