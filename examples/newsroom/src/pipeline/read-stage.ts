import type { HttpClient } from '@matome/host-kit';
import type { Problem, RawArticle, Reading } from '../read/raw-article.js';
import { readInputs } from '../read/read-inputs.js';
import { type NewsStage, newsStage } from './stage.js';

/**
 * Reads the inputs; an article that comes twice is kept once, an id that comes twice with different articles is told apart.
 */
export function readStage(inputs: readonly string[], http: Pick<HttpClient, 'get'>): NewsStage {
  return newsStage<RawArticle>({
    name: 'read',
    unit: 'articles',
    async run(_, context) {
      const collected = new Collector();
      for await (const reading of readInputs(inputs, { http, signal: context.signal })) {
        collected.add(reading);
        if (collected.articles.length % 50 === 0) {
          context.progress(collected.articles.length, 0);
          await new Promise<void>((resolve) => setImmediate(resolve));
        }
        context.signal.throwIfAborted();
      }
      context.progress(collected.articles.length, collected.articles.length);
      return { items: collected.articles, problems: collected.problems };
    },
    apply: (work, raw) => ({ ...work, raw }),
  });
}

class Collector {
  readonly articles: RawArticle[] = [];
  readonly problems: Problem[] = [];
  readonly #bodies = new Map<string, string>();

  add(reading: Reading): void {
    if (reading.type === 'problem') {
      this.problems.push(reading.problem);
      return;
    }
    const article = this.#storable(reading.article);
    const known = this.#bodies.get(article.id);
    if (known === undefined) this.#keep(article, article.id);
    else if (known !== article.body) this.#keepUnderOtherId(article);
  }

  #keep(article: RawArticle, id: string): void {
    this.#bodies.set(id, article.body);
    this.articles.push(id === article.id ? article : { ...article, id });
  }

  #keepUnderOtherId(article: RawArticle): void {
    for (let n = 2; ; n++) {
      const id = `${article.id}#${n}`;
      const known = this.#bodies.get(id);
      if (known === article.body) return;
      if (known === undefined) {
        this.#keep(article, id);
        return;
      }
    }
  }

  /** PostgreSQL keeps neither NUL nor half a surrogate pair. */
  #storable(article: RawArticle): RawArticle {
    const cleaned = [article.title, article.body, article.id].map((text) =>
      text.replaceAll('\u0000', '').replace(/[\ud800-\udfff]/gu, '\ufffd'),
    );
    const [title, body, id] = cleaned as [string, string, string];
    if (title === article.title && body === article.body && id === article.id) return article;
    const nul = `${article.title}${article.body}${article.id}`.includes('\u0000');
    const message = nul ? 'the article holds a NUL character, which was removed' : 'the article holds half a character';
    this.problems.push({ origin: article.origin, message, effect: 'repaired' });
    return { ...article, title, body, id };
  }
}
