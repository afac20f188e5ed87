import { adjustedRandIndex, bCubed, normalizedMutualInformation } from '@matome/clustering';
import { createTokenizer, type LanguageCode, loadJapaneseAnalyzer, type Tokenizer } from '@matome/primitives/text';
import { groupStories, type StoryArticle } from '@matome/recap-core';
import { numberLabels } from '../number-labels.js';
import { readRows } from '../read-rows.js';
import { EvalInputError, type EvalTask } from '../task.js';

interface EventRow {
  readonly id: string;
  readonly language: LanguageCode;
  readonly title?: string;
  readonly text: string;
  readonly event: string;
  readonly published_at?: string;
  readonly set?: string;
  readonly split?: string;
  readonly digest?: boolean;
}

/** Groups articles into stories and compares them with the events they are labelled with. */
export const task: EvalTask = {
  summary: 'Stories against labelled events: B-cubed, ARI, NMI.',
  options: {
    set: 'only rows whose field "set" has this value',
    split: 'only rows whose field "split" has this value',
    threshold: 'mean similarity that joins a story',
  },
  async run({ data, options, limit, progress }) {
    const all = await readRows<EventRow>(data, ['id', 'language', 'text', 'event']);
    const rows = all
      .filter((row) => row.digest !== true)
      .filter((row) => options['set'] === undefined || row.set === options['set'])
      .filter((row) => options['split'] === undefined || row.split === options['split'])
      .slice(0, limit);
    if (rows.length === 0) throw new EvalInputError(`${data} holds no row that the options select.`);
    const tokenize = await tokenizerFor(rows);
    progress(`${rows.length} articles read`);
    const articles = rows.map((row) => storyArticle(row, tokenize));
    const threshold = options['threshold'] === undefined ? {} : { threshold: Number(options['threshold']) };
    const stories = groupStories(articles, threshold);
    const found = new Int32Array(rows.length);
    stories.forEach(({ members }, label) => {
      for (const member of members) found[member] = label;
    });
    const truth = numberLabels(rows.map((row) => row.event));
    const { precision, recall, f1 } = bCubed(truth, found);
    return {
      rows: rows.length,
      metrics: {
        bCubedPrecision: precision,
        bCubedRecall: recall,
        bCubedF1: f1,
        ari: adjustedRandIndex(truth, found),
        nmi: normalizedMutualInformation(truth, found),
        clusters: stories.length,
        events: new Set(truth).size,
        outlierShare: stories.filter(({ members }) => members.length === 1).length / rows.length,
      },
    };
  },
};

async function tokenizerFor(rows: readonly EventRow[]): Promise<Tokenizer> {
  const japanese = rows.some(({ language }) => language === 'ja') ? await loadJapaneseAnalyzer() : undefined;
  return createTokenizer({ stemming: true, ...(japanese ? { japanese } : {}) });
}

function storyArticle(row: EventRow, tokenize: Tokenizer): StoryArticle {
  const publishedAt = row.published_at === undefined ? {} : { publishedAt: new Date(row.published_at) };
  return {
    id: row.id,
    titleTokens: tokenize(row.title ?? '', row.language),
    tokens: tokenize(row.text, row.language),
    ...publishedAt,
  };
}
