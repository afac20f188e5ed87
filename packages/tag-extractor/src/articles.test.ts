import { readFileSync } from 'node:fs';
import { createHashingEmbedder } from '@matome/primitives/embedding';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTagExtractor, tagKey } from './index.js';

interface Article {
  readonly title: string;
  readonly text: string;
}
const path = new URL('../../../examples/newsroom/sample/articles.jsonl', import.meta.url);
const articles = readFileSync(path, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Article);

describe('createTagExtractor on articles', () => {
  it('never gives two variants of one name, and offsets that hold', async () => {
    const extractors = [
      createTagExtractor({ now: () => 0 }),
      createTagExtractor({
        embedder: createHashingEmbedder(),
        selection: 'mmr',
        topN: 15,
        minConfidence: 0,
        now: () => 0,
      }),
    ];
    const article = fc.constantFrom(...articles);
    await fc.assert(
      fc.asyncProperty(article, article, fc.constantFrom(...extractors), async (a, b, extractor) => {
        // Two articles run together: more variants of the same names in one text.
        const { tags, sanitized } = await extractor.extract({ title: a.title, body: `${a.text}\n${b.text}` });
        const keys = tags.flatMap((tag) => [tag.name, ...tag.aliases]).map(tagKey);
        expect(new Set(keys).size).toBe(keys.length);
        for (const { name, offsets } of tags) {
          const surfaces = offsets.map(({ field, start, end }) => sanitized[field].slice(start, end));
          expect(surfaces).toContain(name);
        }
      }),
      { numRuns: 60 },
    );
  });
  it('gives Japanese headlines a tag of theirs', async () => {
    const extractor = createTagExtractor();
    const japanese = articles.filter(({ title }) => /[\u3040-\u30ff]/.test(title));
    let covered = 0;
    for (const { title, text } of japanese) {
      const { tags } = await extractor.extract({ title, body: text });
      if (tags.some(({ offsets }) => offsets.some(({ field }) => field === 'title'))) covered++;
    }
    expect(japanese.length).toBeGreaterThan(5);
    expect(covered / japanese.length).toBeGreaterThanOrEqual(0.85);
  });
  it('has a defined outcome within a second for hostile texts', async () => {
    const extractor = createTagExtractor();
    await extractor.extract({ title: '', body: '日本語の暖機運転です。' });
    await extractor.extract({ title: '', body: 'An English text to warm up the tagger.' });
    const english = articles.find(({ title }) => /^[\x20-\x7e]+$/.test(title))!;
    const numbered = (i: number) => {
      const from = (i * 37) % 300;
      return `In Town${i} Mayor Smith${i} said: ${english.text.slice(from, from + 60)}. `;
    };
    const cases: Record<string, string> = {
      long: Array.from({ length: 1200 }, (_, i) => numbered(i))
        .join('')
        .slice(0, 100_000),
      html: '<div><p>let x = 1;</p><pre>for (;;) { run(); }</pre></div>'.repeat(2000).slice(0, 117_000),
      emoji: '🎉🥳🎈'.repeat(2000),
      rightToLeft: 'أعلن البنك المركزي رفع سعر الفائدة الرئيسي اليوم بعد ارتفاع أسعار الغذاء في جميع المدن.',
      repetition: 'buy now '.repeat(10_000),
      katakana: 'アイウエオカキクケコ'.repeat(1000),
      zalgo: `Z${'\u0301'.repeat(5000)}algo text that goes on for a while`,
    };
    const statuses: Record<string, string> = {};
    for (const [name, body] of Object.entries(cases)) {
      const { status, inferenceMs } = await extractor.extract({ title: 'Case', body });
      statuses[name] = status;
      // A second on an idle machine; tests share theirs.
      expect([name, inferenceMs < 5000]).toEqual([name, true]);
    }
    expect(statuses).toMatchObject({
      long: 'extracted',
      emoji: 'rejected',
      repetition: 'rejected',
      katakana: 'rejected',
      rightToLeft: 'extracted',
    });
  });
});
