import { jsonLine } from './json-lines.mjs';
import { page } from './pages.mjs';

const modernTemplate = 0;
const microdataTemplate = 3;
const nestedElements = 5000;

/** Bytes that are not UTF-8: a lone continuation, overlong, truncated and surrogate forms, and the two bytes it never uses. */
const brokenBytes = Buffer.from([0x80, 0xc0, 0xaf, 0xe3, 0x81, 0x20, 0xed, 0xa0, 0x80, 0xfe, 0xff, 0xc3, 0x28]);

/** The files of `hostile/` that carry one good article each, by name. */
const makers = {
  'hostile/lines.jsonl': lines,
  'hostile/deep-nesting.html': deepNesting,
  'hostile/script-handlers.html': scriptHandlers,
  'hostile/invalid-utf8.html': invalidUtf8,
};

/** The folder `hostile/`: input that must be refused or cleaned without losing the good article beside it. */
export function hostile(articles, everything) {
  const files = articles.map((article) => {
    const make = makers[article.place];
    if (make === undefined) throw new Error(`No hostile file is called ${article.place}.`);
    return { file: article.place, article, bytes: make(article, everything) };
  });
  return [...files, { file: 'hostile/not-a-feed.xml', article: null, bytes: Buffer.from(inventory) }];
}

function lines(article) {
  const withoutText = {
    id: 'n-no-text',
    url: 'https://meridian-wire.example/article/no-text',
    title: 'A headline without a story',
  };
  const withNul = {
    id: 'n-nul',
    url: 'https://meridian-wire.example/article/nul-byte',
    title: 'A story with a hole in it',
    text: 'The ferry left at nine.\u0000 It came back at noon with the same passengers, who said that they had liked the view.',
    published_at: '2026-03-04T09:00:00Z',
    source: 'Meridian Wire',
  };
  const unreadable =
    '{"id":"n-torn","url":"https://meridian-wire.example/article/torn-line","title":"A line torn in the mid';
  return Buffer.from(
    `${unreadable}\n${JSON.stringify(withoutText)}\n${JSON.stringify(withNul)}\n${jsonLine(article, 0)}\n`,
  );
}

function deepNesting(article, everything) {
  const html = page(article, everything, modernTemplate);
  const open = '<div>'.repeat(nestedElements);
  const close = '</div>'.repeat(nestedElements);
  return Buffer.from(html.replace('<main>', () => `${open}\n<main>`).replace('</main>', () => `</main>\n${close}`));
}

function scriptHandlers(article, everything) {
  const html = page(article, everything, microdataTemplate);
  const attacks = [
    '<script>alert(1)</script><img src="x" onerror="alert(1)" alt="">',
    '<svg onload="alert(1)"></svg><a href="javascript:alert(1)" onclick="alert(1)">▶</a>',
    '<iframe srcdoc="&lt;script&gt;alert(1)&lt;/script&gt;"></iframe><img src=x onerror=alert(1)//>',
  ];
  let next = 0;
  const body = /(<div itemprop="articleBody">)([\s\S]*?)(<\/div>)/;
  return Buffer.from(
    html.replace(
      body,
      (_, open, text, close) => open + text.replace(/<\/p>/g, () => `</p>\n${attacks[next++ % 3]}`) + close,
    ),
  );
}

function invalidUtf8(article, everything) {
  const html = page(article, everything, modernTemplate);
  const start = html.indexOf('<main>');
  const end = html.indexOf('</main>');
  const parts = [html.slice(0, start), html.slice(start, end), html.slice(end)].map((part) => Buffer.from(part));
  return Buffer.concat([parts[0], brokenBytes, parts[1], brokenBytes, parts[2]]);
}

const inventory = `<?xml version="1.0" encoding="UTF-8"?>
<inventory warehouse="Quay Nine" counted="2026-03-02">
  <item sku="CU-CATHODE"><title>Copper cathode</title><quantity unit="tonne">2500</quantity></item>
  <item sku="STONE-PAINTED"><title>Paving stone, painted</title><quantity unit="tonne">19000</quantity></item>
</inventory>
`;
