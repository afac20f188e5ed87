import { escapeMarkup as e, localIso, paragraphs, printedTime, teaser } from './markup.mjs';

/** @typedef page - `{ article, words, related }`: an article, the boilerplate of its language, four other articles. */

const list = (texts, className = '') =>
  `<ul${className && ` class="${className}"`}>\n${texts.map((text) => `<li><a href="#">${e(text)}</a></li>`).join('\n')}\n</ul>`;

const links = (related) => related.map((other) => `<li><a href="${other.url}">${e(other.title)}</a></li>`).join('\n');

const comments = (words) =>
  words.comments.map(([name, text]) => `<div class="comment"><b>${e(name)}</b><p>${e(text)}</p></div>`).join('\n');

const byline = ({ article, words }) => (article.author === undefined ? '' : `${e(words.by)} ${e(article.author)}`);

const cookies = (words) =>
  `<div id="consent" role="dialog"><p>${e(words.cookies)}</p><button>${e(words.accept)}</button> <button>${e(words.manage)}</button></div>`;

const tracker = `<script>(function(){var q=window._q=window._q||[];q.push(['track','pageview']);var s=document.createElement('script');s.src='https://stats.adhub.example/t.js';document.head.appendChild(s);})();</script>`;

const openGraph = (article) => `<meta property="og:type" content="article">
<meta property="og:title" content="${e(article.title)}">
<meta property="og:url" content="${article.url}">
<meta property="og:site_name" content="${e(article.outlet.name)}">
<meta property="og:description" content="${e(teaser(article, 70))}">
<meta property="article:published_time" content="${localIso(article)}">`;

const structured = (value) =>
  `<script type="application/ld+json">\n${JSON.stringify(value, null, 1).replaceAll('<', '\\u003c')}\n</script>`;

const newsArticle = (article) => ({
  '@type': 'NewsArticle',
  headline: article.title,
  datePublished: localIso(article),
  mainEntityOfPage: article.url,
  inLanguage: article.language,
  ...(article.author === undefined ? {} : { author: { '@type': 'Person', name: article.author } }),
  publisher: { '@type': 'NewsMediaOrganization', name: article.outlet.name },
});

const head = (article, extra) => `<!DOCTYPE html>
<html lang="${article.language}">
<head>
<meta charset="${article.charset}">
<title>${e(article.title)} | ${e(article.outlet.name)}</title>
<link rel="canonical" href="${article.url}">
${extra}
</head>`;

/** Semantic markup with JSON-LD and OpenGraph, the body cut by an advertisement and a newsletter box. */
function modern(page) {
  const { article, words, related } = page;
  const [first, ...rest] = article.body;
  return `${head(article, `${openGraph(article)}\n${structured({ '@context': 'https://schema.org', ...newsArticle(article) })}\n${tracker}`)}
<body>
${cookies(words)}
<header><a href="/">${e(article.outlet.name)}</a><nav>${list(words.nav)}</nav><form><input placeholder="${e(words.search)}"></form></header>
<main>
<article>
<h1>${e(article.title)}</h1>
<div class="meta">${byline(page)} <time datetime="${localIso(article)}">${printedTime(article)}</time> <span>${e(words.reading)}</span></div>
${list(words.share, 'share-buttons')}
<figure><img src="/img/lead.jpg" alt=""><figcaption>${e(words.caption)}</figcaption></figure>
<p>${e(first)}</p>
<aside class="ad"><small>${e(words.ad)}</small><p>${e(words.adTexts[0])}</p></aside>
${paragraphs(rest)}
<aside class="newsletter"><p>${e(words.newsletter)}</p><input type="email"></aside>
</article>
<section class="related"><h2>${e(words.related)}</h2><ul>
${links(related)}
</ul></section>
<section id="comments"><h2>${e(words.commentsHeading)}</h2>
${comments(words)}
</section>
</main>
<footer>${list(words.footer)}<p>© 2026 ${e(article.outlet.name)}. ${e(words.legal)}</p></footer>
</body>
</html>
`;
}

/** Nothing but `div`s with meaningless class names; metadata in OpenGraph only. */
function divSoup(page) {
  const { article, words, related } = page;
  const [first, ...rest] = article.body.map((text) => `<div class="x9 k2">${e(text)}</div>`);
  return `${head(article, openGraph(article))}
<body class="t4">
<div class="a1"><div class="a2">${e(article.outlet.name)}</div>${words.nav.map((text) => `<div class="a3"><a href="#">${e(text)}</a></div>`).join('')}</div>
<div class="b1">
<div class="b2"><div class="h7">${e(article.title)}</div><div class="h8">${byline(page)} ${printedTime(article)}</div></div>
<div class="b3">
${first}
<div class="z1"><div>${e(words.ad)}</div><div>${e(words.adTexts[1])}</div></div>
${rest.join('\n')}
</div>
<div class="b4">${words.share.map((text) => `<div class="a3"><a href="#">${e(text)}</a></div>`).join('')}</div>
<div class="b5"><div>${e(words.mostRead)}</div><ul>
${links(related)}
</ul></div>
</div>
<div class="f1">${words.footer.map((text) => `<span><a href="#">${e(text)}</a></span>`).join(' ')}<div>${e(words.legal)}</div></div>
<div class="overlay">${e(words.cookies)} <a href="#">${e(words.accept)}</a></div>
${tracker}
</body>
</html>
`;
}

/** A page as written in 1999: layout tables, upper-case tags, line breaks instead of paragraphs, unclosed elements. */
function tables({ article, words, related }) {
  return `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">
<HTML lang="${article.language}">
<HEAD>
<META http-equiv="Content-Type" content="text/html; charset=${article.charset}">
<TITLE>${e(article.outlet.name)}: ${e(article.title)}</TITLE>
<LINK rel="canonical" href="${article.url}">
<META name="description" content="${e(teaser(article, 60))}">
</HEAD>
<BODY bgcolor="#FFFFFF">
<TABLE width="760" border="0" cellpadding="4">
<TR><TD colspan="3"><B>${e(article.outlet.name)}</B><BR>
${words.nav.map((text) => `<A href="#">${e(text)}</A>`).join(' | ')}
<TR valign="top">
<TD width="140" bgcolor="#EEEEEE"><FONT size="-1">${e(words.mostRead)}<UL>
${links(related)}
</UL></FONT>
<TD width="480"><H2>${e(article.title)}</H2>
<FONT size="-1">${printedTime(article)}</FONT><HR>
${article.body.map(e).join('<BR><BR>\n')}
<HR><A href="#">${e(words.share[3])}</A>
<TD width="140"><CENTER><FONT size="-2">${e(words.ad)}</FONT><BR>${e(words.adTexts[0])}<BR><BR>${e(words.adTexts[1])}</CENTER>
<TR><TD colspan="3" align="center"><FONT size="-2">${words.footer.map(e).join(' | ')}<BR>${e(words.legal)}</FONT>
</TABLE>
</BODY>
</HTML>
`;
}

/** Microdata instead of JSON-LD, and more text in the comments than in the article. */
function microdata(page) {
  const { article, words, related } = page;
  return `${head(article, '<meta name="viewport" content="width=device-width">')}
<body>
<nav>${list(words.nav)}</nav>
<div itemscope itemtype="https://schema.org/NewsArticle">
<h1 itemprop="headline">${e(article.title)}</h1>
<p class="dateline"><span itemprop="author">${byline(page)}</span> <time itemprop="datePublished" datetime="${localIso(article)}">${printedTime(article)}</time></p>
<div itemprop="articleBody">
${paragraphs(article.body)}
</div>
</div>
${list(words.share)}
<div class="promo"><p>${e(words.subscribe)}</p></div>
<div class="thread"><h3>${e(words.commentsHeading)}</h3>
${comments(words)}
${comments(words).replaceAll('class="comment"', 'class="comment reply"')}
</div>
<div class="more"><h3>${e(words.related)}</h3><ul>
${links(related)}
</ul></div>
<footer><p>${e(words.legal)}</p>${list(words.footer)}</footer>
${cookies(words)}
</body>
</html>
`;
}

/** A JSON-LD graph and cards with the first lines of other articles before and after the body. */
function cards(page) {
  const { article, words, related } = page;
  const card = (other) =>
    `<section class="card"><h3><a href="${other.url}">${e(other.title)}</a></h3><p>${e(teaser(other, 110))}</p></section>`;
  const crumbs = {
    '@type': 'BreadcrumbList',
    itemListElement: [{ '@type': 'ListItem', position: 1, name: words.nav[1] }],
  };
  const graph = {
    '@context': 'https://schema.org',
    '@graph': [{ '@type': 'WebPage', url: article.url }, crumbs, newsArticle(article)],
  };
  return `${head(article, structured(graph))}
<body>
<div class="topbar">${e(words.subscribe)}</div>
<header>${e(article.outlet.name)} ${list(words.nav, 'menu')}</header>
<div class="teasers">
${related.slice(0, 2).map(card).join('\n')}
</div>
<main id="content">
<h1>${e(article.title)}</h1>
<p class="info">${byline(page)} | ${printedTime(article)}</p>
<div class="story-body">
${paragraphs(article.body)}
</div>
<div class="social">${words.share.map((text) => `<button>${e(text)}</button>`).join('')}</div>
</main>
<div class="teasers">
${related.slice(2).map(card).join('\n')}
</div>
<div class="sponsored"><small>${e(words.ad)}</small> ${words.adTexts.map((text) => `<p>${e(text)}</p>`).join('')}</div>
<footer>${list(words.footer)}<p>${e(words.legal)}</p></footer>
${cookies(words)}${tracker}
</body>
</html>
`;
}

export const templates = [modern, divSoup, tables, microdata, cards];
