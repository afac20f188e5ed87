import { tokenizeWords } from '@matome/primitives/text';
import { CoarseGenreClassifier, goldenExamples, loadGoldenSet, visitItems } from '@matome/recap-core';
import { newsStage } from './stage.js';
import type { ArticleGenre } from './workspace.js';

/** Candidates kept of each article. */
const keptCandidates = 5;

/** Gives each article a genre by the classifier that the golden set of the package teaches. */
export const genreStage = newsStage<ArticleGenre>({
  name: 'genre',
  unit: 'articles',
  async run({ articles }, context) {
    const classifier = CoarseGenreClassifier.fit(goldenExamples(await loadGoldenSet()));
    const items: ArticleGenre[] = [];
    await visitItems(articles, context, ({ id, title, text, language }) => {
      const tokens = tokenizeWords(`${title}\n${text}`, language);
      const [assigned] = classifier.classify([{ id, title, text, tokens, language }]);
      const { genre, confidence, candidates, belowThreshold } = assigned!;
      items.push({ genre, confidence, candidates: candidates.slice(0, keptCandidates), belowThreshold });
    });
    return { items };
  },
  apply: (work, genres) => ({ ...work, genres }),
});
