import { createDenseEngine, type DenseEngine } from '@matome/primitives/dense';
import type { Embedder } from '@matome/primitives/embedding';
import { checkInteger, checkNumber } from '@matome/primitives/options';
import { articleConfidence } from '../confidence.js';
import { sanitizeInput, type TagDocument } from '../input/sanitize-input.js';
import { articleText } from '../rank/meaning.js';
import { logistic } from '../rank/ranker.js';
import type { Tag } from '../tag.js';
import type { TagExtractor } from '../tag-extractor.js';
import { tagKey } from '../tag-names/tag-key.js';
import { type ArticleSpace, createArticleSpace } from './article-space.js';
import { createNameFinder } from './find-name.js';
import { evidencePrior, learnWeights, proposeTags, type TagProposal, weigh } from './tag-evidence.js';
import { countTagsInUse, type TagsInUse } from './tags-in-use.js';

/** An article whose tags people have chosen or approved. */
export interface TaggedArticle extends TagDocument {
  readonly tags: readonly string[];
}

/** Options of `createCollectionExtractor`. */
export interface CollectionExtractorOptions {
  /** Finds what stands in an article. */
  readonly extractor: TagExtractor;
  /** Tells which articles are alike. */
  readonly embedder: Embedder;
  /** The collection; articles without tags, or whose text is refused, are left out, and so are tags without a letter or digit. */
  readonly articles: Iterable<TaggedArticle>;
  /** Articles of the collection whose tags are considered. @default 20 */
  readonly nNeighbors?: number;
  /** Tags an article gets at most. @default 10 */
  readonly topN?: number;
  /** Tags below are left out. @default 0.1 */
  readonly minConfidence?: number;
  /** Compares the articles to learn from. @default createDenseEngine() */
  readonly engine?: DenseEngine;
  /** Aborts the learning between articles. */
  readonly signal?: AbortSignal;
}

/** Articles that the weights are learnt from: more change nothing that can be measured. */
const learntFrom = 1000;

/**
 * Puts the knowledge of a collection behind an extractor: tags that similar articles carry, and tags already in use.
 *
 * The nearest articles vote for their tags; a logistic regression joins the votes with what the extractor says. It is
 * learnt from the collection itself, every article being left out in its turn: where people reuse their tags the
 * neighbours decide much, where every article has tags of its own they decide nothing. Confidences follow the same people.
 * It takes some hundred tagged articles to gain; with less than fifty, tags are rather lost than found.
 *
 * A tag that does not stand in the article has `source: 'neighbours'` and no offsets. Own tags take the spelling in use.
 * Without a tagged article the extractor's tags stay as they are, but for `topN` and `minConfidence`.
 *
 * @throws RangeError if an option is out of range; the signal's reason when aborted.
 * @remarks Learning embeds every article and extracts up to 1,000 of them, O(1,000 n d) for n articles; an article embeds
 * its text and compares it with all: O(n d). The collection does not grow: build it anew now and then. Copies of one
 * article in it make neighbours look more certain than they are: leave duplicates out.
 * @see Wan, Xiao (2008), Single Document Keyphrase Extraction Using Neighborhood Knowledge, AAAI; Zhang, Zhou (2007), ML-KNN,
 * doi:10.1016/j.patcog.2006.12.019
 * @example
 * const farming = (crop: string) => ({ title: `Good ${crop} harvest`, body: `Farmers sell more ${crop} than last year.` });
 * const sport = (club: string) => ({ title: `${club} win the cup`, body: `A late goal gave ${club} the cup.` });
 * const articles = [
 *   ...['wheat', 'maize', 'barley', 'rye'].map((crop) => ({ ...farming(crop), tags: ['agriculture', crop] })),
 *   ...['Riga', 'Oslo', 'Porto', 'Graz'].map((club) => ({ ...sport(club), tags: ['football', club] })),
 * ];
 * const [extractor, embedder] = [createTagExtractor(), createHashingEmbedder()];
 * const withCollection = await createCollectionExtractor({ extractor, embedder, articles });
 * const { tags } = await withCollection.extract(farming('rice'));
 * [tags[0].name, tags[0].source] // => ['agriculture', 'neighbours']
 */
export async function createCollectionExtractor(options: CollectionExtractorOptions): Promise<TagExtractor> {
  const caller = 'createCollectionExtractor';
  const { extractor, embedder, signal } = options;
  const nNeighbors = checkInteger(caller, 'nNeighbors', options.nNeighbors ?? 20, { min: 1 });
  const topN = checkInteger(caller, 'topN', options.topN ?? 10, { min: 1 });
  const minConfidence = checkNumber(caller, 'minConfidence', options.minConfidence ?? 0.1, { min: 0, max: 1 });
  const articles = readArticles(options.articles);
  const tagsInUse = countTagsInUse(articles.map(({ tags }) => tags));
  const embedding = signal ? { signal } : {};
  const vectors = await embedder.embed(
    articles.map(({ text }) => text),
    embedding,
  );
  const space = createArticleSpace(vectors, nNeighbors);
  const weights = await learn(articles, { tagsInUse, space }, options);

  return {
    async extract(document, extractOptions = {}) {
      const extraction = await extractor.extract(document, extractOptions);
      if (extraction.status !== 'extracted') return extraction;
      const { sanitized, tags } = extraction;
      const rows = await embedder.embed([articleText(sanitized)], extractOptions);
      const neighbors = articles.length === 0 ? [] : space.nearest(rows);
      const proposals = proposeTags({ tags, neighbors, tagsInUse, find: createNameFinder(sanitized) });
      const chosen = proposals
        .map((proposal) => toTag(proposal, logistic(weigh(proposal, weights)), tagsInUse))
        .filter(({ confidence }) => confidence >= minConfidence)
        .sort((a, b) => b.confidence - a.confidence)
        .slice(0, topN);
      return { ...extraction, tags: chosen, confidence: articleConfidence(chosen.map((tag) => tag.confidence)) };
    },
  };
}

interface ReadArticle {
  /** As the caller gave it. */
  readonly article: TaggedArticle;
  /** Those that name something. */
  readonly tags: readonly string[];
  /** What the embedder reads. */
  readonly text: string;
}

/** Articles with text and tags. */
function readArticles(articles: Iterable<TaggedArticle>): ReadArticle[] {
  const kept: ReadArticle[] = [];
  for (const article of articles) {
    const input = sanitizeInput(article);
    if (input.status === 'invalid' || input.sanitizedLength === 0) continue;
    // Rows of a database may lack tags, whatever their type says.
    const tags = Array.isArray(article.tags)
      ? article.tags.filter((tag) => typeof tag === 'string' && tagKey(tag))
      : [];
    if (tags.length > 0) kept.push({ article, tags, text: articleText(input) });
  }
  return kept;
}

interface Collection {
  readonly tagsInUse: TagsInUse;
  readonly space: ArticleSpace;
}

/** Leaves articles out one by one and learns what foretells their tags; one article alone teaches nothing. */
async function learn(
  articles: readonly ReadArticle[],
  { tagsInUse, space }: Collection,
  { extractor, engine, signal }: CollectionExtractorOptions,
): Promise<readonly number[]> {
  if (articles.length < 2) return evidencePrior.mean;
  const count = Math.min(learntFrom, articles.length);
  const sample = Array.from({ length: count }, (_, i) => Math.floor((i * articles.length) / count));
  const nearest = await withEngine(engine, (given) => space.nearestOf(sample, given));
  const examples: { proposals: TagProposal[]; truth: ReadonlySet<string> }[] = [];
  for (const [place, index] of sample.entries()) {
    signal?.throwIfAborted();
    const { tags, sanitized } = await extractor.extract(articles[index]!.article, signal ? { signal } : {});
    const truth = tagsInUse.keysOf[index]!;
    const find = createNameFinder(sanitized);
    const proposals = proposeTags({ tags, neighbors: nearest[place]!, tagsInUse, find, counted: truth });
    examples.push({ proposals, truth });
  }
  return learnWeights(examples);
}

/** An engine of its own is let go afterwards. */
async function withEngine<T>(given: DenseEngine | undefined, use: (engine: DenseEngine) => Promise<T>): Promise<T> {
  const engine = given ?? (await createDenseEngine());
  try {
    return await use(engine);
  } finally {
    if (engine !== given) await engine.dispose();
  }
}

function toTag({ own, inUse, offsets, keys }: TagProposal, confidence: number, { byKey }: TagsInUse): Tag {
  const name = (inUse === undefined ? undefined : byKey.get(inUse)?.name) ?? own!.name;
  if (own === undefined) {
    return {
      name,
      confidence,
      aliases: [],
      offsets,
      ...(offsets.length === 0 ? { source: 'neighbours' as const } : {}),
    };
  }
  const names = [own.name, ...own.aliases];
  const aliases = inUse === undefined ? own.aliases : names.filter((_, i) => keys[i] !== inUse);
  return { ...own, name, confidence, aliases };
}
