import { cdata, escapeMarkup, escapeNumeric, localIso, paragraphs, rfc822, teaser } from './markup.mjs';

const home = 'https://newsstand.example/';

/** RSS 2.0, newest first; items take turns between the four ways in which sites put the full text into a feed. */
export function rss2(articles) {
  const items = newestFirst(articles).map((article, i) => rss2Item(article, i % 4));
  return `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/">
<channel>
<title>Newsstand &amp; Co. – all papers</title>
<link>${home}</link>
<atom:link href="${home}rss2.xml" rel="self" type="application/rss+xml"/>
<description>What the papers write, in the order in which they write it.</description>
<language>mul</language>
<lastBuildDate>Sun, 08 Mar 2026 23:00:00 GMT</lastBuildDate>
<ttl>30</ttl>
${items.join('\n')}
</channel>
</rss>
`;
}

function rss2Item(article, variant) {
  const text = paragraphs(article.body);
  const appeared = article.language === 'ja' ? '全文は元の記事で' : 'The full story appeared in';
  const credit = `<p>${appeared} <a href="${article.url}?utm_source=rss">${escapeMarkup(article.outlet.name)}</a></p>`;
  const picture = `<figure><img src="${article.url}/lead.jpg" alt=""/><figcaption>Photo: ${escapeMarkup(article.outlet.name)}</figcaption></figure>`;
  const pixel = '<img src="https://pixel.adhub.example/o.gif" width="1" height="1" alt=""/>';
  const summary = `<description>${escapeMarkup(teaser(article, 90))}</description>`;
  const content = [
    `${summary}\n<content:encoded>${cdata(`${text}\n${credit}`)}</content:encoded>`,
    `${summary}\n<content:encoded>${escapeMarkup(text)}</content:encoded>`,
    `<description>${cdata(paragraphs(article.body, escapeNumeric))}</description>`,
    `${summary}\n<content:encoded>${cdata(`${picture}\n${text}\n${pixel}`)}</content:encoded>\n<media:thumbnail url="${article.url}/thumb.jpg"/>`,
  ][variant];
  const title = variant === 1 ? cdata(article.title) : escapeNumeric(article.title);
  const guid =
    variant === 1
      ? `<guid isPermaLink="false">tag:${new URL(article.url).host},2026:${new URL(article.url).pathname}</guid>`
      : `<guid isPermaLink="true">${article.url}</guid>`;
  return `<item>
<title>${title}</title>
<link>${article.url}</link>
${guid}
<pubDate>${rfc822(article)}</pubDate>
${article.author === undefined ? '' : `<dc:creator>${cdata(article.author)}</dc:creator>\n`}<source url="${new URL('/rss', article.url)}">${escapeMarkup(article.outlet.name)}</source>
${content}
</item>`;
}

/** RSS 1.0 (RDF), newest first, full text in `content:encoded`. */
export function rss1(articles) {
  const sorted = newestFirst(articles);
  const list = sorted.map((article) => `<rdf:li rdf:resource="${article.url}"/>`);
  const items = sorted.map(
    (article) => `<item rdf:about="${article.url}">
<title>${escapeMarkup(article.title)}</title>
<link>${article.url}</link>
<description>${escapeMarkup(teaser(article, 80))}</description>
<content:encoded>${cdata(paragraphs(article.body))}</content:encoded>
<dc:date>${localIso(article)}</dc:date>
<dc:language>${article.language}</dc:language>
<dc:publisher>${escapeMarkup(article.outlet.name)}</dc:publisher>${article.author === undefined ? '' : `\n<dc:creator>${escapeMarkup(article.author)}</dc:creator>`}
</item>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel rdf:about="${home}rss1.rdf">
<title>Newsstand – late edition</title>
<link>${home}</link>
<description>The late edition of every paper.</description>
<items><rdf:Seq>
${list.join('\n')}
</rdf:Seq></items>
</channel>
${items.join('\n')}
</rdf:RDF>
`;
}

/** Atom, newest first; entries take turns between xhtml and escaped html content. */
export function atom(articles) {
  const entries = newestFirst(articles).map(atomEntry);
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<title type="text">Newsstand – reading room</title>
<id>tag:newsstand.example,2026:reading-room</id>
<link rel="self" href="${home}atom.xml"/>
<link rel="alternate" type="text/html" href="${home}"/>
<updated>2026-03-08T23:00:00Z</updated>
<author><name>Newsstand</name></author>
${entries.join('\n')}
</feed>
`;
}

function atomEntry(article, i) {
  const text = paragraphs(article.body);
  const content =
    i % 2 === 0
      ? `<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">\n${text}\n</div></content>`
      : `<content type="html">${escapeMarkup(`${text}\n<p><a href="${article.url}#comments">Comments</a> &middot; <a href="${article.url}#share">Share</a></p>`)}</content>`;
  const host = new URL(article.url).host;
  const id = i % 3 === 0 ? `tag:${host},2026:${new URL(article.url).pathname}` : article.url;
  return `<entry xml:lang="${article.language}">
<title type="${i % 2 === 0 ? 'text' : 'html'}">${i % 2 === 0 ? escapeMarkup(article.title) : escapeMarkup(escapeMarkup(article.title))}</title>
<id>${escapeMarkup(id)}</id>
<link rel="replies" href="${article.url}#comments"/>
<link rel="alternate" type="text/html" href="${article.url}"/>
<published>${localIso(article)}</published>
<updated>${article.published}</updated>${article.author === undefined ? '' : `\n<author><name>${escapeMarkup(article.author)}</name></author>`}
<source><id>https://${host}/</id><title>${escapeMarkup(article.outlet.name)}</title><updated>${article.published}</updated></source>
<summary>${escapeMarkup(teaser(article, 100))}</summary>
${content}
</entry>`;
}

/** JSON Feed 1.1, newest first; every third item carries plain text instead of HTML. */
export function jsonFeed(articles) {
  const items = newestFirst(articles).map((article, i) => ({
    id: article.url,
    url: article.url,
    title: article.title,
    ...(i % 3 === 2 ? { content_text: article.body.join('\n\n') } : { content_html: paragraphs(article.body) }),
    summary: teaser(article, 80),
    date_published: localIso(article),
    language: article.language,
    authors: [{ name: article.author ?? article.outlet.name, url: new URL('/', article.url).href }],
  }));
  const feed = {
    version: 'https://jsonfeed.org/version/1.1',
    title: 'Newsstand – pocket edition',
    home_page_url: home,
    feed_url: `${home}feed.json`,
    items,
  };
  return `${JSON.stringify(feed, null, 2)}\n`;
}

const newestFirst = (articles) => [...articles].reverse();
