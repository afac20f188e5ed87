import { nextTurn } from '@matome/primitives/async';
import type { Embedder } from '@matome/primitives/embedding';
import { checkInteger, checkNumber, checkOneOf } from '@matome/primitives/options';
import { createLanguageDetector, type LanguageDetector, type LanguageGuess } from '@matome/primitives/text';
import { checkCalibration, type TagCalibration } from './calibration.js';
import { articleConfidence } from './confidence.js';
import { checkSanitizeOptions, type SanitizeOptions, sanitizeInput, type TagDocument } from './input/sanitize-input.js';
import { createAnalysis } from './rank/analyze-article.js';
import { contentionOf } from './rank/contention.js';
import { createEmbeddingScorer } from './rank/embedding-scorer.js';
import { chooseTags } from './select/choose-tags.js';
import type { TagExtraction } from './tag.js';
import { type AliasTable, indexAliases } from './tag-names/name-groups.js';

/** Options of `createTagExtractor`. */
export interface TagExtractorOptions {
  /**
   * Adds meaning to the ranking; without it statistics alone rank. English has rankings of its own for two models of
   * primitives, told by their fingerprints: the default static one (`createEmbedder()`) and MiniLM
   * (`createEmbedder({ model: 'minilm' })`), whose token vectors are read in context. Any other embedder is fused with the statistics.
   */
  readonly embedder?: Embedder;
  /** @default createLanguageDetector() */
  readonly detectLanguage?: LanguageDetector;
  /** Tags an article gets at most. @default 10 */
  readonly topN?: number;
  /**
   * Tags below are left out.
   *
   * @default 0.1; 0.05 for Japanese, whose confidences are shares of headlines and thus lower
   */
  readonly minConfidence?: number;
  /** The best, or the best that differ from each other. @default 'top' */
  readonly selection?: 'mmr' | 'max-sum' | 'top';
  /** From 0 to 1, for `mmr`. @default 0.3 */
  readonly diversity?: number;
  /**
   * 0 keeps to the few topics that an author or a thesaurus would name, 1 lists every concept as an indexer would. English only.
   *
   * @default 0.5
   */
  readonly breadth?: number;
  /** Fits confidences to your own judges: see `fitTagCalibration`. @default none */
  readonly calibration?: TagCalibration;
  /** Other names of tags, e.g. `{ GenAI: 'generative AI' }`: an article's tags of one name become one. An alias may lead to another one. @default none */
  readonly aliases?: AliasTable;
  /** Texts with fewer characters get no tags. @default 10 */
  readonly minTextLength?: number;
  /** Limits of the input. */
  readonly sanitize?: SanitizeOptions;
  /** Milliseconds for `inferenceMs`. @default performance.now */
  readonly now?: () => number;
}

/** Options of one extraction. */
export interface ExtractOptions {
  readonly signal?: AbortSignal;
}

/** Finds tags. */
export interface TagExtractor {
  /** Tags of one article; what the article holds never makes it throw. */
  extract(document: TagDocument, options?: ExtractOptions): Promise<TagExtraction>;
}

/** Longest time in milliseconds before other work of the process gets its turn between two articles. */
const sliceMs = 20;

const unknownLanguage: LanguageGuess = { language: 'und', code: '', confidence: 0 };

/**
 * Builds a tag extractor for English and Japanese.
 *
 * Candidates are noun phrases; a learnt ranking weighs place, frequency, form, neighbours and rarity of their words, and
 * with an embedder their nearness to the article. Language data is loaded at the first article that needs it; languages
 * other than Japanese are read as English. A title that runs into the body is told apart.
 *
 * @throws RangeError if an option is out of range, or aliases lead round in a circle.
 *
 * @remarks O(length) an article, some 1,000 abstracts a second on one thread without an embedder, 750 with the default static
 * model, and half as many again once all is compiled; Japanese at the pace of the analyser. With MiniLM an article takes one run of half the model over its first 256 tokens;
 * another embedder embeds the article and its 20 best candidates.
 * @see Hulth (2003), Improved automatic keyword extraction given more linguistic knowledge, doi:10.3115/1119355.1119383
 * @example
 * const extractor = createTagExtractor({ topN: 2 });
 * const body = 'The central bank raised its key rate by a quarter point. The key rate now stands at two percent.';
 * const { tags } = await extractor.extract({ title: 'Central bank raises key rate', body });
 * tags.map((tag) => tag.name) // => ['central bank', 'key rate']
 */
export function createTagExtractor(options: TagExtractorOptions = {}): TagExtractor {
  const settings = checkOptions(options);
  const { embedder, now = () => performance.now(), sanitize = {}, calibration } = options;
  const choice = {
    ...settings,
    aliases: indexAliases('createTagExtractor', options.aliases ?? {}),
    ...(calibration ? { calibration } : {}),
  };
  const analysis = createAnalysis(settings.breadth, embedder);
  const embedding = embedder && createEmbeddingScorer(embedder, settings.topN);
  let detector: Promise<LanguageDetector> | undefined;
  let lastTurn = performance.now();

  return {
    async extract(document, { signal } = {}) {
      signal?.throwIfAborted();
      // Nothing here waits for the outside: a loop over articles would keep timers, sockets and the collector of garbage waiting.
      if (performance.now() - lastTurn > sliceMs) {
        await nextTurn(signal);
        lastTurn = performance.now();
      }
      const started = now();
      const input = sanitizeInput(document, sanitize);
      const head = {
        method: embedder ? 'embedding' : 'statistical',
        modelName: embedder?.modelId ?? 'statistical',
      } as const;
      const empty = (status: 'rejected' | 'too-short', sanitizedLength: number, warnings: readonly string[]) => {
        const nothing = {
          tags: [],
          confidence: 0,
          language: unknownLanguage,
          sanitized: { title: '', body: '' },
          contention: 0,
        };
        return { status, ...nothing, sanitizedLength, inferenceMs: now() - started, ...head, warnings };
      };
      if (input.status === 'invalid') return empty('rejected', 0, input.violations);
      const { title, body, sanitizedLength, warnings } = input;
      if (sanitizedLength < settings.minTextLength)
        return empty('too-short', sanitizedLength, [...warnings, 'Text too short']);

      const fields = { title, body };
      detector ??= options.detectLanguage ? Promise.resolve(options.detectLanguage) : createLanguageDetector();
      const language = (await detector)(`${title}\n${body}`);
      const japanese = language.language === 'ja';
      const { minConfidence = japanese ? 0.05 : 0.1 } = settings;
      const ranked = await analysis(fields, japanese, signal);
      const { candidates, logits } = ranked;
      const fused = embedding && !ranked.vectorsOf ? await embedding.fuse(fields, candidates, logits, signal) : ranked;
      const tags = await chooseTags(fields, candidates, fused, { ...choice, minConfidence });
      const confidences = tags.map((tag) => tag.confidence);
      const confidence = articleConfidence(confidences);
      const contention = contentionOf(fused.logits);
      const inferenceMs = now() - started;
      return {
        status: 'extracted',
        tags,
        confidence,
        language,
        sanitized: fields,
        sanitizedLength,
        inferenceMs,
        ...head,
        warnings,
        contention,
      };
    },
  };
}

type Settings = Required<Pick<TagExtractorOptions, 'topN' | 'selection' | 'diversity' | 'breadth' | 'minTextLength'>> &
  Pick<TagExtractorOptions, 'minConfidence'>;

function checkOptions(options: TagExtractorOptions): Settings {
  const caller = 'createTagExtractor';
  checkSanitizeOptions(caller, options.sanitize ?? {});
  if (options.calibration) checkCalibration(caller, options.calibration);
  const share = { min: 0, max: 1 };
  return {
    topN: checkInteger(caller, 'topN', options.topN ?? 10, { min: 1 }),
    ...(options.minConfidence === undefined
      ? {}
      : { minConfidence: checkNumber(caller, 'minConfidence', options.minConfidence, share) }),
    selection: checkOneOf(caller, 'selection', options.selection ?? 'top', ['mmr', 'max-sum', 'top']),
    diversity: checkNumber(caller, 'diversity', options.diversity ?? 0.3, share),
    breadth: checkNumber(caller, 'breadth', options.breadth ?? 0.5, share),
    minTextLength: checkInteger(caller, 'minTextLength', options.minTextLength ?? 10, { min: 0 }),
  };
}
