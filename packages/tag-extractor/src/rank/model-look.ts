import type { Embedder, EmbedOptions, TokenVectors } from '@matome/primitives/embedding';
import { type Matrix, takeRows } from '@matome/primitives/linalg';
import type { Candidate } from '../candidates/candidate.js';
import { statisticalWidth } from './features.js';
import { articleRows, articleText, embedArticle, writeNearness } from './meaning.js';
import { type RankingKind, storedReadings } from './stored-rankings.js';
import { findTokens, readingFeatures, readTokens, widenReading, writeReadings } from './token-reading.js';
import { WordReader, wordsIn } from './word-reading.js';

/** What a model says of the candidates of an article. */
export interface ModelLook {
  /** Writes the columns behind the statistical ones. */
  readonly write: (rows: Float32Array, width: number) => void;
  readonly vectorsOf: (indices: readonly number[]) => Promise<Matrix>;
}

/** Looks at an article with a model. */
export type LookAtArticle = (
  candidates: readonly Candidate[],
  fields: { readonly title: string; readonly body: string },
  options: EmbedOptions,
) => Promise<ModelLook>;

/** How the ranking of a kind looks at an article; undefined for the one that goes by statistics alone. */
export function modelLook(kind: RankingKind, embedder: Embedder | undefined): LookAtArticle | undefined {
  if (embedder === undefined || kind === 'statistical') return undefined;
  return kind === 'static' ? lookAtWords(embedder) : lookAtTokens(embedder);
}

/** Words read one by one, and how near the candidates are to the article. */
function lookAtWords(embedder: Embedder): LookAtArticle {
  const readings = storedReadings.static.map(widenReading);
  const reader = new WordReader(embedder, readings);
  return async (candidates, fields, options) => {
    const names = candidates.map(({ name }) => name);
    const vectors = await embedArticle(embedder, fields, names, options);
    const words = wordsIn(articleText(fields));
    const read = await reader.read(words.words, options);
    const places = findTokens(candidates, fields.title.length, words);
    return {
      write: (rows, width) => {
        writeReadings(rows, width, statisticalWidth, readings, read, places);
        writeNearness(rows, width, statisticalWidth + readingFeatures.length, vectors);
      },
      vectorsOf: async (indices) =>
        takeRows(
          vectors,
          indices.map((i) => i + articleRows),
        ),
    };
  };
}

/** Tokens read in their context. */
function lookAtTokens(embedder: Embedder): LookAtArticle {
  const readings = storedReadings.tokens.map(widenReading);
  return async (candidates, fields, options) => {
    const [tokens] = (await embedder.embedTokens!([articleText(fields)], options)) as [TokenVectors];
    const read = readings.map((reading) => readTokens(reading, tokens.vectors));
    const places = findTokens(candidates, fields.title.length, tokens);
    return {
      write: (rows, width) => writeReadings(rows, width, statisticalWidth, readings, read, places),
      vectorsOf: (indices) =>
        embedder.embed(
          indices.map((i) => candidates[i]!.name),
          options,
        ),
    };
  };
}
