import { describe, expect, it } from 'vitest';
import { extractMainContent } from './main-content.js';
import { isoDate } from './page-date.js';
import { cleanName } from './page-metadata.js';

const page = (head: string, body = '<h1>The new pier</h1><p>Text.</p>') =>
  extractMainContent(`<html><head>${head}</head><body>${body}</body></html>`);
const linked = (value: unknown) => `<script type="application/ld+json">${JSON.stringify(value)}</script>`;

describe('isoDate', () => {
  it.each([
    ['2025-03-04', '2025-03-04'],
    ['2025-03-04T05:06:07+0100', '2025-03-04T05:06:07+01:00'],
    ['2025-03-04T05:06Z', '2025-03-04T05:06:00Z'],
    ['20250304', '2025-03-04'],
    ['am 4. März 2021 um 10 Uhr', '2021-03-04'],
    ['March 4th, 2021', '2021-03-04'],
    ['4 de mayo de 2021', '2021-05-04'],
    ['04.03.21', '2021-03-04'],
    ['04/13/2021', '2021-04-13'],
    ['2021年3月4日', '2021-03-04'],
  ])('reads %s', (text, expected) => {
    expect(isoDate(text)).toBe(expected);
  });

  it.each(['', 'yesterday', '31.02.2021', '1.2.3', '2021', '1801-01-01', 'Call 555-01-2345 now'])(
    'reads no date in %j',
    (text) => {
      expect(isoDate(text)).toBeUndefined();
    },
  );
});

describe('cleanName', () => {
  it('takes introductions and addresses off and refuses what is no name', () => {
    expect(
      ['By Ada Quay', 'Von Anna Weber | 4.3.2021', 'Text: Jo Ito', 'Ada Quay @adaq', '取材・文：山田太郎'].map(
        cleanName,
      ),
    ).toEqual([...['Ada Quay', 'Anna Weber', 'Jo Ito', 'Ada Quay', '山田太郎']]);
    expect(['admin', 'https://x.example/a', 'a@b.example', '', 'Call 0123456', 'By'].map(cleanName)).toEqual([
      '',
      '',
      '',
      '',
      '',
      '',
    ]);
  });
});

describe('metadata of a page', () => {
  it('prefers JSON-LD, then meta elements, then what the page shows', () => {
    const article = {
      '@type': 'NewsArticle',
      headline: 'The new pier',
      author: { '@type': 'Person', name: 'Ada Quay' },
      datePublished: '2025-05-05',
    };
    const meta = '<meta name="author" content="Bo Meta"><meta property="article:published_time" content="2024-01-01">';
    const shown =
      '<h1>The new pier</h1><p class="byline">By Cy Shown</p><time datetime="2023-01-01">1 Jan</time><p>Text.</p>';
    expect(page(linked(article) + meta, shown)).toMatchObject({ author: 'Ada Quay', publishedAt: '2025-05-05' });
    expect(page(meta, shown)).toMatchObject({ author: 'Bo Meta', publishedAt: '2024-01-01' });
    expect(page('', shown)).toMatchObject({ author: 'Cy Shown', publishedAt: '2023-01-01' });
  });

  it('takes the heading that the title repeats, without the name of the site', () => {
    expect(page('<title>The new pier | Northhaven Post</title>').title).toBe('The new pier');
    expect(
      page(
        '<title>The new pier opens at last - Northhaven Post</title>',
        '<h1>Northhaven Post</h1><h2>The new pier opens at last</h2>',
      ).title,
    ).toBe('The new pier opens at last');
    expect(
      page('<title>A pier for everyone - Post</title><meta property="og:site_name" content="Post">', '<p>x</p>').title,
    ).toBe('A pier for everyone');
  });

  it('finds authors behind references and lists several', () => {
    const graph = {
      '@graph': [
        { '@type': 'Article', headline: 'x', author: [{ '@id': '#a' }, { name: 'Bo Two' }] },
        { '@type': 'Person', '@id': '#a', name: 'Al One' },
      ],
    };
    expect(page(linked(graph)).author).toBe('Al One, Bo Two');
  });

  it('passes over broken JSON-LD and names of publishers', () => {
    expect(
      page(
        '<script type="application/ld+json">{"@type": </script><meta name="author" content="Post"><meta property="og:site_name" content="Post">',
      ),
    ).toMatchObject({
      author: '',
      siteName: 'Post',
    });
  });

  it('reads the language a page declares', () => {
    expect(extractMainContent('<html lang="pt-BR"><p>x</p></html>').language).toBe('pt-BR');
    expect(page('<meta property="og:locale" content="de_AT">').language).toBe('de-AT');
  });
});

describe('what a hostile page says about itself', () => {
  const long = 200_000;

  it.each(['a', '.', ',', '@', '-', '|', ' - ', '•', 'a@', ' http://x'])(
    'is read in linear time: runs of %j',
    (unit) => {
      const run = unit.repeat(long / unit.length);
      expect(cleanName(`Ann Lee | ${run}x`)).toBe('Ann Lee');
      expect(cleanName(`x${run}x ${run}`).length).toBeLessThanOrEqual(120);
      expect(isoDate(`${run}x`)).toBeUndefined();
      expect(page(`<title>Tea ${run}x | Site</title><meta property="og:site_name" content="Site">`).title).toMatch(
        /^Tea/,
      );
      expect(page('', `<p>Tea x${run}x grows.</p><h1>Tea</h1>`).author).toBe('');
    },
  );

  it('is read in linear time: line breaks inside a paragraph', () => {
    expect(page('', `<p>Tea grows on hills,${'<br>'.repeat(long)}is dried and shipped.</p>`).html).toContain(
      '<br>is dried',
    );
  });

  it('keeps a date and an address behind such a run', () => {
    expect(isoDate(`${'a'.repeat(long)}March 4, 2021`)).toBeUndefined();
    expect(isoDate(`${'a'.repeat(long)}. March 4, 2021`)).toBe('2021-03-04');
    expect(cleanName(`${'x'.repeat(long)}@example.org Ann Lee`)).toBe('Ann Lee');
  });

  it('may hold lists of authors in one another without end', () => {
    const lists = `${'['.repeat(100_000)}"Ann Lee"${']'.repeat(100_000)}`;
    const article = (author: string) =>
      `<script type="application/ld+json">{"@type":"NewsArticle","headline":"Tea","author":${author}}</script>`;
    expect(page(article(lists)).author).toBe('');
    expect(page(article('[["Ann Lee"], [{ "name": "Bo Chan" }]]')).author).toBe('Ann Lee, Bo Chan');
  });
});
