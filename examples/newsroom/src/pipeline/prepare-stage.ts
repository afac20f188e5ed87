import {
  createLanguageDetector,
  createTokenizer,
  type LanguageCode,
  type LanguageDetector,
  loadJapaneseAnalyzer,
} from '@matome/primitives/text';
import { type DropReason, prepareArticle, type StageContext, visitItems } from '@matome/recap-core';
import type { Problem } from '../read/raw-article.js';
import { newsStage } from './stage.js';
import type { FoundContent, NewsArticle, Workspace } from './workspace.js';

interface PreparedItem {
  readonly title: string;
  readonly text: string;
  readonly language: LanguageCode;
  /** Start and end of each sentence, one after another. */
  readonly sentences: readonly number[];
}

const dropMessages: Readonly<Record<DropReason, string>> = {
  empty: 'no readable text was found',
  'too-short': 'the text is too short to say anything',
  failed: 'the text could not be read',
};

/** Tells the language, cuts sentences, and counts words; the words are not saved, being quickly found again. */
export const prepareStage = newsStage<PreparedItem | null>({
  name: 'prepare',
  unit: 'articles',
  async run({ contents, raw }, context) {
    const detect = await createLanguageDetector();
    const items: (PreparedItem | null)[] = [];
    const problems: Problem[] = [];
    await visitItems(contents, context, (content, i) => {
      const outcome = content && prepare(content, detect);
      items.push(outcome?.status === 'prepared' ? outcome.item : null);
      if (outcome?.status !== 'dropped') return;
      problems.push({ origin: raw[i]!.origin, message: dropMessages[outcome.reason], effect: 'skipped' });
    });
    return { items, problems, count: items.filter(Boolean).length };
  },
  async apply(work, items) {
    const articles = work.contents.flatMap((content, i) => {
      const item = items[i];
      return content && item ? [toArticle(content, item)] : [];
    });
    return { ...work, articles, ...(await tokenize(articles)) };
  },
});

type Outcome =
  | { readonly status: 'prepared'; readonly item: PreparedItem }
  | { readonly status: 'dropped'; readonly reason: DropReason };

function prepare({ id, title, text, languageHint }: FoundContent, detect: LanguageDetector): Outcome {
  // A feed of several languages names one of them for all its entries: the text is asked first.
  const detectLanguage: LanguageDetector = (body) => {
    const guess = detect(`${title}\n${body}`);
    const hint = guess.language === 'und' ? hinted(languageHint) : 'und';
    return hint === 'und' ? guess : { language: hint, code: hint, confidence: guess.confidence };
  };
  const outcome = prepareArticle({ id, title, html: text }, { detectLanguage, tokenize: () => [] });
  if (outcome.status === 'dropped') return { status: 'dropped', reason: outcome.reason };
  const { article } = outcome;
  const sentences = article.sentences.flatMap(({ start, end }) => [start, end]);
  return {
    status: 'prepared',
    item: { title: article.title, text: article.text, language: article.language, sentences },
  };
}

function hinted(hint: string | null): LanguageCode {
  const tag = hint?.toLowerCase().split('-')[0];
  return tag === 'en' || tag === 'ja' ? tag : 'und';
}

function toArticle({ id, url, source, publishedAt }: FoundContent, item: PreparedItem): NewsArticle {
  const { title, text, language } = item;
  const sentences = [];
  for (let i = 0; i < item.sentences.length; i += 2) {
    const [start, end] = [item.sentences[i]!, item.sentences[i + 1]!];
    sentences.push({ text: text.slice(start, end), start, end });
  }
  return { id, url, source, publishedAt, title, text, language, sentences };
}

const silent: StageContext = { signal: new AbortController().signal, progress: () => undefined };

async function tokenize(articles: readonly NewsArticle[]): Promise<Pick<Workspace, 'tokens' | 'titleTokens'>> {
  const hasJapanese = articles.some(({ language }) => language === 'ja');
  const cut = createTokenizer(hasJapanese ? { japanese: await loadJapaneseAnalyzer() } : {});
  const tokens: string[][] = [];
  const titleTokens: string[][] = [];
  await visitItems(articles, silent, ({ title, text, language }) => {
    tokens.push(cut(text, language));
    titleTokens.push(cut(title, language));
  });
  return { tokens, titleTokens };
}
