import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attribute, type PageElement, parsePage } from './page-tree.js';
import { textBlocks } from './text-blocks.js';

/** The tree as nested names and texts. */
function outline(element: PageElement): unknown[] {
  return element.children.map((child) => (typeof child === 'string' ? child : { [child.tag]: outline(child) }));
}

const parse = (html: string) => outline(parsePage(html).root);
const blocksOf = (html: string) => textBlocks(parsePage(html)).blocks;

describe('parsePage', () => {
  it('ends paragraphs, items, cells and rows that nobody closed', () => {
    expect(parse('<p>a<p>b<div>c</div>')).toEqual([{ p: ['a'] }, { p: ['b'] }, { div: ['c'] }]);
    expect(parse('<ul><li>a<li>b<ul><li>c</ul></ul>')).toEqual([
      { ul: [{ li: ['a'] }, { li: ['b', { ul: [{ li: ['c'] }] }] }] },
    ]);
    expect(parse('<table><tr><td>a<td>b<tr><td>c</table>')).toEqual([
      { table: [{ tr: [{ td: ['a'] }, { td: ['b'] }] }, { tr: [{ td: ['c'] }] }] },
    ]);
  });

  it('ignores end tags without a start and lets none reach out of its cell', () => {
    expect(parse('</div>a</p><b>b</i></b>')).toEqual(['a', { b: ['b'] }]);
    expect(parse('<div><table><tr><td>a</div>b</td></tr></table>c</div>')).toEqual([
      { div: [{ table: [{ tr: [{ td: ['a', 'b'] }] }] }, 'c'] },
    ]);
  });

  it('decodes entities in text and attributes and keeps scripts as they are', () => {
    const { root } = parsePage('<a title="&lt;&amp;" href=x>&eacute;&#x3042;</a><script>a<b&amp;</script>');
    const [link, script] = root.children as PageElement[];
    expect([attribute(link!, 'title'), attribute(link!, 'href'), link!.children]).toEqual(['<&', 'x', ['éあ']]);
    expect(script!.children).toEqual(['a<b&amp;']);
  });

  it('keeps the first of two attributes with one name', () => {
    const [element] = parsePage('<p id=a ID=b>').root.children as PageElement[];
    expect(element!.attributes).toEqual(['id', 'a']);
  });

  it('ends foreign content where an element of the page begins', () => {
    expect(parse('<svg><g>x<p>y')).toEqual([{ svg: [{ g: ['x'] }] }, { p: ['y'] }]);
    expect(parse('<svg><title>a<b>c</b></title></svg>d')).toEqual([
      ...[{ svg: [{ title: ['a', { b: ['c'] }] }] }, 'd'],
    ]);
  });

  it('drops elements below its depth and keeps their text in place', () => {
    const { root, truncated } = parsePage(`${'<div>'.repeat(50)}deep${'</div>'.repeat(50)}<p>after</p>`, {
      maxDepth: 10,
    });
    expect(truncated).toBe(true);
    expect(JSON.stringify(outline(root)).match(/div/g)).toHaveLength(10);
    expect(textBlocks({ root, elements: 100, truncated }).blocks.map((block) => block.text)).toEqual(['deep', 'after']);
  });

  it('says when the page is longer than it may be', () => {
    expect(parsePage('<p>abcdef', { maxLength: 5 })).toMatchObject({ truncated: true });
    expect(parsePage('<p>ab', { maxLength: 5 })).toMatchObject({ truncated: false });
  });

  it('reads 20,000 nested elements and a million unclosed tags without trouble', () => {
    for (const html of [
      '<div>'.repeat(20_000),
      '<b><p>'.repeat(200_000),
      '<a href="'.repeat(200_000),
      '</x>'.repeat(300_000),
    ]) {
      expect(() => parsePage(html)).not.toThrow();
    }
  });

  it('never loses or invents text outside of tags', () => {
    const word = fc.constantFrom(
      '<p>',
      '</p>',
      '<div>',
      '</div>',
      '<b>',
      '</b>',
      '<td>',
      '<table>',
      '</table>',
      'x',
      'y ',
      '<br>',
      '<li>',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), (parts) => {
        const text = (element: PageElement): string =>
          element.children.map((child) => (typeof child === 'string' ? child : text(child))).join('');
        const expected = parts.filter((part) => !part.startsWith('<')).join('');
        expect(text(parsePage(parts.join('')).root)).toBe(expected);
      }),
      { numRuns: 300, seed: 1 },
    );
  });
});

describe('textBlocks', () => {
  it('cuts at block elements and at two line breaks, not at inline elements', () => {
    const html = 'a <b>b</b><i>c</i><p>d</p>e<br>f<br><br>g';
    expect(blocksOf(html).map((block) => block.text)).toEqual(['a bc', 'd', 'e\nf', 'g']);
  });

  it('counts links and what stands in them', () => {
    const [block] = blocksOf('<p>one <a href="/x">two three</a> <a name="y">four</a></p>');
    expect([block!.text, block!.linked, block!.links]).toEqual(['one two three four', 9, 1]);
  });

  it('leaves out what no reader sees', () => {
    expect(
      blocksOf(
        '<script>a</script><style>b</style><noscript>c</noscript><template>d</template><p>漢<rt>かん</rt>字</p>',
      ).map((b) => b.text),
    ).toEqual(['漢字']);
  });

  it('numbers text nodes as the tree has them', () => {
    const { blocks, textNodes } = textBlocks(parsePage('<p>a<script>x</script></p> <p>b<b>c</b></p>'));
    expect(textNodes).toBe(5);
    expect(blocks.map(({ from, to }) => [from, to])).toEqual([
      [0, 1],
      [3, 5],
    ]);
  });
});
