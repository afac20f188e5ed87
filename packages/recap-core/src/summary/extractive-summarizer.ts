import { checkInteger } from '@matome/primitives/options';
import type { EvidenceCluster, EvidenceSentence } from '../evidence/evidence.js';
import type { Summarizer, SummaryBullet } from './summarizer.js';

/** Options of `createExtractiveSummarizer`. */
export interface ExtractiveSummarizerOptions {
  /** Clusters that get a bullet, the largest first. @default 10 */
  readonly maxBullets?: number;
  /** Sentences a bullet. @default 2 */
  readonly sentencesPerBullet?: number;
}

/**
 * A summariser that quotes: every sentence stands word for word in the article it names, so it cannot invent.
 *
 * @throws RangeError if an option is below 1.
 * @example
 * const sentence = { articleId: 'a', text: 'It rained.', start: 0, end: 10, score: 1 };
 * const diagnostics = { articles: 1, sentences: 1, repeatedSentences: 0, unusableSentences: 0, embeddingModel: 'none' };
 * const cluster = { id: 0, articleIds: ['a'], topTerms: ['rain'], representatives: [sentence] };
 * const { bullets } = await createExtractiveSummarizer().summarize({ clusters: [cluster], diagnostics });
 * bullets[0].sentences[0].citations // => [{ articleId: 'a', start: 0, end: 10 }]
 */
export function createExtractiveSummarizer(options: ExtractiveSummarizerOptions = {}): Summarizer {
  const caller = 'createExtractiveSummarizer';
  const maxBullets = checkInteger(caller, 'maxBullets', options.maxBullets ?? 10, { min: 1 });
  const perBullet = checkInteger(caller, 'sentencesPerBullet', options.sentencesPerBullet ?? 2, { min: 1 });
  return {
    async summarize({ clusters }, { signal } = {}) {
      signal?.throwIfAborted();
      const told = clusters.filter(({ representatives }) => representatives.length > 0).slice(0, maxBullets);
      return {
        title: titleOf(told),
        bullets: told.map((cluster) => bulletOf(cluster, perBullet)),
        method: 'extractive',
      };
    },
  };
}

/** Clusters whose first term stands in the title. */
const titleTerms = 3;

function titleOf(clusters: readonly EvidenceCluster[]): string {
  return clusters
    .flatMap(({ topTerms }) => topTerms.slice(0, 1))
    .slice(0, titleTerms)
    .join(' · ');
}

function bulletOf({ id, representatives }: EvidenceCluster, perBullet: number): SummaryBullet {
  const sentences = readingOrder(representatives.slice(0, perBullet)).map(({ articleId, text, start, end }) => ({
    text,
    citations: [{ articleId, start, end }],
  }));
  return { clusterId: id, sentences };
}

/** The most central sentence first; further ones of the same article in the order they stand there. */
function readingOrder(sentences: readonly EvidenceSentence[]): EvidenceSentence[] {
  const [first, ...rest] = sentences;
  if (first === undefined) return [];
  const before = rest.filter(({ articleId, start }) => articleId === first.articleId && start < first.start);
  return [...before, first, ...rest.filter((sentence) => !before.includes(sentence))];
}
