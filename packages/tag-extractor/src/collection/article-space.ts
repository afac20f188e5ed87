import type { DenseEngine, NearestRows } from '@matome/primitives/dense';
import {
  cosineSimilarities,
  createMatrix,
  type Matrix,
  meanRow,
  norm,
  normalizeRows,
  row,
  topK,
} from '@matome/primitives/linalg';

/** An article of the collection that is like another one. */
export interface Neighbor {
  readonly article: number;
  /** Cosine less what all articles have in common, in (0, 1]. */
  readonly similarity: number;
}

/** The articles of a collection by what they are about. */
export interface ArticleSpace {
  /** The articles nearest to the first row, nearest first; those that have nothing in common are left out. */
  nearest(vector: Matrix): Neighbor[];
  /** The same for articles of the collection, which are not their own neighbours, all at once. */
  nearestOf(articles: readonly number[], engine: DenseEngine): Promise<Neighbor[][]>;
}

/**
 * Lays the vectors of a collection out around their mean: texts of one trade have much in common, and what is left tells
 * them apart.
 *
 * @param vectors - n × d, rows of length 1 or 0; not modified.
 * @remarks O(n d) a row.
 * @see Mu, Viswanath (2018), All-but-the-Top, arXiv:1702.01417 (its first step)
 */
export function createArticleSpace(vectors: Matrix, nNeighbors: number): ArticleSpace {
  const known = Array.from({ length: vectors.rows }, (_, i) => i).filter((i) => norm(row(vectors, i)) > 0);
  const center = meanRow(vectors, known);
  const rows = centered(vectors, center);
  return {
    nearest(vector) {
      const similarities = cosineSimilarities(row(centered(vector, center), 0), rows);
      return Array.from(topK(similarities, nNeighbors), (article) => {
        return { article, similarity: similarities[article]! };
      }).filter(({ similarity }) => similarity > 0);
    },
    async nearestOf(articles, engine) {
      const queries = createMatrix(articles.length, rows.cols);
      articles.forEach((article, i) => {
        queries.data.set(row(rows, article), i * rows.cols);
      });
      const k = Math.min(nNeighbors + 1, rows.rows);
      return neighborsOf(await engine.nearestRows(queries, rows, { k, metric: 'cosine' }), nNeighbors, articles);
    },
  };
}

/** Rows less the centre, of length 1; rows of zeros know nothing and stay zero. */
function centered(vectors: Matrix, center: Float32Array): Matrix {
  const moved = createMatrix(vectors.rows, vectors.cols);
  for (let i = 0; i < vectors.rows; i++) {
    const from = row(vectors, i);
    if (norm(from) === 0) continue;
    const to = row(moved, i);
    for (let c = 0; c < to.length; c++) to[c] = from[c]! - center[c]!;
  }
  return normalizeRows(moved);
}

function neighborsOf({ indices, distances, rows, k }: NearestRows, count: number, own: readonly number[]) {
  return Array.from({ length: rows }, (_, i) => {
    const found: Neighbor[] = [];
    for (let at = i * k; at < (i + 1) * k && found.length < count; at++) {
      const similarity = 1 - distances[at]!;
      if (indices[at] !== own[i] && similarity > 0) found.push({ article: indices[at]!, similarity });
    }
    return found;
  });
}
