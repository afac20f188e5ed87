import { type Embedder, withEmbeddingCache } from '@matome/primitives/embedding';
import {
  createCollectionExtractor,
  type TagDocument,
  type TagExtraction,
  type TagExtractor,
  type TaggedArticle,
} from '@matome/tag-extractor';

/** How a collection is cut. */
export interface CollectionFoldsOptions {
  /** Article i is in fold i modulo `folds`. */
  readonly folds: number;
  readonly embedder: Embedder;
  readonly topN: number;
}

/**
 * Extracts every article with the tags of the other folds in use: what a collection would do for its next articles.
 *
 * @param extractions - what the extractor under test says of each article on its own.
 */
export async function collectionFolds(
  articles: readonly TaggedArticle[],
  extractions: readonly TagExtraction[],
  { folds, embedder, topN }: CollectionFoldsOptions,
): Promise<TagExtraction[]> {
  const extractor = recall(articles, extractions);
  const cached = withEmbeddingCache(embedder);
  const found: TagExtraction[] = [];
  for (let fold = 0; fold < folds; fold++) {
    const others = articles.filter((_, i) => i % folds !== fold);
    const withCollection = await createCollectionExtractor({
      extractor,
      embedder: cached,
      articles: others,
      topN,
    });
    for (let i = fold; i < articles.length; i += folds) found[i] = await withCollection.extract(articles[i]!);
  }
  return found;
}

/** An extractor that has read the articles before: every fold learns from most of them. */
function recall(articles: readonly TagDocument[], extractions: readonly TagExtraction[]): TagExtractor {
  const byDocument = new Map(articles.map((article, i) => [article, extractions[i]!]));
  return {
    async extract(document) {
      const known = byDocument.get(document);
      if (known === undefined) throw new Error('Asked for an article that was not read before.');
      return known;
    },
  };
}
