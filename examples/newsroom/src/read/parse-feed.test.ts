import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJsonFeed } from './parse-json-feed.js';
import { parseXmlFeed } from './parse-xml-feed.js';
import type { RawArticle, Reading } from './raw-article.js';

const articlesOf = (readings: readonly Reading[]): RawArticle[] =>
  readings.flatMap((reading) => (reading.type === 'article' ? [reading.article] : []));

describe('parseXmlFeed', () => {
  it('prefers the whole content over the description, whatever comes first, and decodes CDATA and entities once', () => {
    const feed = `<?xml version="1.0"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Paper</title><language>ja</language>
<item>
  <title>A &amp; B</title><link>/news/1</link><pubDate>Mon, 02 Mar 2026 10:00:00 JST</pubDate>
  <content:encoded><![CDATA[<p>1 &lt; 2</p>]]></content:encoded><description>short</description>
</item>
<item><title>Escaped</title><guid isPermaLink="false">tag:1</guid><description>&lt;p&gt;x&lt;/p&gt;</description></item>
</channel></rss>`;
    const [first, second] = articlesOf(parseXmlFeed(feed, 'f.xml', 'https://paper.example/rss'));
    expect(first).toMatchObject({
      id: 'https://paper.example/news/1',
      title: 'A & B',
      body: '<p>1 &lt; 2</p>',
      publishedAt: '2026-03-02T01:00:00.000Z',
      source: 'Paper',
      language: 'ja',
      origin: { source: 'f.xml', line: 3 },
    });
    expect(second).toMatchObject({ id: 'tag:1', url: null, body: '<p>x</p>', origin: { line: 7 } });
  });

  it('reads Atom: xhtml content as markup, the alternate link, the source of an aggregated entry', () => {
    const feed = `<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://agg.example/"><title>All</title>
<entry xml:lang="en"><title type="html">&lt;b&gt;Loud&lt;/b&gt; news</title><id>tag:x</id>
<link rel="replies" href="https://other.example/"/><link href="a/1"/><published>2026-03-01T00:00:00+09:00</published>
<source><title>The Origin</title><updated>2020-01-01T00:00:00Z</updated></source>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One <b>two</b> &amp; three</p></div></content></entry></feed>`;
    const [article] = articlesOf(parseXmlFeed(feed, 'a.xml'));
    expect(article).toMatchObject({
      id: 'https://agg.example/a/1',
      title: 'Loud news',
      source: 'The Origin',
      language: 'en',
      publishedAt: '2026-02-28T15:00:00.000Z',
    });
    expect(article?.body).toContain('<p>One <b>two</b> &amp; three</p>');
  });

  it('takes the tags off a title in linear time, whatever is left open', () => {
    const title = `Tea &lt;b&gt;grows&lt;/b&gt; ${'&lt;'.repeat(200_000)}`;
    const entry = `<entry><title type="html">${title}</title><id>x</id><content>Text.</content></entry>`;
    const [article] = articlesOf(parseXmlFeed(`<feed xmlns="http://www.w3.org/2005/Atom">${entry}</feed>`, 'a.xml'));
    expect(article?.title).toBe(`Tea grows ${'<'.repeat(200_000)}`);
  });

  it('reads RSS 1.0, whose items stand beside the channel', () => {
    const feed = `<rdf:RDF xmlns:rdf="r" xmlns="http://purl.org/rss/1.0/" xmlns:dc="d"><channel><title>Late</title></channel>
<item rdf:about="https://a.example/1"><title>T</title><link>https://a.example/1</link><description>D</description><dc:date>2026-03-01T00:00:00Z</dc:date></item></rdf:RDF>`;
    expect(articlesOf(parseXmlFeed(feed, 'r.rdf'))[0]).toMatchObject({
      id: 'https://a.example/1',
      source: 'Late',
      publishedAt: '2026-03-01T00:00:00.000Z',
    });
  });

  it('keeps the entries of a feed that was cut off, the last as far as it goes', () => {
    const feed =
      '<rss><channel><item><title>a</title><description>one</description></item><item><title>b</title><description>two';
    expect(articlesOf(parseXmlFeed(feed, 'f')).map(({ title, body }) => [title, body])).toEqual([
      ['a', 'one'],
      ['b', 'two'],
    ]);
  });

  it('tells an entry without text with its line, and a document that is no feed', () => {
    expect(parseXmlFeed('<rss><channel>\n<item><title>Bare</title></item></channel></rss>', 'f')).toEqual([
      {
        type: 'problem',
        problem: { origin: { source: 'f', line: 2 }, message: 'the entry "Bare" has no text', effect: 'skipped' },
      },
    ]);
    expect(parseXmlFeed('<stock><item><title>x</title></item></stock>', 'f')).toMatchObject([
      { problem: { message: 'not a feed: its root element is <stock>' } },
    ]);
    expect(parseXmlFeed('plain words', 'f')).toMatchObject([
      { problem: { message: 'not a feed: it holds no element' } },
    ]);
  });

  it('takes no script address for the address of an article', () => {
    const feed =
      '<rss><channel><item><link>javascript:alert(1)</link><description>x</description></item></channel></rss>';
    expect(articlesOf(parseXmlFeed(feed, 'f'))[0]?.url).toBeNull();
  });

  it('never throws, whatever the document', () => {
    const piece = fc.constantFrom(
      '<item>',
      '</item>',
      '<rss>',
      '<feed>',
      '<entry>',
      '<title>',
      '</',
      '<![CDATA[',
      ']]>',
      '&#x',
      '"',
      '\n',
      'x',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        expect(parseXmlFeed(pieces.join(''), 'f')).toBeInstanceOf(Array);
      }),
    );
  });
});

describe('parseJsonFeed', () => {
  it('reads HTML and plain items with the line on which they begin', () => {
    const feed = `{"version": "https://jsonfeed.org/version/1.1", "title": "Feed",
 "items": [
  {"id": "https://a.example/1", "title": "{ [ brace", "content_html": "<p>x</p>", "date_published": "2026-03-01T00:00:00Z"},
  {"id": 2, "content_text": "plain", "authors": [{"name": "Ann"}]},
  "stray",
  {"id": "3", "title": "Bare"}
 ]}`;
    const readings = parseJsonFeed(feed, 'f.json');
    expect(articlesOf(readings).map(({ id, kind, source, origin }) => [id, kind, source, origin.line])).toEqual([
      ['https://a.example/1', 'fragment', 'Feed', 3],
      ['2', 'text', 'Ann', 4],
    ]);
    expect(readings.slice(2)).toMatchObject([
      { problem: { message: 'item 3 is no object' } },
      { problem: { message: 'the entry "Bare" has no text' } },
    ]);
  });

  it('tells JSON that is no feed', () => {
    for (const text of ['[1]', '{"items": 3}', '{"torn": ']) {
      expect(parseJsonFeed(text, 'f')).toMatchObject([{ type: 'problem' }]);
    }
  });
});
