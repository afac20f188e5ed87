import type { Embedder } from '@matome/primitives/embedding';
import { cosineSimilarity, row, takeRows } from '@matome/primitives/linalg';
import { checkInteger, checkNumber, checkOneOf } from '@matome/primitives/options';
import { maximalMarginalRelevance, maxSumDistance } from '@matome/primitives/ranking';
import {
  createLanguageDetector,
  type LanguageDetector,
  type LanguageGuess,
  loadEnglishTagger,
  loadJapaneseAnalyzer,
} from '@matome/primitives/text';
import type { AnalyzedDocument, Occurrence } from './candidates/candidate.js';
import { analyzeEnglish } from './candidates/english.js';
import { StemCache } from './candidates/english-words.js';
import { analyzeJapanese } from './candidates/japanese.js';
import { type SanitizeOptions, sanitizeInput, type TagDocument } from './input/sanitize-input.js';
import { candidateStatistics } from './rank/features.js';

/** Where a tag stands in the sanitised text. */
export interface TagOffset {
  readonly field: 'title' | 'body';
  /** First UTF-16 unit. */
  readonly start: number;
  readonly end: number;
}

/** A keyphrase of an article. */
export interface Tag {
  /** Best surface form. */
  readonly name: string;
  /** In [0, 1]: how likely the tag is one that a reader would choose. */
  readonly confidence: number;
  /** Every place where the tag or a twin of it stands. */
  readonly offsets: readonly TagOffset[];
}

/** What was found in an article. */
export interface TagExtraction {
  /** `rejected` and `too-short` have no tags, and `warnings` says why. */
  readonly status: 'extracted' | 'rejected' | 'too-short';
  /** Best first. */
  readonly tags: readonly Tag[];
  /** In [0, 1]; 0 without tags. */
  readonly confidence: number;
  readonly language: LanguageGuess;
  /** The text that offsets refer to. */
  readonly sanitized: { readonly title: string; readonly body: string };
  readonly sanitizedLength: number;
  /** Wall time of this extraction in milliseconds. */
  readonly inferenceMs: number;
  readonly method: 'embedding' | 'statistical';
  /** `statistical` or the id of the embedding model. */
  readonly modelName: string;
  readonly warnings: readonly string[];
}

/** Options of `createTagExtractor`. */
export interface TagExtractorOptions {
  /** Adds nearness of meaning to the ranking; without it statistics alone rank. */
  readonly embedder?: Embedder;
  /** @default createLanguageDetector() */
  readonly detectLanguage?: LanguageDetector;
  /** Tags an article gets at most. @default 10 */
  readonly topN?: number;
  /** How tags are chosen from the ranked candidates; `mmr` and `max-sum` need an embedder. @default 'top' */
  readonly selection?: 'mmr' | 'max-sum' | 'top';
  /** From 0 to 1, for `mmr`. @default 0.3 */
  readonly diversity?: number;
  /** Texts with fewer characters get no tags. @default 10 */
  readonly minTextLength?: number;
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
  /** Tags of one article; never throws for what the article holds. */
  extract(document: TagDocument, options?: ExtractOptions): Promise<TagExtraction>;
}

const unknownLanguage: LanguageGuess = { language: 'und', code: '', confidence: 0 };

/**
 * Builds a tag extractor for English and Japanese.
 *
 * Language models are loaded at the first article that needs them. Languages other than Japanese are read as English.
 *
 * @throws RangeError if an option is out of range.
 * @remarks One article at a time is O(length + candidates · dimensions).
 * @example
 * const extractor = createTagExtractor({ topN: 2 });
 * const { tags } = await extractor.extract({ title: 'Central bank raises key rate', body: 'The central bank raised its key rate.' });
 * tags.map((tag) => tag.name) // => ['central bank', 'key rate']
 */
export function createTagExtractor(options: TagExtractorOptions = {}): TagExtractor {
  const caller = 'createTagExtractor';
  const { embedder, now = () => performance.now(), minTextLength = 10, sanitize = {} } = options;
  const topN = checkInteger(caller, 'topN', options.topN ?? 10, { min: 1 });
  const selection = checkOneOf(caller, 'selection', options.selection ?? 'top', ['mmr', 'max-sum', 'top']);
  const diversity = checkNumber(caller, 'diversity', options.diversity ?? 0.3, { min: 0, max: 1 });
  const stems = new StemCache();
  let detector: Promise<LanguageDetector> | undefined;
  const method = embedder ? 'embedding' : 'statistical';
  const modelName = embedder?.modelId ?? 'statistical';

  return {
    async extract(document, { signal } = {}) {
      signal?.throwIfAborted();
      const started = now();
      const input = sanitizeInput(document, sanitize);
      const base = { confidence: 0, tags: [], method, modelName } as const;
      if (input.status === 'invalid') {
        const sanitized = { title: '', body: '' };
        const inferenceMs = now() - started;
        return {
          ...base,
          status: 'rejected',
          language: unknownLanguage,
          sanitized,
          sanitizedLength: 0,
          inferenceMs,
          warnings: input.violations,
        };
      }
      const { title, body, sanitizedLength, warnings } = input;
      const sanitized = { title, body };
      if (sanitizedLength < minTextLength) {
        const inferenceMs = now() - started;
        return {
          ...base,
          status: 'too-short',
          language: unknownLanguage,
          sanitized,
          sanitizedLength,
          inferenceMs,
          warnings: [...warnings, 'Text too short'],
        };
      }
      detector ??= options.detectLanguage ? Promise.resolve(options.detectLanguage) : createLanguageDetector();
      const language = (await detector)(`${title}\n${body}`);
      const analyzed =
        language.language === 'ja'
          ? analyzeJapanese(sanitized, (await loadJapaneseAnalyzer()).analyze)
          : analyzeEnglish(sanitized, (await loadEnglishTagger()).tag, stems);
      const scores = await score(analyzed, `${title}\n${body}`, embedder, signal);
      const chosen = await choose(analyzed, scores, {
        topN,
        selection,
        diversity,
        embedder,
        text: `${title}\n${body}`,
        ...(signal ? { signal } : {}),
      });
      const tags = chosen.map((i) =>
        toTag(analyzed.candidates[i]!.name, scores[i]!, analyzed.candidates[i]!.occurrences),
      );
      const confidence = tags.length === 0 ? 0 : tags.reduce((sum, tag) => sum + tag.confidence, 0) / tags.length;
      return {
        status: 'extracted',
        tags,
        confidence,
        language,
        sanitized,
        sanitizedLength,
        inferenceMs: now() - started,
        method,
        modelName,
        warnings,
      };
    },
  };
}

function toTag(name: string, confidence: number, occurrences: readonly Occurrence[]): Tag {
  return { name, confidence, offsets: occurrences.map(({ field, start, end }) => ({ field, start, end })) };
}

/** A first ranking: logistic in position, frequency, phrase length and nearness. */
async function score(
  analyzed: AnalyzedDocument,
  text: string,
  embedder: Embedder | undefined,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  const statistics = candidateStatistics(analyzed);
  const { candidates } = analyzed;
  const vectors =
    embedder && (await embedder.embed([text, ...candidates.map(({ name }) => name)], signal ? { signal } : {}));
  return Float64Array.from(candidates, (candidate, i) => {
    const words = candidate.words.length;
    const nearness = vectors ? cosineSimilarity(row(vectors, 0), row(vectors, i + 1)) : 0.3;
    const logit =
      -3.2 +
      1.2 * statistics.maximalShare[i]! +
      0.8 * statistics.inTitle[i]! -
      1.2 * statistics.firstPosition[i]! +
      0.5 * Math.log(statistics.frequency[i]!) +
      0.35 * Math.log(1 + statistics.wordFrequency[i]!) +
      (words === 2 ? 0.9 : words === 3 ? 0.7 : words > 3 ? 0 : -0.3) +
      2.5 * (nearness - 0.3);
    return 1 / (1 + Math.exp(-logit));
  });
}

interface Choice {
  readonly topN: number;
  readonly selection: 'mmr' | 'max-sum' | 'top';
  readonly diversity: number;
  readonly embedder: Embedder | undefined;
  readonly text: string;
  readonly signal?: AbortSignal;
}

/** Indices of the chosen candidates, highest score first; parts of an already chosen phrase of the same places are left out. */
async function choose(analyzed: AnalyzedDocument, scores: Float64Array, choice: Choice): Promise<number[]> {
  const { topN, selection, embedder, text, signal } = choice;
  const order = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b);
  if (selection === 'top' || !embedder || order.length <= topN) return order.slice(0, topN);
  const pool = order.slice(0, topN * 2);
  const vectors = await embedder.embed(
    [text, ...pool.map((i) => analyzed.candidates[i]!.name)],
    signal ? { signal } : {},
  );
  const candidates = takeRows(
    vectors,
    pool.map((_, i) => i + 1),
  );
  const picked =
    selection === 'mmr'
      ? maximalMarginalRelevance(row(vectors, 0), candidates, { k: topN, diversity: choice.diversity })
      : maxSumDistance(row(vectors, 0), candidates, { k: topN, nCandidates: pool.length });
  return [...picked].map((i) => pool[i]!).sort((a, b) => scores[b]! - scores[a]! || a - b);
}
