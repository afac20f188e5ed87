import { createMetrics } from '@matome/host-kit';
import { createMemoryStorage, type Storage } from '@matome/storage';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadRecap, type Recap } from '../pipeline/load-recap.js';
import type { SectionBody } from '../pipeline/store-recap.js';
import { createApp } from './app.js';
import { html, safeHref } from './html.js';
import { recapPage } from './recap-page.js';
import { recapJson } from './write-report.js';

const jobId = '0f7d4b4e-0000-4000-8000-000000000009';
const look = (genre: string) => ({ en: `${genre} & more`, ja: 'ジャンル', hue: 120 });
const evil = '<script>alert("1")</script>';
const text = `It rained in Skelby. ${evil} It stopped.`;

function story(id: string, articleIds: readonly string[], x: number) {
  const citations = [{ articleId: articleIds[0]!, start: 0, end: 20 }];
  const sentences = [{ text: 'It rained in Skelby.', citations }];
  const common = { language: 'en', confidence: 0.5, terms: ['rain', evil], sentences };
  return { id, title: `Story ${id} ${evil}`, articleIds, place: { x, y: 0.5 }, ...common };
}

async function filledStorage(): Promise<Storage> {
  const storage = createMemoryStorage({ now: () => Date.UTC(2026, 2, 9) });
  const article = (id: string, url: string | null) => {
    return { id, title: `Article ${id} ${evil}`, body: text, url, feedId: 'Paper & Co', language: 'en' };
  };
  await storage.articles.save([
    { ...article('a', 'https://a.example/?x=1&y="2"'), publishedAt: new Date('2026-03-02T10:00:00Z') },
    article('https://b.example/2', 'javascript:alert(1)'),
    article('copy of a', null),
  ]);
  await storage.tags.save([{ articleId: 'a', tags: [{ name: evil, confidence: 1 }] }]);
  await storage.jobs.create({ jobId, windowDays: 7 });
  const problem = { origin: { source: 'in/put.jsonl', line: 3 }, message: `no text ${evil}`, effect: 'skipped' };
  await storage.stages.save(jobId, 'read', {
    state: { unit: 'articles', count: 3, elapsedMs: 1234, problems: [problem] },
  });
  await storage.duplicates.replace(jobId, [
    { articleId: 'copy of a', primaryId: 'a', similarity: 0.93, reason: 'near' },
  ]);
  const rain: SectionBody = { genre: 'rain', stories: [story('s1', ['a', 'https://b.example/2'], 0.1)] };
  const many: SectionBody = {
    genre: 'many',
    stories: Array.from({ length: 14 }, (_, i) => story(`m${i}`, ['a'], i / 14)),
  };
  const section = { responseId: 'r', title: 't', summary: 's', bullets: [], tags: [], windowDays: 7 };
  await storage.sections.save(
    jobId,
    [rain, many].map((body) => ({ ...section, genre: body.genre, body })),
  );
  await storage.jobs.setStatus(jobId, 'completed');
  return storage;
}

describe('html', () => {
  it('escapes what is put in, joins lists and leaves nothing of false', () => {
    const list = [html`<b>${'&'}</b>`, html`<i>${"'"}</i>`];
    expect(html`<p title="${'"<>'}">${list}${false}${null}${0}</p>`.text).toBe(
      '<p title="&quot;&lt;&gt;"><b>&amp;</b><i>&#39;</i>0</p>',
    );
  });
  it('lets no script address into a link', () => {
    const hostile = ['javascript:alert(1)', ' javascript:x', '//evil.example', 'data:text/html,x', 'JaVaScRiPt:x'];
    expect(hostile.map(safeHref)).toEqual(['#', '#', '#', '#', '#']);
    expect(['https://a.example/', '/articles/1', '#story-1'].map(safeHref)).not.toContain('#');
  });
});

describe('the page of a recap', () => {
  let recap: Recap;
  let page: string;
  let storage: Storage;
  beforeAll(async () => {
    storage = await filledStorage();
    recap = await loadRecap(storage, jobId);
    page = recapPage(recap, {
      look,
      links: { article: (id, start) => `/a/${encodeURIComponent(id)}#c${start ?? ''}` },
    });
  });

  it('shows text of the input as text, never as markup, and links to no script', () => {
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;');
    expect(page).not.toContain('javascript:');
    expect(page).toContain('href="https://a.example/?x=1&amp;y=&quot;2&quot;"');
  });

  it('puts the section with the most articles first, each story with its sentence, source, copy and place on the map', () => {
    expect([...page.matchAll(/<section class="genre" id="(\w+)"/g)].map((match) => match[1])).toEqual(['many', 'rain']);
    expect(page).toContain('<a href="/a/a#c0" title="Article 1, characters 0 to 20">[1]</a>');
    expect(page).toContain('2 articles, 1 copy');
    expect(page).toContain('93 % the same');
    expect(page.match(/<circle /g)).toHaveLength(15);
    expect(page).toContain('href="#story-s1"');
  });

  it('counts articles, stories and copies, and shows dates, tags, stages and problems', () => {
    for (const part of ['<b>3</b>articles', '<b>15</b>stories', '<b>1</b>copy', '2 March 2026', 'read</th>', '1.2 s']) {
      expect(page).toContain(part);
    }
    expect(page).toContain('<code>in/put.jsonl:3</code>');
  });

  it('gives every part an id of its own', () => {
    const ids = [
      ...recapPage({ ...recap, sections: recap.sections.slice(1) }, { look, links: { article: () => '#' } }).matchAll(
        / id="([^"]*)"/g,
      ),
    ].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('writes the same data for the same recap, without times', () => {
    expect(recapJson(recap)).toBe(recapJson({ ...recap, finishedAt: new Date(1) }));
    expect(JSON.parse(recapJson(recap)).duplicates).toEqual([
      { articleId: 'copy of a', primaryId: 'a', similarity: Math.fround(0.93), reason: 'near' },
    ]);
  });
});

describe('the web pages', () => {
  const app = async () => createApp({ storage: await filledStorage(), look, metrics: createMetrics('newsroom') });

  it('show the first stories of a section and lead to the others', async () => {
    const pages = await app();
    const first = await (await pages.request('/')).text();
    expect(first.match(/<article class="story/g)).toHaveLength(12 + 1);
    expect(first).toContain('<a href="/sections/many">2 more stories in many &amp; more</a>');
    const section = await (await pages.request('/sections/many')).text();
    expect(section.match(/<article class="story/g)).toHaveLength(14);
    expect(section).toContain('href="/sections/rain"');
  });

  it('show an article whose id is an address, sentence by sentence', async () => {
    const response = await (await app()).request(`/articles/${encodeURIComponent('https://b.example/2')}`);
    expect(response.status).toBe(200);
    const body = await response.text();
    expect(body).toContain('<span id="c0">It rained in Skelby.</span>');
    expect(body).not.toContain('<script');
    expect(body).not.toContain('javascript:');
    const copy = await (await (await app()).request('/articles/copy%20of%20a')).text();
    expect(copy).toContain('A copy of <a href="/articles/a">');
  });

  it('forbid scripts, let unchanged pages be kept, and answer what is missing with 404', async () => {
    const pages = await app();
    const response = await pages.request('/');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    const etag = response.headers.get('etag')!;
    expect((await pages.request('/', { headers: { 'if-none-match': etag } })).status).toBe(304);
    for (const path of ['/articles/none', '/articles/%00', '/sections/none', '/sections/%00', '/none'])
      expect((await pages.request(path)).status).toBe(404);
    expect(await (await pages.request('/healthz')).text()).toBe('ok');
    expect(await (await pages.request('/metrics')).text()).toContain('newsroom_requests_total{status="200"}');
  });

  it('say how to begin when there is no recap yet', async () => {
    const storage = createMemoryStorage({ now: () => 0 });
    const response = await createApp({ storage, look, metrics: createMetrics('newsroom') }).request('/');
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('newsroom recap');
  });
});
