import { adjustedRandIndex, bCubed, normalizedMutualInformation } from '@matome/clustering';
import type { Tokenizer } from '@matome/primitives/text';
import { groupStories, type StoryArticle } from '@matome/recap-core';
import { type EventRow, eventRowOptions, readEventRows, storyThreshold, tokenizerFor } from '../event-rows.js';
import { numberLabels } from '../number-labels.js';
import type { EvalTask } from '../task.js';

/** Groups articles into stories and compares them with the events they are labelled with. */
export const task: EvalTask = {
  summary: 'Stories against labelled events: B-cubed, ARI, NMI.',
  options: { ...eventRowOptions, threshold: 'mean similarity that joins a story' },
  async run(context) {
    const threshold = storyThreshold(context);
    const rows = await readEventRows(context);
    const tokenize = await tokenizerFor(rows, true);
    context.progress(`${rows.length} articles read`);
    const articles = rows.map((row) => storyArticle(row, tokenize));
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

function storyArticle(row: EventRow, tokenize: Tokenizer): StoryArticle {
  const publishedAt = row.published_at === undefined ? {} : { publishedAt: new Date(row.published_at) };
  return {
    id: row.id,
    titleTokens: tokenize(row.title ?? '', row.language),
    tokens: tokenize(row.text, row.language),
    ...publishedAt,
  };
}
