import type { Metrics } from '@matome/host-kit';
import type { Storage } from '@matome/storage';
import { Hono } from 'hono';
import { etag } from 'hono/etag';
import { secureHeaders } from 'hono/secure-headers';
import { findRecap, loadRecap, type Recap } from '../pipeline/load-recap.js';
import { articlePage } from './article-page.js';
import type { GenreLook } from './genre-look.js';
import { html } from './html.js';
import { document } from './layout.js';
import { recapPage } from './recap-page.js';

/** What the pages need. */
export interface AppDependencies {
  readonly storage: Storage;
  readonly look: (genre: string) => GenreLook;
  readonly metrics: Metrics;
}

/** Stories of a section on the first page; its own page shows all. */
const storiesPerSection = 12;

/** Makes the web pages: the newest recap, its sections, its articles. They work without JavaScript. */
export function createApp({ storage, look, metrics }: AppDependencies): Hono {
  const app = new Hono();
  const load = createRecapCache(storage);
  const links = {
    article: (id: string, start?: number) =>
      `/articles/${encodeURIComponent(id)}${start === undefined ? '' : `#c${start}`}`,
    genre: (genre: string) => `/sections/${encodeURIComponent(genre)}`,
  };
  app.use(
    secureHeaders({
      contentSecurityPolicy: { defaultSrc: ["'none'"], styleSrc: ["'unsafe-inline'"], imgSrc: ['data:'] },
    }),
  );
  app.use(etag());
  app.use(async (c, next) => {
    await next();
    metrics.count('requests', { status: String(c.res.status) });
  });
  app.get('/', async (c) => {
    const recap = await load();
    return recap ? c.html(recapPage(recap, { look, links, storiesPerSection })) : c.html(emptyPage(), 404);
  });
  app.get('/sections/:genre', async (c) => {
    const recap = await load();
    const genre = c.req.param('genre');
    if (!recap?.sections.some((section) => section.genre === genre)) return c.html(missingPage(), 404);
    return c.html(recapPage(recap, { look, links, genre }));
  });
  app.get('/articles/:id', async (c) => {
    const [article] = await storage.articles.find([c.req.param('id')]);
    if (!article) return c.html(missingPage(), 404);
    const tags = await storage.tags.find([article.id]);
    const recap = await load();
    const copies = [...(recap?.articles.values() ?? [])].flatMap(({ duplicates }) => duplicates);
    const copyOf = copies.find(({ articleId }) => articleId === article.id);
    return c.html(articlePage(article, tags.get(article.id) ?? [], copyOf));
  });
  app.get('/healthz', (c) => c.text('ok'));
  app.get('/metrics', async (c) => c.text(await metrics.render()));
  app.notFound((c) => c.html(missingPage(), 404));
  return app;
}

/** Loads the newest recap, again only when there is a newer one. */
function createRecapCache(storage: Storage): () => Promise<Recap | undefined> {
  let held: Promise<Recap> | undefined;
  let heldId: string | undefined;
  return async () => {
    const jobId = await findRecap(storage);
    if (jobId === undefined) return undefined;
    if (jobId !== heldId) {
      heldId = jobId;
      held = loadRecap(storage, jobId);
      held.catch(() => {
        heldId = undefined;
      });
    }
    return held;
  };
}

function emptyPage(): string {
  return document(
    'matome newsroom',
    html`<main id="main" class="wrap article"><h2>Nothing here yet</h2>
<p>Make a recap first: <code>newsroom recap --input feeds/</code></p></main>`,
  );
}

function missingPage(): string {
  return document(
    'Not found · matome newsroom',
    html`<main id="main" class="wrap article"><h2>Not found</h2><p><a href="/">To the newest recap</a></p></main>`,
  );
}
