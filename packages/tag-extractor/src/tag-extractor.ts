import type { Embedder } from '@matome/primitives/embedding';
import { checkInteger, checkNumber, checkOneOf } from '@matome/primitives/options';
import {
  createLanguageDetector,
  type LanguageDetector,
  type LanguageGuess,
  loadEnglishTagger,
  loadJapaneseAnalyzer,
} from '@matome/primitives/text';
import type { AnalyzedDocument, Candidate } from './candidates/candidate.js';
import { analyzeEnglish } from './candidates/english.js';
import { StemCache } from './candidates/english-words.js';
import { analyzeJapanese } from './candidates/japanese.js';
import { isJapaneseTag } from './candidates/validate-japanese-tag.js';
import { articleConfidence, contentionOf } from './confidence.js';
import { type SanitizeOptions, sanitizeInput, type TagDocument } from './input/sanitize-input.js';
import { createEmbeddingScorer } from './rank/embedding-scorer.js';
import { createEnglishRanker } from './rank/english-ranker.js';
import { createJapaneseRanker } from './rank/japanese-ranker.js';
import { logistic, type Ranker } from './rank/ranker.js';
import { selectTags } from './select/select-tags.js';
import type { Tag, TagExtraction, TagOffset } from './tag.js';
import { findAcronyms } from './tag-names/acronyms.js';
import { tagKey } from './tag-names/tag-key.js';

/** Options of `createTagExtractor`. */
export interface TagExtractorOptions {
  /** Adds nearness of meaning to the ranking; without it statistics alone rank. */
  readonly embedder?: Embedder;
  /** @default createLanguageDetector() */
  readonly detectLanguage?: LanguageDetector;
  /** Tags an article gets at most. @default 10 */
  readonly topN?: number;
  /** Tags below are left out. @default 0.1 */
  readonly minConfidence?: number;
  /** The best, or the best that differ from each other. @default 'top' */
  readonly selection?: 'mmr' | 'max-sum' | 'top';
  /** From 0 to 1, for `mmr`. @default 0.3 */
  readonly diversity?: number;
  /** 0 keeps to the few topics an author would name, 1 lists every concept as an indexer would. @default 0.5 */
  readonly breadth?: number;
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

const unknownLanguage: LanguageGuess = { language: 'und', code: '', confidence: 0 };

/**
 * Builds a tag extractor for English and Japanese.
 *
 * Candidates are noun phrases; a learnt ranking weighs place, frequency, form, neighbours and rarity of their words, and
 * with an embedder their nearness to the article. Language data is loaded at the first article that needs it; languages
 * other than Japanese are read as English.
 *
 * @throws RangeError if an option is out of range.
 * @remarks O(length) an article, some 700 abstracts a second on one thread without an embedder; Japanese at the pace of
 * the analyser. An embedder embeds the article and its 30 best candidates.
 * @see Hulth (2003), Improved automatic keyword extraction given more linguistic knowledge, doi:10.3115/1119355.1119383
 * @example
 * const extractor = createTagExtractor({ topN: 2 });
 * const body = 'The central bank raised its key rate by a quarter point. The key rate now stands at two percent.';
 * const { tags } = await extractor.extract({ title: 'Central bank raises key rate', body });
 * tags.map((tag) => tag.name) // => ['key rate', 'central bank']
 */
export function createTagExtractor(options: TagExtractorOptions = {}): TagExtractor {
  const settings = checkOptions(options);
  const { embedder, now = () => performance.now(), sanitize = {} } = options;
  const analysis = createAnalysis(settings.breadth);
  const embedding = embedder && createEmbeddingScorer(embedder);
  let detector: Promise<LanguageDetector> | undefined;

  return {
    async extract(document, { signal } = {}) {
      signal?.throwIfAborted();
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
      const { analyzed, logits } = await analysis(fields, language.language === 'ja');
      const fused = embedding ? await embedding.fuse(fields, analyzed.candidates, logits, signal) : { logits };
      const tags = await chooseTags(fields, analyzed.candidates, fused, settings);
      const confidences = tags.map((tag) => tag.confidence);
      const confidence = articleConfidence(confidences);
      const contention = contentionOf(confidences, analyzed.candidates.length);
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

type Settings = Required<
  Pick<TagExtractorOptions, 'topN' | 'minConfidence' | 'selection' | 'diversity' | 'breadth' | 'minTextLength'>
>;

function checkOptions(options: TagExtractorOptions): Settings {
  const caller = 'createTagExtractor';
  const share = { min: 0, max: 1 };
  return {
    topN: checkInteger(caller, 'topN', options.topN ?? 10, { min: 1 }),
    minConfidence: checkNumber(caller, 'minConfidence', options.minConfidence ?? 0.1, share),
    selection: checkOneOf(caller, 'selection', options.selection ?? 'top', ['mmr', 'max-sum', 'top']),
    diversity: checkNumber(caller, 'diversity', options.diversity ?? 0.3, share),
    breadth: checkNumber(caller, 'breadth', options.breadth ?? 0.5, share),
    minTextLength: checkInteger(caller, 'minTextLength', options.minTextLength ?? 10, { min: 0 }),
  };
}

interface Fields {
  readonly title: string;
  readonly body: string;
}

interface Analysis {
  readonly analyzed: AnalyzedDocument;
  readonly logits: Float64Array;
}

/** Finds and ranks candidates; what a language needs is loaded when its first article comes. */
function createAnalysis(breadth: number): (fields: Fields, japanese: boolean) => Promise<Analysis> {
  const stems = new StemCache();
  let english: Ranker | undefined;
  let japaneseRanker: Ranker | undefined;
  return async (fields, japanese) => {
    if (!japanese) {
      const { tag } = await loadEnglishTagger();
      english ??= createEnglishRanker(breadth);
      const analyzed = analyzeEnglish(fields, tag, stems);
      return { analyzed, logits: english.logits(analyzed) };
    }
    const { analyze } = await loadJapaneseAnalyzer();
    japaneseRanker ??= createJapaneseRanker();
    const found = analyzeJapanese(fields, analyze);
    const candidates = found.candidates.filter(
      (candidate) => standsAlone(candidate) && isJapaneseTag(candidate.name, analyze),
    );
    const analyzed = { ...found, candidates };
    return { analyzed, logits: japaneseRanker.logits(analyzed) };
  };
}

/** Whether a phrase stands anywhere outside a longer one, or is a name. */
function standsAlone({ occurrences, shape }: Candidate): boolean {
  return /^P+$/.test(shape) || occurrences.some(({ leftEdge, rightEdge }) => leftEdge && rightEdge);
}

async function chooseTags(
  fields: Fields,
  candidates: readonly Candidate[],
  fused: { readonly logits: Float64Array; readonly vectorsOf?: Parameters<typeof selectTags>[4] },
  settings: Settings,
): Promise<Tag[]> {
  const probabilities = fused.logits.map(logistic);
  const aliases = new Map<number, number[]>();
  const excluded = new Set<number>();
  for (const { short, long } of findAcronyms(fields, candidates)) {
    // The pair is one tag, as sure as its surer name.
    probabilities[long] = Math.max(probabilities[long]!, probabilities[short]!);
    aliases.set(long, [...(aliases.get(long) ?? []), short]);
    excluded.add(short);
  }
  for (let i = 0; i < probabilities.length; i++) if (probabilities[i]! < settings.minConfidence) excluded.add(i);
  excludeTwins(candidates, probabilities, excluded);
  const chosen = await selectTags(candidates, probabilities, excluded, settings, fused.vectorsOf);
  return chosen.map((i) => {
    const others = (aliases.get(i) ?? []).map((short) => candidates[short]!);
    const offsets = [candidates[i]!, ...others].flatMap(({ occurrences }) => occurrences.map(toOffset)).sort(byPlace);
    const names = others.map(({ name }) => name);
    return { name: candidates[i]!.name, confidence: probabilities[i]!, aliases: names, offsets };
  });
}

/** Candidates are twins by their words; their whole names can still be: keeps the more likely one. */
function excludeTwins(candidates: readonly Candidate[], probabilities: Float64Array, excluded: Set<number>): void {
  const best = new Map<string, number>();
  candidates.forEach(({ name }, i) => {
    if (excluded.has(i)) return;
    const key = tagKey(name);
    const other = best.get(key);
    if (other !== undefined && probabilities[other]! >= probabilities[i]!) {
      excluded.add(i);
      return;
    }
    if (other !== undefined) excluded.add(other);
    best.set(key, i);
  });
}

function toOffset({ field, start, end }: TagOffset): TagOffset {
  return { field, start, end };
}

function byPlace(a: TagOffset, b: TagOffset): number {
  return a.field === b.field ? a.start - b.start || a.end - b.end : a.field === 'title' ? -1 : 1;
}
