import type { Embedder, EmbedOptions } from '@matome/primitives/embedding';
import { type Matrix, meanRow, row } from '@matome/primitives/linalg';
import { runInTitleEnd } from '../input/run-in-title.js';

/** What an embedding model adds to the statistical columns: nearness to the article, its headline, the other candidates. */
export const meaningFeatures = ['nearArticle', 'nearHeadline', 'nearOthers'] as const;

/** Rows of `embedArticle` before those of the candidates. */
export const articleRows = 2;

/** Characters that stand for the headline of a text without one. */
const leadLength = 120;

/** What a model reads of an article. */
export function articleText({ title, body }: { readonly title: string; readonly body: string }): string {
  return `${title}\n${body}`;
}

/**
 * Embeds an article, its headline and candidates.
 *
 * @returns (2 + names) × dimensions: the article, the headline, the names.
 */
export function embedArticle(
  embedder: Embedder,
  { title, body }: { readonly title: string; readonly body: string },
  names: readonly string[],
  options: EmbedOptions,
): Promise<Matrix> {
  const headline = title === '' ? body.slice(0, runInTitleEnd(body) || leadLength) : title;
  return embedder.embed([articleText({ title, body }), headline, ...names], options);
}

/** Cosines of the candidates with the article, with its headline and with the candidates' mean, one array each. */
export function nearnessOf(vectors: Matrix): readonly [Float64Array, Float64Array, Float64Array] {
  const { data, cols } = vectors;
  const n = vectors.rows - articleRows;
  const places = new Int32Array(n);
  for (let i = 0; i < n; i++) places[i] = i + articleRows;
  // As float64, so that they are not widened again for every candidate.
  const article = new Float64Array(row(vectors, 0));
  const headline = new Float64Array(row(vectors, 1));
  const others = new Float64Array(meanRow(vectors, places));
  const [nearArticle, nearHeadline, nearOthers] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  // Two candidates with three sums each at once, since each sum alone would wait for its last addition; of an odd number the
  // last one is read twice.
  for (let i = 0; i < n; i += 2) {
    const other = Math.min(i + 1, n - 1);
    let [a, h, o, a2, h2, o2] = [0, 0, 0, 0, 0, 0];
    for (let j = 0, at = (i + articleRows) * cols, at2 = (other + articleRows) * cols; j < cols; j++, at++, at2++) {
      const value = data[at]!;
      const value2 = data[at2]!;
      a += value * article[j]!;
      h += value * headline[j]!;
      o += value * others[j]!;
      a2 += value2 * article[j]!;
      h2 += value2 * headline[j]!;
      o2 += value2 * others[j]!;
    }
    nearArticle[i] = a;
    nearHeadline[i] = h;
    nearOthers[i] = o;
    nearArticle[other] = a2;
    nearHeadline[other] = h2;
    nearOthers[other] = o2;
  }
  return [nearArticle, nearHeadline, nearOthers];
}

/** Writes the cosines of `nearnessOf` into the columns after the statistical ones. */
export function writeNearness(rows: Float32Array, width: number, from: number, vectors: Matrix): void {
  nearnessOf(vectors).forEach((values, k) => {
    for (let i = 0; i < values.length; i++) rows[i * width + from + k] = values[i]!;
  });
}
