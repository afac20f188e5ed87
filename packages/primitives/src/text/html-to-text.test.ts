import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { htmlToText } from './index.js';

describe('htmlToText', () => {
  it('keeps the words of neighbouring blocks apart', () => {
    expect(htmlToText('x<br>y<p>p1</p><p>p2</p>')).toBe('x\ny\n\np1\n\np2');
    expect(htmlToText('<div>a</div><div>b</div>')).toBe('a\nb');
    expect(htmlToText('<ul><li>one</li><li>two</li></ul>after')).toBe('one\ntwo\n\nafter');
  });
  it('joins inline elements without a space', () => {
    expect(htmlToText('<b>un</b>believ<i>able</i> <a href="x">link</a>.')).toBe('unbelievable link.');
  });
  it('collapses white space as a browser does, also across elements', () => {
    expect(htmlToText('  a \n <b> b</b>\t c&nbsp;d ')).toBe('a b c d');
  });
  it('decodes entities once', () => {
    expect(htmlToText('&amp;lt; &#x3042; &quot;q&quot; &copy;')).toBe('&lt; あ "q" ©');
  });
  it('leaves out scripts, styles, templates, comments and the title', () => {
    const html =
      '<html><head><title>T</title><style>p{}</style></head><body><script>if (a < b) "</p>"</script>' +
      '<!-- c --><template><p>t</p></template><noscript>n</noscript><svg><text>s</text></svg><p>seen</p></body></html>';
    expect(htmlToText(html)).toBe('seen');
  });
  it('shows the body when the head is never closed', () => {
    expect(htmlToText('<head><meta charset=utf-8><body>seen')).toBe('seen');
  });
  it('goes on after an empty self-closed svg', () => {
    expect(htmlToText('a<svg/>b')).toBe('ab');
  });
  it('keeps the lines and indentation of preformatted text', () => {
    expect(htmlToText('<pre>if x:\n  y</pre>z')).toBe('if x:\n  y\n\nz');
  });
  it('separates the cells of a row by tabs and rows by lines', () => {
    expect(htmlToText('<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>')).toBe('a\tb\n1\t2');
  });
  it('leaves out the elements it is told to', () => {
    expect(htmlToText('<nav><p>menu</p></nav>a<pre>x = 1</pre>b', { skipElements: ['nav', 'pre'] })).toBe('a\n\nb');
  });
  it('stops at maxLength', () => {
    expect(htmlToText('<p>abc</p>'.repeat(1000), { maxLength: 8 })).toBe('abc\n\nabc');
    expect(() => htmlToText('a', { maxLength: 0 })).toThrow('The maxLength option of htmlToText');
  });
  it('reads hostile markup in linear time', () => {
    for (const unit of ['<div>', '<', '&', '<!--', '<a b="', '</p>', '<svg>', '<pre>', '<b> </b>']) {
      const small = unit.repeat(1000);
      const large = unit.repeat(400_000);
      expect(() => htmlToText(small)).not.toThrow();
      const start = performance.now();
      htmlToText(large);
      // Quadratic work would take minutes.
      expect(performance.now() - start).toBeLessThan(4000);
    }
  });
  it('never throws and never leaves a tag of its input standing as markup', () => {
    const pieces = fc.constantFrom(
      '<p>',
      '</p>',
      '<b',
      '>',
      '"',
      "'",
      'a',
      ' ',
      '&lt',
      '&#0;',
      '<script>',
      '</script>',
      '<!--',
      '-->',
      '\u0000',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        const text = htmlToText(parts.join(''));
        expect(text).toBe(text.trim());
        expect(text).not.toContain('<p>');
      }),
    );
  });
});
