import type { Evidence, Summary, SummarySentence } from '@matome/recap-core';

/** How many sentences and citations of a summary stand on something. */
export interface Traces {
  readonly sentences: number;
  /** Sentences that cite, and every citation is in the evidence and holds the sentence word for word. */
  readonly traceable: number;
  readonly citations: number;
  /** Citations of an unknown article, or of a place outside it. */
  readonly dangling: number;
  /** Sentences that the text of a cited article holds as it came, apart from spaces and invisible characters. */
  readonly verbatim: number;
}

/** An article as it came and as it was read. */
export interface SourceText {
  readonly original: string;
  /** The text that offsets count in. */
  readonly text: string;
}

/** Follows every citation of a summary to its article. */
export function traceSummary(
  { bullets }: Summary,
  { clusters }: Evidence,
  sources: ReadonlyMap<string, SourceText>,
): Traces {
  const evidence = new Set(
    clusters.flatMap(({ representatives }) =>
      representatives.map(({ articleId, start, end }) => [articleId, start, end].join('\n')),
    ),
  );
  const sentences = bullets.flatMap((bullet) => bullet.sentences);
  const citations = sentences.flatMap((sentence) => sentence.citations);
  const stands = ({ text, citations }: SummarySentence) =>
    citations.length > 0 &&
    citations.every(
      ({ articleId, start, end }) =>
        evidence.has([articleId, start, end].join('\n')) && sources.get(articleId)?.text.slice(start, end) === text,
    );
  const isVerbatim = ({ text, citations }: SummarySentence) =>
    citations.some(({ articleId }) => collapse(sources.get(articleId)?.original ?? '').includes(collapse(text)));
  const dangles = ({ articleId, start, end }: SummarySentence['citations'][number]) => {
    const source = sources.get(articleId);
    return source === undefined || start < 0 || end <= start || end > source.text.length;
  };
  return {
    sentences: sentences.length,
    traceable: sentences.filter(stands).length,
    citations: citations.length,
    dangling: citations.filter(dangles).length,
    verbatim: sentences.filter(isVerbatim).length,
  };
}

/** Without spaces and what is not to be seen: controls, soft hyphens. */
const collapse = (text: string) => text.normalize('NFC').replace(/[\s\p{C}]+/gu, '');

/**
 * Share of word trigrams that were said before: 0 for texts that never repeat themselves.
 *
 * @param texts - tokenised sentences; trigrams do not cross them.
 * @see Xiao, Carenini (2020), Systematically Exploring Redundancy Reduction in Summarizing Long Documents, AACL, for the ratio
 * of unique n-grams
 */
export function repeatedTrigrams(texts: readonly (readonly string[])[]): { repeated: number; all: number } {
  const seen = new Set<string>();
  let all = 0;
  for (const tokens of texts) {
    for (let i = 0; i + 3 <= tokens.length; i++) {
      seen.add(tokens.slice(i, i + 3).join('\n'));
      all++;
    }
  }
  return { repeated: all - seen.size, all };
}
