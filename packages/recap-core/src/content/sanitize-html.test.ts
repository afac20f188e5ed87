import fc from 'fast-check';
import { Parser } from 'htmlparser2';
import { parseHTML } from 'linkedom';
import sanitizeWithLibrary from 'sanitize-html';
import { describe, expect, it } from 'vitest';
import { safeElements } from './safe-markup.js';
import { sanitizeHtml } from './sanitize-html.js';

/** Everything dangerous that two independent parsers find in a piece of HTML. */
function escapes(html: string): string[] {
  const found: string[] = [];
  const check = (tag: string, attributes: Iterable<readonly [string, string]>) => {
    if (!safeElements.has(tag)) found.push(tag);
    for (const [name, value] of attributes) {
      if (/^on|^style$|^srcdoc$|^formaction$|^id$|^name$/i.test(name)) found.push(`${tag} ${name}`);
      const bare = value
        .replace(/[\u0000-\u0020\u007f-\u00a0\u00ad\u200b-\u200f\u2028\u2029\ufeff]/g, '')
        .toLowerCase();
      if (/^(?:href|src|cite)$/.test(name) && /^(?:javascript|vbscript|data|file|blob):/.test(bare))
        found.push(`${tag} ${value}`);
    }
  };
  const parser = new Parser({ onopentag: (tag, attributes) => check(tag, Object.entries(attributes)) });
  parser.end(html);
  const { document } = parseHTML(`<html><body>${html}</body></html>`);
  for (const element of document.querySelectorAll('body *')) {
    check(
      element.localName,
      [...element.attributes].map((a) => [a.name, a.value] as const),
    );
  }
  return found;
}

const fragments = fc.constantFrom(
  ...[
    '<p>',
    '</p>',
    '<div>',
    '</div>',
    '<table>',
    '<tr>',
    '<td>',
    '</table>',
    '<a href="',
    '">',
    "'",
    '"',
    '<script>',
    '</script>',
  ],
  ...[
    '<svg>',
    '</svg>',
    '<style>',
    '</style>',
    '<math>',
    '<mtext>',
    '<img src=x onerror=alert(1)>',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
  ],
  ...[
    'javascript:alert(1)',
    'java\nscript:x',
    '&#106;avascript:',
    '&lt;script&gt;',
    '&amp;',
    '\u0000',
    '<title>',
    '</title>',
  ],
  ...[
    '<noscript>',
    '</noscript>',
    '<textarea>',
    '</textarea>',
    '<select>',
    '<option>',
    '<li>',
    '<ul>',
    '<b>',
    '</i>',
    '<i>',
    ' text ',
  ],
  ...[
    '<template>',
    '</template>',
    '<plaintext>',
    '<xmp>',
    '<pre>\n\n',
    '</pre>',
    '<br>',
    '</br>',
    '<a ',
    'href=javascript:x ',
    '>',
    '<',
  ],
);
const markup = fc.array(fc.oneof({ weight: 4, arbitrary: fragments }, fc.string({ maxLength: 6 })), { maxLength: 40 });

describe('sanitizeHtml', () => {
  it('keeps text, structure and harmless links', () => {
    const html =
      '<h2>Tea</h2><p>A <b>cup</b> of <a href="/tea" title="more">tea</a>.</p><ul><li>green</li><li>black</li></ul>';
    expect(sanitizeHtml(html)).toBe(html);
  });

  it('drops scripts, styles, frames, handlers and addresses that run code', () => {
    const html = `<p style="x" onclick="a()">a<script>b()</script><style>c</style><iframe src="d"></iframe>
      <a href="JaVa&#10;Script:e()">f</a><img src="data:image/svg+xml,x" alt="g"><svg><a href="javascript:h">i</a></svg></p>`;
    expect(sanitizeHtml(html)).toBe('<p>a <a>f</a></p>');
  });

  it('takes away unknown elements and keeps their text apart', () => {
    expect(sanitizeHtml('<x-card><p>one</p></x-card><center>two</center><center>three</center>')).toBe(
      '<p>one</p> two three',
    );
  });

  it('makes relative addresses absolute with the base it is given', () => {
    expect(sanitizeHtml('<a href="b?c=1&amp;d">x</a>', { baseUrl: 'https://a.example/f/' })).toBe(
      '<a href="https://a.example/f/b?c=1&amp;d">x</a>',
    );
  });

  it('narrows the allow-list but never widens it', () => {
    expect(sanitizeHtml('<p><b>x</b></p>', { elements: ['p'] })).toBe('<p>x</p>');
    expect(() => sanitizeHtml('', { elements: ['script'] })).toThrow('Got "script".');
  });

  it('never lets code through, whatever the markup', () => {
    fc.assert(
      fc.property(markup, (parts) => {
        expect(escapes(sanitizeHtml(parts.join('')))).toEqual([]);
      }),
      { numRuns: 400, seed: 7 },
    );
  });

  it('leaves nothing that sanitize-html with the same allow-list would take away', () => {
    const attributes = [
      'href',
      'title',
      'src',
      'alt',
      'cite',
      'datetime',
      'lang',
      'dir',
      'colspan',
      'rowspan',
      'scope',
      'hreflang',
    ];
    const library = (html: string) =>
      sanitizeWithLibrary(html, { allowedTags: [...safeElements], allowedAttributes: { '*': attributes } });
    fc.assert(
      fc.property(markup, (parts) => {
        const clean = sanitizeHtml(parts.join(''));
        expect(sanitizeHtml(library(clean))).toBe(clean);
      }),
      { numRuns: 300, seed: 13 },
    );
  });

  it('changes nothing the second time, whatever the markup', () => {
    fc.assert(
      fc.property(markup, (parts) => {
        const once = sanitizeHtml(parts.join(''));
        expect(sanitizeHtml(once)).toBe(once);
      }),
      { numRuns: 1500, seed: 11 },
    );
  });
});
