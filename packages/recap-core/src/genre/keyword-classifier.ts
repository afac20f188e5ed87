import type { ClassifiableArticle } from './coarse-genre-classifier.js';
import type { Genre, GenreAssignment } from './genre-types.js';
import type { Taxonomy } from './taxonomy.js';

/** Weight of a keyword in the title, against 1 in the text. */
const titleWeight = 3;
/** Keywords of an article beyond which more of them tell nothing new, per keyword. */
const countedOnce = 3;

interface Keyword {
  readonly genre: number;
  readonly words: readonly string[];
}

/**
 * Gives genres by the keywords of a taxonomy: what is left when no model is at hand, or none knows the article.
 *
 * @example
 * const genre = { id: 'sports', name: { en: 'Sports', ja: 'スポーツ' }, threshold: 0.2, keywords: { en: ['goal'], ja: ['試合'] } };
 * const classifier = new KeywordClassifier({ version: 'v', genres: [genre] });
 * classifier.support({ title: '', text: '', tokens: ['two', 'goals'], language: 'en' }, 'sports') // => 1
 */
export class KeywordClassifier {
  readonly #genres: readonly Genre[];
  readonly #english = new Map<string, Keyword[]>();
  readonly #japanese: { readonly genre: number; readonly text: string }[] = [];

  constructor(taxonomy: Taxonomy) {
    this.#genres = taxonomy.genres.map(({ id }) => id);
    taxonomy.genres.forEach(({ keywords }, genre) => {
      for (const keyword of keywords.en) {
        const words = keyword.split(/[\s-]+/).map(singular);
        const known = this.#english.get(words[0]!);
        if (known) known.push({ genre, words });
        else this.#english.set(words[0]!, [{ genre, words }]);
      }
      for (const keyword of keywords.ja) this.#japanese.push({ genre, text: keyword });
    });
  }

  /** Keywords of a genre found in an article, each counted up to three times. */
  support(article: Omit<ClassifiableArticle, 'id'>, genre: Genre): number {
    return this.#count(article)[this.#genres.indexOf(genre)] ?? 0;
  }

  /**
   * The genre of most keywords for every article; an article without any gets the genre `other`, confidence 0.
   *
   * @remarks O(words) in English, O(keywords · length) in Japanese.
   */
  classify(articles: readonly ClassifiableArticle[]): GenreAssignment[] {
    return articles.map((article) => {
      const counts = this.#count(article);
      for (let g = 0; g < counts.length; g++) counts[g]! += (titleWeight - 1) * this.#titleCount(article, g);
      const total = counts.reduce((sum, count) => sum + count, 0);
      const candidates = this.#genres
        .map((genre, g) => ({ genre, probability: total === 0 ? 0 : counts[g]! / total }))
        .filter(({ probability }) => probability > 0)
        .sort((a, b) => b.probability - a.probability || (a.genre < b.genre ? -1 : 1));
      const [best] = candidates;
      return {
        articleId: article.id,
        genre: best?.genre ?? 'other',
        confidence: best?.probability ?? 0,
        candidates,
        strategy: best ? 'keyword-fallback' : 'fallback-other',
        belowThreshold: true,
        accepted: false,
        plausible: candidates.map(({ genre }) => genre),
      };
    });
  }

  #titleCount({ title = '', language }: ClassifiableArticle, genre: number): number {
    const tokens = title.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? [];
    return this.#count({ text: title, tokens, language })[genre]!;
  }

  #count({ title, text, tokens, language }: Omit<ClassifiableArticle, 'id'>): Float64Array {
    const counts = new Float64Array(this.#genres.length);
    if (language !== 'ja') this.#countEnglish(tokens, counts);
    if (language !== 'en') this.#countJapanese(`${title ?? ''}\n${text}`.normalize('NFKC').toLowerCase(), counts);
    return counts;
  }

  #countEnglish(tokens: readonly string[], counts: Float64Array): void {
    const words = tokens.map(singular);
    const seen = new Map<Keyword, number>();
    words.forEach((word, i) => {
      for (const keyword of this.#english.get(word) ?? []) {
        const times = seen.get(keyword) ?? 0;
        if (times >= countedOnce || !keyword.words.every((part, k) => words[i + k] === part)) continue;
        seen.set(keyword, times + 1);
        counts[keyword.genre]!++;
      }
    });
  }

  #countJapanese(text: string, counts: Float64Array): void {
    for (const keyword of this.#japanese) {
      let from = 0;
      for (let times = 0; times < countedOnce; times++) {
        const at = text.indexOf(keyword.text, from);
        if (at < 0) break;
        counts[keyword.genre]!++;
        from = at + keyword.text.length;
      }
    }
  }
}

/** A word without the s of a plural, so that "goal" finds "goals". */
function singular(word: string): string {
  return word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word;
}
