import { describe, expect, it } from 'vitest';
import type { Evidence, EvidenceCluster } from '../evidence/evidence.js';
import { createExtractiveSummarizer } from './extractive-summarizer.js';

function sentence(articleId: string, start: number, text = `sentence ${start}`) {
  return { articleId, text, start, end: start + text.length, score: 1 };
}

function evidence(...clusters: Omit<EvidenceCluster, 'id' | 'articleIds'>[]): Evidence {
  return {
    clusters: clusters.map((cluster, id) => ({ id, articleIds: ['a'], ...cluster })),
    diagnostics: { articles: 1, sentences: 3, repeatedSentences: 0, unusableSentences: 0, embeddingModel: 'none' },
  };
}

describe('createExtractiveSummarizer', () => {
  it('quotes the leading sentences, in reading order within an article, each with its place', async () => {
    const representatives = [sentence('a', 50), sentence('a', 10), sentence('b', 0)];
    const summary = await createExtractiveSummarizer({ sentencesPerBullet: 3 }).summarize(
      evidence({ topTerms: ['flood', 'river'], representatives }),
    );
    expect(summary.title).toBe('flood');
    expect(summary.bullets[0]!.sentences.map(({ text }) => text)).toEqual(['sentence 10', 'sentence 50', 'sentence 0']);
    expect(summary.bullets[0]!.sentences[1]!.citations).toEqual([{ articleId: 'a', start: 50, end: 61 }]);
  });
  it('leaves out clusters without sentences and stops at the limit', async () => {
    const full = { topTerms: ['t'], representatives: [sentence('a', 0)] };
    const { bullets } = await createExtractiveSummarizer({ maxBullets: 1 }).summarize(
      evidence({ topTerms: [], representatives: [] }, full, full),
    );
    expect(bullets.map(({ clusterId }) => clusterId)).toEqual([1]);
  });
  it('refuses a limit of zero and stops when aborted', async () => {
    expect(() => createExtractiveSummarizer({ maxBullets: 0 })).toThrow(
      'The maxBullets option of createExtractiveSummarizer must be an integer in [1, ∞). Got 0.',
    );
    await expect(
      createExtractiveSummarizer().summarize(evidence(), { signal: AbortSignal.abort(new Error('stop')) }),
    ).rejects.toThrow('stop');
  });
});
