import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractMainContent } from './main-content.js';
import { sanitizeHtml } from './sanitize-html.js';

const paragraphs = [
  'The harbour of Northhaven opened its new pier on Monday, two years after the storm had taken the old one.',
  'About four hundred people came to see the first ferry land, among them the engineers who had planned the work.',
  'The pier cost eleven million crowns, the town said, and half of that was paid by the insurers of the old one.',
  'Ferries will call every hour from the first of May; the winter timetable is to be published in September.',
];

function article(body: string): string {
  return `<!doctype html><html lang="en"><head><title>New pier opens | Northhaven Post</title>
<meta property="og:site_name" content="Northhaven Post"><meta name="author" content="By Ada Quay">
<meta property="article:published_time" content="2025-05-05T08:30:00+0200"></head><body>
<nav class="menu"><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li><li><a href="/more">More</a></li></ul></nav>
<main><article class="post"><h1>New pier opens</h1>${body}</article></main>
<aside class="sidebar related"><h3>Most read</h3><ul><li><a href="/a">Fish prices fall again</a></li><li><a href="/b">Rain all week</a></li></ul></aside>
<footer class="footer"><p>© 2025 Northhaven Post. <a href="/imprint">Imprint</a> <a href="/privacy">Privacy</a></p></footer></body></html>`;
}

const page = article(paragraphs.map((p) => `<p>${p}</p>`).join('\n'));

describe('extractMainContent', () => {
  it('gives the paragraphs of an article and leaves menu, sidebar and footer out', () => {
    const { text } = extractMainContent(page);
    for (const paragraph of paragraphs) expect(text).toContain(paragraph);
    for (const noise of ['Sport', 'Most read', 'Fish prices', 'Imprint', '©']) expect(text).not.toContain(noise);
  });

  it('reads title, author, date, site name and language', () => {
    const { title, author, publishedAt, siteName, language } = extractMainContent(page);
    expect({ title, author, publishedAt, siteName, language }).toEqual({
      title: 'New pier opens',
      author: 'Ada Quay',
      publishedAt: '2025-05-05T08:30:00+02:00',
      siteName: 'Northhaven Post',
      language: 'en',
    });
  });

  it('gives the content as sanitised HTML whose text is the same', () => {
    const body = paragraphs.map((p, i) => `<p onclick="x()">${p}<script>x(${i})</script></p>`).join('');
    const { html } = extractMainContent(article(body));
    expect(html).toContain(`<p>${paragraphs[0]}</p>`);
    expect(html).not.toMatch(/script|onclick/);
  });

  it('works for Japanese pages', () => {
    const body = [
      '北港市は月曜日、二年前の嵐で失われた桟橋に代わる新しい桟橋を開いた。式典には約四百人が集まった。',
      '市によると、工事費は十一億円で、その半分は古い桟橋の保険金でまかなわれた。船は五月から毎時発着する。',
      '冬の時刻表は九月に発表される予定で、市は観光客の増加に期待を寄せている。',
    ];
    const { text } = extractMainContent(article(body.map((p) => `<p>${p}</p>`).join('')));
    for (const paragraph of body) expect(text).toContain(paragraph);
  });

  it('says with its quality how sure it is', () => {
    const sure = extractMainContent(page).quality;
    const unsure = extractMainContent('<ul><li><a href="/1">One</a></li><li><a href="/2">Two</a></li></ul>').quality;
    expect(sure).toBeGreaterThan(0.8);
    expect(unsure).toBeLessThan(sure);
  });

  it('gives comments only where they are asked for', () => {
    const comment = 'I was there on Monday and the ferry landed without a scratch, well done.';
    const withComments = page.replace(
      '</main>',
      `<section class="comments"><h2>2 comments</h2><p>${comment}</p></section></main>`,
    );
    expect(extractMainContent(withComments).comments).toBe('');
    expect(extractMainContent(withComments).text).not.toContain(comment);
    expect(extractMainContent(withComments, { includeComments: true }).comments).toContain(comment);
  });

  it('makes relative addresses absolute where it is told the address of the page', () => {
    const linked = article(
      `<p>${paragraphs[0]} See <a href="/pier">the plan</a>.</p>${paragraphs
        .slice(1)
        .map((p) => `<p>${p}</p>`)
        .join('')}`,
    );
    expect(extractMainContent(linked, { url: 'https://post.example/2025/pier' }).html).toContain(
      '<a href="https://post.example/pier">the plan</a>',
    );
  });

  it('answers an empty page with empty text and quality 0', () => {
    for (const html of ['', ' ', '<html></html>', '<script>1</script>', '\u0000']) {
      const { text, html: markup, quality } = extractMainContent(html);
      expect({ text, markup, quality }).toEqual({ text: '', markup: '', quality: 0 });
    }
  });

  it('refuses options outside their range with one sentence', () => {
    expect(() => extractMainContent('', { minProbability: 2 })).toThrow(
      'The minProbability option of extractMainContent must be a number in [0, 1]. Got 2.',
    );
    expect(() => extractMainContent('', { maxDepth: 0 })).toThrow(RangeError);
  });

  it('gives the same result for the same page', () => {
    expect(extractMainContent(page)).toEqual(extractMainContent(page));
  });

  it.each([
    ['20,000 nested elements', '<div>'.repeat(20_000)],
    ['200,000 unclosed items', '<ul>'.repeat(50) + '<li>x'.repeat(200_000)],
    ['half a million attributes', `<p ${'a=1 '.repeat(500_000)}>`],
    ['a script of brackets', `<script type="application/ld+json">${'['.repeat(300_000)}</script>`],
    ['tables in tables', '<table><tr><td>'.repeat(20_000)],
    ['one class name of a megabyte', `<div class="${'comment '.repeat(120_000)}">`],
  ])('finds the article behind %s', (_, hostile) => {
    const { text, truncated } = extractMainContent(`${page}${hostile}<p>The end of the page.</p>`);
    expect(text).toContain(paragraphs[1]);
    expect(typeof truncated).toBe('boolean');
  });

  it('throws for no markup, keeps its HTML sanitised, and gives text the HTML holds', () => {
    const part = fc.constantFrom(
      ...[
        '<article>',
        '</article>',
        '<p>',
        '</p>',
        '<div class="comments">',
        '</div>',
        '<table><tr><td>',
        '</table>',
        '<pre>',
        '</pre>',
      ],
      ...[
        '<img src=a.png onerror=x>',
        '<a href="javascript:x">',
        '</a>',
        '<br>',
        '<br><br>',
        '<li>',
        '<ul>',
        '<h1>',
        '</h1>',
        'a &lt; b',
      ],
      ...paragraphs,
      ...['<script>', '</script>', '<!--', '-->', 'Read more', ' ', '\u0000', '<svg>', '</svg>', '<title>', '</title>'],
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
        const { html, text, quality } = extractMainContent(parts.join(''), { minProbability: 0 });
        expect(sanitizeHtml(html)).toBe(html);
        expect(quality >= 0 && quality <= 1).toBe(true);
        const letters = (value: string) => value.replace(/[^\p{L}\p{N}]/gu, '');
        expect(letters(html.replace(/<[^>]*>|&\w+;/g, ''))).toBe(letters(text));
      }),
      { numRuns: 250, seed: 17 },
    );
  });
});
